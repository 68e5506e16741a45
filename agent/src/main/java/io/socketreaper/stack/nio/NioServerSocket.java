package io.socketreaper.stack.nio;

import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.WeakSocketHandle;
import java.nio.channels.ServerSocketChannel;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A {@code ServerSocketChannel} of the JDK: lost when it is dropped without close, and suspicious while it is not bound. */
final class NioServerSocket extends WeakSocketHandle {
    private final ServerSocketStack stack;

    NioServerSocket(ServerSocketStack stack, Object channel) {
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
    public QuickCheck quickCheck(Object channel) {
        if (stack.isClosed(channel)) {
            if (inode() == 0) {
                rememberUnlessFreed(channel);
            }
            return !stack.isFreed(channel) && stillOurs() ? QuickCheck.SIGN : QuickCheck.GONE;
        }
        boolean bound = stack.localAddress(channel) != null;
        if (inode() == 0 || bound && endpoints().local() == null) {
            rememberUnlessFreed(channel);
        }
        return bound || inode() == 0 ? QuickCheck.FINE : QuickCheck.SIGN;
    }

    private void rememberUnlessFreed(Object channel) {
        synchronized (stack.stateLock(channel)) {
            if (!stack.isFreed(channel)) {
                remember(
                        stack.fd(channel),
                        stack.descriptor(channel),
                        stack.kernel().isUnix(stack.fd(channel)),
                        new Endpoints(stack.localAddress(channel), null));
            }
        }
    }

    @Override
    public SocketSnapshot snapshot(Object channel) {
        if (stack.isClosed(channel)) {
            return !stack.isFreed(channel) && stillOurs() ? SocketSnapshot.closed() : SocketSnapshot.gone();
        }
        return stack.localAddress(channel) == null ? SocketSnapshot.unused() : SocketSnapshot.inUse();
    }

    @Override
    public String holder(Object channel) {
        return stack.isClosed(channel)
                ? stack.selectors().describe(stack.selectors().keys(channel))
                : "";
    }

    @Override
    public @Nullable Claim claim(Object channel, Predicate<SocketSnapshot> leaked) {
        SocketSnapshot snapshot = snapshot(channel);
        return stack.isClosed(channel) && leaked.test(snapshot)
                ? new ClosedChannelClaim((ServerSocketChannel) channel, stack.selectors(), snapshot)
                : null;
    }
}
