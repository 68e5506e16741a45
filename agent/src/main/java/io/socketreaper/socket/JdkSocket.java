package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.TcpState;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * A TCP socket of the JDK, channel or classic.
 *
 * <p>Every call that uses the descriptor holds the socket's {@code stateLock} and has seen the state CONNECTED under it:
 * the JDK frees a descriptor number only under that lock and only after leaving that state, so the number cannot belong
 * to somebody else. A read also holds {@code readLock}, which every reader holds for as long as it reads. The order is
 * the JDK's own, {@code readLock} before {@code stateLock}; nothing that blocks happens under either.
 */
abstract class JdkSocket extends WeakReference<Object> implements SocketHandle {
    private final JdkStack stack;
    /** Cleared only after any finalizer has run; null for a socket that the JDK reclaims by itself. */
    private final PhantomReference<Object> remains;
    private FileDescriptor fd;
    private boolean inputShut;
    private int descriptor = -1;
    private String link;
    private Endpoints endpoints;

    /** @param reclaimed true if the JDK closes the descriptor of a collected object by itself */
    JdkSocket(JdkStack stack, Object socket, boolean reclaimed) {
        super(socket);
        this.stack = stack;
        this.remains = reclaimed ? null : new PhantomReference<>(socket, null);
    }

    /** Whether the socket is open as far as can be told without a lock. */
    abstract boolean isOpen(Object socket);

    /** Whether a selection key wants OP_READ. */
    abstract boolean readInterest(Object socket);

    /** The number of the descriptor; under the state lock, connected. */
    abstract int descriptor(Object socket);

    /** The two ends; under the state lock, connected. */
    abstract Endpoints endpoints(Object socket);

    /** The claim on a socket that has just been condemned. */
    abstract Claim condemned(Object socket, Sighting sighting);

    @Override
    public final boolean is(Object socket) {
        return refersTo(socket);
    }

    @Override
    public final int descriptor() {
        return descriptor;
    }

    @Override
    public final Endpoints endpoints() {
        return endpoints == null ? new Endpoints(null, null) : endpoints;
    }

    @Override
    public final Sighting sight() {
        Object socket = get();
        if (socket == null && stack.isProven()) {
            return sightRemains();
        }
        // isOpen first: a blocking channel that lingers in close() holds stateLock all the while, but is no longer open.
        if (!stack.isProven() || socket == null || !isOpen(socket)) {
            return Sighting.gone();
        }
        return sight(socket, stack.fields().readLock(socket).isLocked());
    }

    private Sighting sight(Object socket, boolean reading) {
        boolean readInterest = readInterest(socket);
        synchronized (stack.fields().stateLock(socket)) {
            if (!isConnected(socket)) {
                return Sighting.gone();
            }
            if (endpoints == null) {
                // Kept from the first sighting on: what is asked for later may have been forgotten by then.
                descriptor = descriptor(socket);
                link = stack.descriptors().link(descriptor);
                endpoints = endpoints(socket);
            }
            fd = stack.fields().fd(socket);
            inputShut = stack.fields().isInputClosed(socket);
            return facts(reading, readInterest, Sighting.Reach.REACHABLE);
        }
    }

    private Sighting facts(boolean reading, boolean readInterest, Sighting.Reach reach) {
        Kernel kernel = stack.kernel();
        try {
            TcpState state = TcpState.of(kernel.tcpState(fd));
            int unread = kernel.available(fd);
            int events = kernel.pollNow(fd, Kernel.POLLIN | Kernel.POLLRDHUP);
            // After shutdownInput the kernel sets RDHUP by itself; then only the state tells of the peer's FIN.
            boolean end = state == TcpState.CLOSE || (events & Kernel.POLLRDHUP) != 0 && !inputShut;
            return new Sighting(true, state, unread, end, (events & Kernel.POLLERR) != 0, reading, readInterest, reach);
        } catch (Throwable notTold) {
            return new Sighting(true, TcpState.UNKNOWN, 0, false, false, reading, readInterest, reach);
        }
    }

    /**
     * The object was collected. Once no finalizer can close it any more, and if its descriptor still refers to the same
     * socket, nobody but us can ever touch that descriptor: no lock is left to take, and none is needed.
     */
    private Sighting sightRemains() {
        if (remains == null || fd == null || !stillOurs()) {
            return Sighting.gone();
        }
        return remains.refersTo(null) ? facts(false, false, Sighting.Reach.UNREACHABLE) : Sighting.dying();
    }

    private boolean stillOurs() {
        return link != null && link.startsWith("socket:") && link.equals(stack.descriptors().link(descriptor));
    }

    private boolean isConnected(Object socket) {
        return isOpen(socket) && stack.fields().isConnected(socket);
    }

    @Override
    public final Claim claim(Predicate<Sighting> leaked) {
        Object socket = get();
        if (socket == null && stack.isProven()) {
            Sighting sighting = sightRemains();
            return sighting.reach() == Sighting.Reach.UNREACHABLE && leaked.test(sighting) ? new RemainsClaim(sighting) : null;
        }
        if (!stack.isProven() || !isOpen(socket)) {
            return null;
        }
        ReentrantLock readLock = stack.fields().readLock(socket);
        if (!readLock.tryLock()) {
            return null;
        }
        Sighting sighting;
        try {
            sighting = sight(socket, readLock.hasQueuedThreads());
            if (!leaked.test(sighting) || !condemn(socket)) {
                return null;
            }
        } finally {
            readLock.unlock();
        }
        return condemned(socket, sighting);
    }

    private boolean condemn(Object socket) {
        synchronized (stack.fields().stateLock(socket)) {
            if (!isConnected(socket)) {
                return false;
            }
            stack.fields().condemn(socket);
            return true;
        }
    }

    /** Takes the locks for one read at a time, so that an application that reads meanwhile fails at once instead of waiting. */
    private int readOnce(Object socket, ByteBuffer discarded) throws IOException {
        if (!isOpen(socket)) {
            return Claim.CLOSED_MEANWHILE;
        }
        ReentrantLock readLock = stack.fields().readLock(socket);
        if (!readLock.tryLock()) {
            return Claim.BUSY;
        }
        try {
            synchronized (stack.fields().stateLock(socket)) {
                if (!isConnected(socket)) {
                    return Claim.CLOSED_MEANWHILE;
                }
                return readIfReady(stack.fields().fd(socket), discarded);
            }
        } finally {
            readLock.unlock();
        }
    }

    /** The socket may be in blocking mode; nobody else can take what poll has seen. */
    private int readIfReady(FileDescriptor from, ByteBuffer discarded) throws IOException {
        try {
            if (stack.kernel().pollNow(from, Kernel.POLLIN) == 0) {
                return Claim.NOTHING_NOW;
            }
            int count = stack.kernel().read(from, discarded);
            return count < Claim.END_OF_INPUT ? Claim.NOTHING_NOW : count;
        } catch (IOException reset) {
            throw reset;
        } catch (Throwable unexpected) {
            throw new IOException(unexpected);
        }
    }

    /** The claim on a socket that is there and condemned; who closes it is the stack's to say. */
    abstract class LiveClaim implements Claim {
        private final Object socket;
        private final Sighting sighting;

        LiveClaim(Object socket, Sighting sighting) {
            this.socket = socket;
            this.sighting = sighting;
        }

        @Override
        public final Sighting sighting() {
            return sighting;
        }

        @Override
        public final int read(ByteBuffer discarded) throws IOException {
            return readOnce(socket, discarded);
        }
    }

    /** The claim on a descriptor whose object is gone. */
    private final class RemainsClaim implements Claim {
        private final Sighting sighting;
        private final AtomicBoolean closed = new AtomicBoolean();

        RemainsClaim(Sighting sighting) {
            this.sighting = sighting;
        }

        @Override
        public Sighting sighting() {
            return sighting;
        }

        @Override
        public int read(ByteBuffer discarded) throws IOException {
            return stillOurs() ? readIfReady(fd, discarded) : CLOSED_MEANWHILE;
        }

        @Override
        public String owner() {
            return "Socket Reaper, because no object is left that could";
        }

        @Override
        public void close() throws IOException {
            if (stillOurs() && closed.compareAndSet(false, true)) {
                try {
                    stack.kernel().close(fd);
                } catch (IOException failed) {
                    throw failed;
                } catch (Throwable unexpected) {
                    throw new IOException(unexpected);
                }
            }
        }
    }
}
