package io.socketreaper.stack.netty;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.ObjectState;
import io.socketreaper.stack.WeakSocketHandle;
import java.io.FileDescriptor;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A channel of one of Netty's native transports.
 *
 * <p>Only its event loop reads and closes it, so a registered channel is looked at and released in tasks of that loop. A look
 * without an answer counts as alive: a loop that is stuck in a handler is an application that is busy. The release is one task:
 * it looks once more, takes what is there off the socket, tells the pipeline of the failure and closes, and no other task of
 * Netty's runs in between. So the channel is closed in the same moment in which it is condemned. The exception is a handler
 * that puts the close off while no input was discarded: then the next attempt closes below the pipeline.
 *
 * <p>Outside of the loop the descriptor number is used for readlink only, and the answer counts only if the channel is open
 * afterwards: Netty marks it closed before it frees the number.
 */
final class NettySocket extends WeakSocketHandle {
    /** How often an answer is waited for at short intervals. */
    private static final int PATIENCE = 10;

    private final NettyStack stack;

    // -- The fields below belong to the reaper thread.

    /** The pending look; null if there is none. */
    private @Nullable Look look;

    private int patience;
    /** The last answer, on which a claim is based. */
    private @Nullable SocketSnapshot answered;

    NettySocket(NettyStack stack, Object channel) {
        // Netty never closes the descriptor of a dropped channel.
        super(stack, channel, false);
        this.stack = stack;
    }

    @Override
    public void opened(Object channel) {
        NettyMembers members = stack.isProven() ? stack.members(channel) : null;
        if (members != null) {
            try {
                int number = members.descriptor(channel);
                note(stack.kernel().descriptor(number), number);
            } catch (ReflectiveOperationException notTold) {
                // the first look must find the descriptor
            }
        }
    }

    @Override
    public @Nullable FileDescriptor descriptorOf(Object channel) throws ReflectiveOperationException {
        NettyMembers members = stack.members(channel);
        return members == null ? null : stack.kernel().descriptor(members.descriptor(channel));
    }

    @Override
    public QuickCheck quickCheck(Object channel) {
        NettyMembers members = stack.members(channel);
        if (members == null) {
            return QuickCheck.GONE;
        }
        try {
            if (!isRemembered()) {
                remember(members, channel);
            }
            if (!members.isOpen(channel)) {
                return QuickCheck.GONE;
            }
            if (rememberOutput(members.isOutputShutdown(channel))) {
                return QuickCheck.SIGN;
            }
            if (!members.isActive(channel)) {
                return isUnused(members, channel) ? QuickCheck.SIGN : QuickCheck.FINE;
            }
            boolean known = remembered() != null;
            return known && (inKernel().peerHasEnded() || inKernel().isWindowFull())
                    ? QuickCheck.SIGN
                    : QuickCheck.FINE;
        } catch (ReflectiveOperationException notTold) {
            return QuickCheck.FINE;
        }
    }

    /** Neither connected, connecting nor bound. Exact on the event loop only. */
    private static boolean isUnused(NettyMembers members, @Nullable Object channel)
            throws ReflectiveOperationException {
        return !members.isActive(channel)
                && !members.isConnecting(channel)
                && members.endpoints(channel).local() == null;
    }

    private void remember(NettyMembers members, Object channel) throws ReflectiveOperationException {
        int number = members.descriptor(channel);
        Endpoints endpoints = members.endpoints(channel);
        long inode = Descriptors.inode(stack.descriptors().link(number));
        if (members.isOpen(channel)) {
            boolean unix = endpoints.local() != null && !(endpoints.local() instanceof InetSocketAddress);
            FileDescriptor known = remembered();
            remember(known != null ? known : stack.kernel().descriptor(number), number, unix, endpoints, inode);
        }
    }

    @Override
    public SocketSnapshot snapshot(Object channel) {
        NettyMembers members = stack.members(channel);
        if (members == null) {
            return SocketSnapshot.gone();
        }
        try {
            if (!isRemembered()) {
                remember(members, channel);
            }
            if (!members.isOpen(channel)) {
                return SocketSnapshot.gone();
            }
            if (!members.isRegistered(channel)) {
                // Without a loop it is not read. An accepted one may be on its way to its loop.
                return isUnused(members, channel) ? SocketSnapshot.unused() : SocketSnapshot.inUse();
            }
            return ask(members, channel);
        } catch (ReflectiveOperationException notTold) {
            return SocketSnapshot.dying();
        } catch (RejectedExecutionException loopIsShutDown) {
            return SocketSnapshot.gone();
        }
    }

    private SocketSnapshot ask(NettyMembers members, Object channel) throws ReflectiveOperationException {
        if (look == null) {
            var asked = new Look();
            members.eventLoop(channel).execute(asked);
            look = asked;
            patience = PATIENCE;
        } else if (look.answer != null) {
            answered = look.answer;
            look = null;
            return answered;
        }
        patience--;
        return SocketSnapshot.dying();
    }

    @Override
    public boolean isAsking() {
        return look != null && patience > 0;
    }

    /** The facts. On the event loop. */
    SocketSnapshot look(NettyMembers members, @Nullable Object channel) throws ReflectiveOperationException {
        if (!members.isOpen(channel)) {
            return SocketSnapshot.gone();
        }
        if (!members.isActive(channel)) {
            return isUnused(members, channel) ? SocketSnapshot.unused() : SocketSnapshot.inUse();
        }
        SocketSnapshot below = snapshot(
                Holder.OPEN,
                new ObjectState(
                        members.isOutputShutdown(channel),
                        members.isInputShutdown(channel) && !members.isInputEnded(channel),
                        members.isReading(channel),
                        members.isReadWanted(channel),
                        members.isWriting(channel)));
        return below.withHeld(members.held(channel));
    }

    @Override
    public TcpOptions.Done options(Object channel, TcpOptions.Step step) {
        NettyMembers members = stack.members(channel);
        try {
            if (members == null || !members.isOpen(channel) || !members.isRegistered(channel)) {
                return TcpOptions.Done.NO;
            }
            members.eventLoop(channel).execute(new OptionsStep(step));
            return TcpOptions.Done.LATER;
        } catch (ReflectiveOperationException | RejectedExecutionException notTold) {
            return TcpOptions.Done.NO;
        }
    }

    /** The channel is not condemned yet: the task that closes decides whether it is a leak. */
    @Override
    public @Nullable Claim claim(Object channel, Predicate<SocketSnapshot> leaked) {
        NettyMembers members = stack.members(channel);
        SocketSnapshot snapshot = answered;
        if (members == null || snapshot == null || remembered() == null || !leaked.test(snapshot)) {
            return null;
        }
        return new NettyClaim(this, members, channel, snapshot, leaked);
    }

    /** Weak, for a loop that never comes to it. */
    private final class Look implements Runnable {
        private volatile @Nullable SocketSnapshot answer;

        @Override
        public void run() {
            Object channel = get();
            NettyMembers members = channel == null ? null : stack.members(channel);
            try {
                answer = members == null ? SocketSnapshot.dying() : look(members, channel);
            } catch (ReflectiveOperationException | RuntimeException notTold) {
                answer = SocketSnapshot.dying();
            }
        }
    }

    /** On the event loop, so the channel cannot be closed meanwhile. It holds the channel weakly, for a loop that never comes to it. */
    private final class OptionsStep implements Runnable {
        private final TcpOptions.Step step;

        OptionsStep(TcpOptions.Step step) {
            this.step = step;
        }

        @Override
        public void run() {
            Object channel = get();
            NettyMembers members = channel == null ? null : stack.members(channel);
            boolean done = false;
            try {
                done = members != null
                        && members.isOpen(channel)
                        && members.isActive(channel)
                        && inKernel().options(step) == TcpOptions.Done.YES;
            } catch (ReflectiveOperationException notTold) {
                // then it is not done
            }
            if (!done) {
                step.notDone();
            }
        }
    }
}
