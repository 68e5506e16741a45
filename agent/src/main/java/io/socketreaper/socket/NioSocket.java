package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import io.socketreaper.owner.Owner;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.StandardSocketOptions;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A {@link SocketChannel} of the JDK, TCP or unix-domain. */
final class NioSocket extends JdkSocket {
    /** Constants, which the compiler needs on the one path that every channel takes. Initialised before the stack is proven. */
    static final class Fields {
        static final VarHandle FD;
        static final VarHandle NUMBER;

        static {
            try {
                Class<?> type = Class.forName("sun.nio.ch.SocketChannelImpl");
                MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
                FD = lookup.findVarHandle(type, "fd", FileDescriptor.class);
                NUMBER = lookup.findVarHandle(type, "fdVal", int.class);
            } catch (ReflectiveOperationException unknownInternals) {
                throw new ExceptionInInitializerError(unknownInternals);
            }
        }
    }

    NioSocket(NioStack stack, Object channel) {
        // The JDK never closes the descriptor of a dropped channel.
        super(stack, channel, false);
    }

    private NioStack channels() {
        return (NioStack) stack();
    }

    /** Final in the JDK: it outlives the close. */
    static int number(Object channel) {
        return (int) Fields.NUMBER.get(channel);
    }

    @Override
    public void opened(Object channel) {
        if (stack().isProven()) {
            note((FileDescriptor) Fields.FD.get(channel), number(channel));
        }
    }

    @Override
    boolean isOpen(Object channel) {
        return ((SocketChannel) channel).isOpen();
    }

    @Override
    boolean isUnused(Object channel) {
        return channels().isUnused(channel);
    }

    @Override
    boolean isConnecting(Object channel) {
        return channels().isConnecting(channel);
    }

    @Override
    boolean isRegistered(Object channel) {
        return ((SocketChannel) channel).isRegistered();
    }

    @Override
    boolean isUnix(Object channel) {
        return channels().isUnixSocket(channel);
    }

    /** What a key wants of a selector that is known to be abandoned will never be told to anybody. */
    @Override
    int interest(Object channel) {
        int interest = 0;
        for (SelectionKey key : channels().selectors().keys(channel)) {
            try {
                int wanted = key == null ? 0 : key.interestOps();
                if (wanted != 0 && !channels().selectors().isAbandoned(key.selector())) {
                    interest |= wanted;
                }
            } catch (CancelledKeyException noLonger) {
                // a cancelled key wants nothing
            }
        }
        return interest;
    }

    @Override
    String selectorsOf(Object channel) {
        SelectionKey[] keys = channels().selectors().keys(channel);
        return isOpen(channel) ? channels().selectors().describeAbandoned(keys) : channels().selectors().describe(keys);
    }

    @Override
    int descriptor(Object channel) {
        return number(channel);
    }

    @Override
    Endpoints endpoints(Object channel) {
        return channels().endpoints(channel);
    }

    @Override
    Claim condemned(Object channel, Sighting sighting) {
        return new NioClaim((SocketChannel) channel, sighting, Owner.of(channels().selectors().keys(channel)));
    }

    @Override
    Claim closed(Object channel, Sighting sighting) {
        return new ClosedChannelClaim((SocketChannel) channel, channels().selectors(), sighting);
    }

    private final class NioClaim extends LiveClaim {
        private final SocketChannel channel;
        private final Owner owner;

        NioClaim(SocketChannel channel, Sighting sighting, Owner owner) {
            super(channel, sighting);
            this.channel = channel;
            this.owner = owner;
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
            SelectionKey[] keys = channels().selectors().keys(channel);
            owner.close(channel, keys, 1, new java.net.SocketException("Connection reset"));
            if (!channel.isOpen()) {
                channels().selectors().release(channel, keys);
            }
        }
    }
}
