package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.TcpState;
import io.socketreaper.owner.Owner;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * A TCP {@link SocketChannel} of the JDK.
 *
 * <p>Every call that uses the descriptor holds the channel's {@code stateLock} and has seen the state CONNECTED under it:
 * the JDK frees a descriptor number only under that lock and only after leaving that state, so the number cannot belong
 * to somebody else. A read also holds {@code readLock}, which every reader holds for as long as it reads. The order is
 * the JDK's own, {@code readLock} before {@code stateLock}; nothing that blocks happens under either.
 */
final class NioSocket extends WeakReference<SocketChannel> implements SocketHandle {
    // poll(2) events of Linux
    private static final int POLLIN = 0x1;
    private static final int POLLERR = 0x8;
    private static final int POLLRDHUP = 0x2000;

    private final NioStack stack;
    private int descriptor = -1;
    private Endpoints endpoints;

    NioSocket(NioStack stack, SocketChannel channel) {
        super(channel);
        this.stack = stack;
    }

    /** Kept from the first sighting on: what is asked for later may have been forgotten by then. */
    private void identify(NioInternals nio, SocketChannel channel) {
        if (endpoints == null) {
            descriptor = (int) nio.fdVal.get(channel);
            synchronized (nio.stateLock.get(channel)) {
                endpoints = new Endpoints(inet(nio.localAddress.get(channel)), inet(nio.remoteAddress.get(channel)));
            }
        }
    }

    private static InetSocketAddress inet(Object address) {
        return address instanceof InetSocketAddress inet ? inet : null;
    }

    @Override
    public boolean is(Object socket) {
        return socket instanceof SocketChannel channel && refersTo(channel);
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public Endpoints endpoints() {
        return endpoints == null ? new Endpoints(null, null) : endpoints;
    }

    @Override
    public Sighting sight() {
        NioInternals nio = stack.internals();
        SocketChannel channel = get();
        // isOpen first: a blocking channel that lingers in close() holds stateLock all the while, but is no longer open.
        if (nio == null || channel == null || !channel.isOpen() || !nio.isNetSocket(channel)) {
            return Sighting.gone();
        }
        identify(nio, channel);
        var readLock = (ReentrantLock) nio.readLock.get(channel);
        return sight(nio, channel, readLock.isLocked());
    }

    private static Sighting sight(NioInternals nio, SocketChannel channel, boolean reading) {
        boolean readInterest = readInterest(nio.keys(channel));
        synchronized (nio.stateLock.get(channel)) {
            if (!connected(nio, channel)) {
                return Sighting.gone();
            }
            var fd = (FileDescriptor) nio.fd.get(channel);
            try {
                TcpState state = TcpState.of(nio.tcpState(fd));
                int unread = nio.available(fd);
                int events = nio.pollNow(fd, POLLIN | POLLRDHUP);
                // After shutdownInput the kernel sets RDHUP by itself; then only the state tells of the peer's FIN.
                boolean inputShut = (boolean) nio.inputClosed.get(channel);
                boolean end = state == TcpState.CLOSE || (events & POLLRDHUP) != 0 && !inputShut;
                return new Sighting(true, state, unread, end, (events & POLLERR) != 0, reading, readInterest);
            } catch (Throwable notTold) {
                return new Sighting(true, TcpState.UNKNOWN, 0, false, false, reading, readInterest);
            }
        }
    }

    private static boolean connected(NioInternals nio, SocketChannel channel) {
        // isOpen turns false before the state does
        return channel.isOpen() && (int) nio.state.get(channel) == NioInternals.CONNECTED;
    }

    private static boolean readInterest(SelectionKey[] keys) {
        for (SelectionKey key : keys) {
            try {
                if (key != null && (key.interestOps() & SelectionKey.OP_READ) != 0) {
                    return true;
                }
            } catch (CancelledKeyException noLonger) {
                // a cancelled key wants nothing
            }
        }
        return false;
    }

    @Override
    public Claim claim(Predicate<Sighting> leaked) {
        NioInternals nio = stack.internals();
        SocketChannel channel = get();
        if (nio == null || channel == null || !channel.isOpen()) {
            return null;
        }
        var readLock = (ReentrantLock) nio.readLock.get(channel);
        if (!readLock.tryLock()) {
            return null;
        }
        Sighting sighting;
        try {
            sighting = sight(nio, channel, readLock.hasQueuedThreads());
            if (!leaked.test(sighting) || !condemn(nio, channel)) {
                return null;
            }
        } finally {
            readLock.unlock();
        }
        return new NioClaim(nio, channel, sighting, Owner.of(nio.keys(channel)));
    }

    private static boolean condemn(NioInternals nio, SocketChannel channel) {
        synchronized (nio.stateLock.get(channel)) {
            if (!connected(nio, channel)) {
                return false;
            }
            // The JDK's own state, guarded by readLock: every later read throws "Connection reset".
            nio.connectionReset.set(channel, true);
            return true;
        }
    }

    private static final class NioClaim implements Claim {
        private final NioInternals nio;
        private final SocketChannel channel;
        private final Sighting sighting;
        private final Owner owner;

        NioClaim(NioInternals nio, SocketChannel channel, Sighting sighting, Owner owner) {
            this.nio = nio;
            this.channel = channel;
            this.sighting = sighting;
            this.owner = owner;
        }

        @Override
        public Sighting sighting() {
            return sighting;
        }

        /** Takes the locks for one read at a time, so that an application that reads meanwhile fails at once instead of waiting. */
        @Override
        public int read(ByteBuffer discarded) throws IOException {
            if (!channel.isOpen()) {
                return CLOSED_MEANWHILE;
            }
            var readLock = (ReentrantLock) nio.readLock.get(channel);
            if (!readLock.tryLock()) {
                return BUSY;
            }
            try {
                synchronized (nio.stateLock.get(channel)) {
                    if (!connected(nio, channel)) {
                        return CLOSED_MEANWHILE;
                    }
                    var fd = (FileDescriptor) nio.fd.get(channel);
                    // The channel may be in blocking mode; nobody else can take what poll has seen.
                    if (nio.pollNow(fd, POLLIN) == 0) {
                        return NOTHING_NOW;
                    }
                    int count = nio.read(fd, discarded);
                    return count == -2 || count == -3 ? NOTHING_NOW : count;
                }
            } catch (IOException reset) {
                throw reset;
            } catch (Throwable unexpected) {
                throw new IOException(unexpected);
            } finally {
                readLock.unlock();
            }
        }

        @Override
        public String owner() {
            return owner.name();
        }

        @Override
        public void close() throws IOException {
            try {
                // A lingering close would block this thread, an abortive one would reset the peer.
                channel.setOption(StandardSocketOptions.SO_LINGER, -1);
            } catch (IOException | RuntimeException closedMeanwhile) {
                // then nothing is left to linger
            }
            owner.close(channel, nio.keys(channel));
        }
    }
}
