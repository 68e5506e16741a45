package io.socketreaper.stack.netty;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.Kernel;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.WeakSocketHandle;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * A channel of one of Netty's native transports.
 *
 * <p>Its event loop reads it and closes it, and nobody else; so a registered channel is looked at and released in tasks of
 * that loop. A look that has not been answered says nothing, which counts as alive: a loop that is stuck in a handler is an
 * application that is busy. The release is one task: it looks once more, takes what is there off the socket, tells the pipeline
 * of the failure and closes; nothing of Netty's can run in between. So there is no moment in which the channel is condemned and
 * not closed, unless a handler puts the close off of which nothing was taken: the next attempt closes below the pipeline.
 *
 * <p>Outside of the loop the descriptor number is used for readlink only, and what that says counts if the channel is open
 * afterwards: Netty marks it closed before it frees the number.
 */
final class NettySocket extends WeakSocketHandle {
    /** How often an answer is waited for at short intervals. */
    private static final int PATIENCE = 10;

    private final NettyStack stack;

    // -- The fields below belong to the reaper thread.

    /** A look that was asked for, null if none is. */
    private Look look;

    private int patience;
    /** The last answer; what a claim is based on. */
    private SocketSnapshot answered;

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
                // then the first look must find it
            }
        }
    }

    @Override
    public FileDescriptor descriptorOf(Object channel) throws ReflectiveOperationException {
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
            return remembered() != null && peerHasEnded() ? QuickCheck.SIGN : QuickCheck.FINE;
        } catch (ReflectiveOperationException notTold) {
            return QuickCheck.FINE;
        }
    }

    /** Neither connected, connecting nor bound. Exact on the event loop only. */
    private static boolean isUnused(NettyMembers members, Object channel) throws ReflectiveOperationException {
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
                // No loop to ask, and so nobody who reads; an accepted one may be on its way to its loop.
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
    private SocketSnapshot look(NettyMembers members, Object channel) throws ReflectiveOperationException {
        if (!members.isOpen(channel)) {
            return SocketSnapshot.gone();
        }
        if (!members.isActive(channel)) {
            return isUnused(members, channel) ? SocketSnapshot.unused() : SocketSnapshot.inUse();
        }
        return facts(
                Holder.OPEN,
                members.isOutputShutdown(channel),
                members.isInputShutdown(channel) && !members.isInputEnded(channel),
                members.isReading(channel),
                members.isReadWanted(channel),
                members.isWriting(channel));
    }

    @Override
    public TcpOptions.Done options(Object channel, TcpOptions.Step step) {
        NettyMembers members = stack.members(channel);
        try {
            if (members == null || !members.isOpen(channel) || !members.isRegistered(channel)) {
                return TcpOptions.Done.NO;
            }
            members.eventLoop(channel).execute(new OnLoop(step));
            return TcpOptions.Done.LATER;
        } catch (ReflectiveOperationException | RejectedExecutionException notTold) {
            return TcpOptions.Done.NO;
        }
    }

    /** Nothing is condemned yet: whether it is a leak is decided by the task that closes. */
    @Override
    public Claim claim(Object channel, Predicate<SocketSnapshot> leaked) {
        NettyMembers members = stack.members(channel);
        SocketSnapshot snapshot = answered;
        if (members == null || snapshot == null || remembered() == null || !leaked.test(snapshot)) {
            return null;
        }
        return new NettyClaim(members, channel, snapshot, leaked);
    }

    /** Weak, for a loop that never comes to it. */
    private final class Look implements Runnable {
        private volatile SocketSnapshot answer;

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

    /** On the event loop, where nobody can close the channel meanwhile. Weak, for a loop that never comes to it. */
    private final class OnLoop implements Runnable {
        private final TcpOptions.Step step;

        OnLoop(TcpOptions.Step step) {
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
                        && optionsOf(remembered(), step) == TcpOptions.Done.YES;
            } catch (ReflectiveOperationException notTold) {
                // then it is not done
            }
            if (!done) {
                step.notDone();
            }
        }
    }

    private final class NettyClaim implements Claim, Runnable {
        private static final int FIRST_BYTES = 1024;

        private final NettyMembers members;
        private final Object channel;
        private final SocketSnapshot snapshot;
        private final Predicate<SocketSnapshot> leaked;
        private volatile boolean toBeEmptied;
        private volatile boolean refused;
        /** The decision is being made or has been made, or must not be made any more. */
        private final AtomicBoolean begun = new AtomicBoolean();

        private volatile Emptied emptied;
        /** The close resets the connection. */
        private volatile boolean reset;
        /** What was seen when the close was decided; event loop only. */
        private SocketSnapshot decided;

        NettyClaim(NettyMembers members, Object channel, SocketSnapshot snapshot, Predicate<SocketSnapshot> leaked) {
            this.members = members;
            this.channel = channel;
            this.snapshot = snapshot;
            this.leaked = leaked;
        }

        @Override
        public SocketSnapshot snapshot() {
            return snapshot;
        }

        @Override
        public int read(ByteBuffer discarded) {
            toBeEmptied = true;
            return WITH_CLOSE;
        }

        @Override
        public String owner() {
            return "Netty " + members.transport() + " " + channel.getClass().getName() + ", closed on its event loop";
        }

        @Override
        public Emptied emptied() {
            return emptied;
        }

        @Override
        public boolean isRefused() {
            return refused;
        }

        /** Known once the close was decided. */
        @Override
        public boolean isReset() {
            return reset;
        }

        @Override
        public boolean isCondemned() {
            return begun.get();
        }

        @Override
        public boolean withdraw() {
            if (!begun.compareAndSet(false, true)) {
                return false;
            }
            refused = true;
            return true;
        }

        @Override
        public void close() throws IOException {
            try {
                members.eventLoop(channel).execute(this);
            } catch (ReflectiveOperationException | RejectedExecutionException loopIsShutDown) {
                throw new IOException("its event loop takes no tasks", loopIsShutDown);
            }
        }

        /** The release. On the event loop, where neither Netty nor the application can do anything meanwhile. */
        @Override
        public void run() {
            try {
                if (refused || !members.isOpen(channel)) {
                    return;
                }
                if (decided != null) {
                    // A handler has put the first close off, as those of HTTP/2 and TLS may for as long as they like.
                    members.closeNow(channel);
                    return;
                }
                if (!begun.compareAndSet(false, true)) {
                    return;
                }
                SocketSnapshot seen = look(members, channel);
                if (seen.writing() || !leaked.test(seen)) {
                    refused = true;
                    return;
                }
                decided = seen;
                if (toBeEmptied) {
                    emptied = empty();
                }
                setLinger();
                tellAndClose();
            } catch (ReflectiveOperationException | RuntimeException failed) {
                // the descriptor is checked in any case
            } finally {
                if (decided == null && !refused) {
                    // The next attempt looks again.
                    begun.set(false);
                }
            }
        }

        private void tellAndClose() throws ReflectiveOperationException {
            try {
                if (!isTrueEnd()) {
                    members.fail(channel, new SocketException("Connection reset"));
                }
                if (members.isOpen(channel)) {
                    members.close(channel);
                }
            } finally {
                if (emptied != null && emptied.bytes() > 0 && members.isOpen(channel)) {
                    // Nobody must read on behind the hole.
                    members.closeNow(channel);
                }
            }
        }

        /** The peer has ended its side in order and the application has had all of it: then the close tells no lie. */
        private boolean isTrueEnd() {
            return decided.endOfInput()
                    && !decided.reset()
                    && decided.unreadBytes() == 0
                    && (emptied == null || emptied.bytes() == 0 && !emptied.reset());
        }

        /** Takes off what is there now, which the receive buffer bounds; a fast sender must not hold up the loop. */
        private Emptied empty() {
            ByteBuffer buffer = stack.discardBuffer();
            synchronized (buffer) {
                return empty(buffer);
            }
        }

        private Emptied empty(ByteBuffer buffer) {
            long bytes = 0;
            byte[] first = {};
            try {
                int there = stack.kernel().available(remembered());
                while (bytes < there) {
                    buffer.clear();
                    int count = readIfReady(remembered(), buffer);
                    if (count <= 0) {
                        break;
                    }
                    if (bytes == 0) {
                        first = new byte[Math.min(count, FIRST_BYTES)];
                        buffer.flip().get(first);
                    }
                    bytes += count;
                }
                boolean end = (stack.kernel().pollNow(remembered(), Kernel.POLLRDHUP) & Kernel.POLLRDHUP) != 0;
                return new Emptied(bytes, first, end && stack.kernel().available(remembered()) == 0, false);
            } catch (IOException reset) {
                return new Emptied(bytes, first, true, true);
            } catch (Throwable unexpected) {
                return new Emptied(bytes, first, false, false);
            }
        }

        /**
         * Netty would hand a lingering close to another thread. A peer that the application has not told of its end is not told
         * of one by us: what it has may be half of an answer.
         */
        private void setLinger() {
            try {
                if (decided.outputShut() || decided.tcpState() == TcpState.CLOSE) {
                    stack.kernel().noLinger(remembered());
                } else {
                    stack.kernel().lingerZero(remembered());
                    reset = canBeReset();
                }
            } catch (Throwable closedMeanwhile) {
                // then nothing is left to linger
            }
        }
    }
}
