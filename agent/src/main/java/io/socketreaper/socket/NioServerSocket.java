package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import java.nio.channels.ServerSocketChannel;
import java.util.function.Predicate;

/** A {@code ServerSocketChannel} of the JDK: lost when it is dropped without close, and suspicious while it is not bound. */
final class NioServerSocket extends JdkHandle {
    private final ServerStack stack;

    NioServerSocket(ServerStack stack, Object channel) {
        // The JDK never closes the descriptor of a dropped channel.
        super(stack, channel, false);
        this.stack = stack;
    }

    @Override
    public void opened(Object channel) {
        if (stack.isProven()) {
            note(stack.fd(channel), stack.descriptor(channel));
        }
    }

    @Override
    Glance glance(Object channel) {
        if (stack.isClosed(channel)) {
            if (inode() == 0) {
                rememberUnlessFreed(channel);
            }
            return !stack.isFreed(channel) && stillOurs() ? Glance.SIGN : Glance.GONE;
        }
        boolean bound = stack.localAddress(channel) != null;
        if (inode() == 0 || bound && endpoints().local() == null) {
            rememberUnlessFreed(channel);
        }
        return bound || inode() == 0 ? Glance.FINE : Glance.SIGN;
    }

    private void rememberUnlessFreed(Object channel) {
        synchronized (stack.stateLock(channel)) {
            if (!stack.isFreed(channel)) {
                remember(stack.fd(channel), stack.descriptor(channel), stack.kernel().isUnix(stack.fd(channel)),
                        new Endpoints(stack.localAddress(channel), null));
            }
        }
    }

    @Override
    Sighting sight(Object channel) {
        if (stack.isClosed(channel)) {
            return !stack.isFreed(channel) && stillOurs() ? Sighting.closed() : Sighting.gone();
        }
        return stack.localAddress(channel) == null ? Sighting.unused() : Sighting.inUse();
    }

    @Override
    String holder(Object channel) {
        return stack.isClosed(channel) ? stack.selectors().describe(stack.selectors().keys(channel)) : "";
    }

    @Override
    Claim claim(Object channel, Predicate<Sighting> leaked) {
        Sighting sighting = sight(channel);
        return stack.isClosed(channel) && leaked.test(sighting)
                ? new ClosedChannelClaim((ServerSocketChannel) channel, stack.selectors(), sighting) : null;
    }
}
