package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import io.socketreaper.owner.Owner;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A TCP {@link SocketChannel} of the JDK. */
final class NioSocket extends JdkSocket {
    private final NioStack stack;

    NioSocket(NioStack stack, Object channel) {
        // The JDK never closes the descriptor of a dropped channel.
        super(stack, channel, false);
        this.stack = stack;
    }

    @Override
    boolean isOpen(Object channel) {
        return ((SocketChannel) channel).isOpen() && stack.isNetSocket(channel);
    }

    @Override
    boolean readInterest(Object channel) {
        for (SelectionKey key : stack.keys(channel)) {
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
    int descriptor(Object channel) {
        return stack.descriptor(channel);
    }

    @Override
    Endpoints endpoints(Object channel) {
        return stack.endpoints(channel);
    }

    @Override
    Claim condemned(Object channel, Sighting sighting) {
        return new NioClaim((SocketChannel) channel, sighting, Owner.of(stack.keys(channel)));
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
            owner.close(channel, stack.keys(channel));
        }
    }
}
