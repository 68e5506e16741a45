package io.socketreaper.stack.async;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.owner.Owner;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.KernelSocket;
import io.socketreaper.stack.ObjectState;
import io.socketreaper.stack.WeakSocketHandle;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An {@link AsynchronousSocketChannel} of the JDK.
 *
 * <p>Every call that uses the descriptor holds the shared half of the channel's {@code closeLock} and has seen the channel
 * open under it, as the JDK's own operations do: a close must take the other half before it frees the descriptor number.
 * The lock is never waited for. A read of the agent needs no other lock, because a condemned channel begins no reads.
 */
final class AsyncSocket extends WeakSocketHandle {
    private final AsyncStack stack;

    AsyncSocket(AsyncStack stack, Object channel) {
        // The JDK never closes the descriptor of a dropped channel. Its group holds it, so it is only ever collected
        // together with the group.
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
    public FileDescriptor descriptorOf(Object channel) {
        return stack.fd(channel);
    }

    private static boolean isOpen(Object channel) {
        return ((AsynchronousSocketChannel) channel).isOpen();
    }

    @Override
    public QuickCheck quickCheck(Object channel) {
        if (!isOpen(channel)) {
            // Only an Error in the middle of a close would leave the descriptor behind.
            return snapshotOfClosed().isGone() ? QuickCheck.GONE : QuickCheck.SIGN;
        }
        if (!stack.isConnected(channel)) {
            if (inode() == 0) {
                rememberIfOpen(channel);
            }
            return inode() != 0 && stack.isUnused(channel) ? QuickCheck.SIGN : QuickCheck.FINE;
        }
        if (!isRemembered() && !rememberIfOpen(channel)) {
            return QuickCheck.FINE;
        }
        boolean ended =
                rememberOutput(stack.isOutputShut(channel)) || inKernel().peerHasEnded();
        return ended || inKernel().isWindowFull() ? QuickCheck.SIGN : QuickCheck.FINE;
    }

    private boolean rememberIfOpen(Object channel) {
        Lock use = stack.useLock(channel);
        if (!use.tryLock()) {
            return false;
        }
        try {
            if (!isOpen(channel)) {
                return false;
            }
            remember(channel);
            return true;
        } finally {
            use.unlock();
        }
    }

    private void remember(Object channel) {
        remember(stack.fd(channel), stack.descriptor(channel), false, stack.endpoints(channel));
    }

    @Override
    public SocketSnapshot snapshot(Object channel) {
        if (!isOpen(channel)) {
            return snapshotOfClosed();
        }
        Lock use = stack.useLock(channel);
        if (!use.tryLock()) {
            // being closed just now
            return SocketSnapshot.gone();
        }
        try {
            return isOpen(channel) ? snapshotOfOpen(channel) : SocketSnapshot.gone();
        } finally {
            use.unlock();
        }
    }

    /** Under the use lock, seen open. */
    private SocketSnapshot snapshotOfOpen(Object channel) {
        if (!stack.isConnected(channel)) {
            return stack.isUnused(channel) ? SocketSnapshot.unused() : SocketSnapshot.inUse();
        }
        if (!isRemembered()) {
            remember(channel);
        }
        synchronized (stack.readLock(channel)) {
            synchronized (stack.writeLock(channel)) {
                return snapshot(
                        Holder.OPEN,
                        new ObjectState(
                                stack.isOutputShut(channel),
                                stack.isInputShut(channel),
                                stack.isReading(channel),
                                false,
                                stack.isWriting(channel)));
            }
        }
    }

    @Override
    public TcpOptions.Done options(Object channel, TcpOptions.Step step) {
        Lock use = stack.useLock(channel);
        if (!isOpen(channel) || !use.tryLock()) {
            return TcpOptions.Done.NO;
        }
        try {
            return isOpen(channel) && stack.isConnected(channel)
                    ? inKernel(stack.fd(channel)).options(step)
                    : TcpOptions.Done.NO;
        } finally {
            use.unlock();
        }
    }

    @Override
    public @Nullable Claim claim(Object channel, Predicate<SocketSnapshot> leaked) {
        ByteBuffer buffer = stack.discardBuffer();
        if (buffer == null) {
            return claim(channel, leaked, null);
        }
        synchronized (buffer) {
            return claim(channel, leaked, buffer);
        }
    }

    /** Resets an open connection: its reads and writes fail as those of a connection that the peer has reset. */
    private @Nullable Claim claim(Object channel, Predicate<SocketSnapshot> leaked, @Nullable ByteBuffer buffer) {
        if (!isOpen(channel)) {
            return null;
        }
        Lock use = stack.useLock(channel);
        if (!use.tryLock()) {
            return null;
        }
        try {
            if (!isOpen(channel) || !stack.isConnected(channel)) {
                return null;
            }
            synchronized (stack.readLock(channel)) {
                synchronized (stack.writeLock(channel)) {
                    SocketSnapshot snapshot = snapshotOfOpen(channel);
                    return snapshot.reading() || snapshot.writing() || !leaked.test(snapshot)
                            ? null
                            : condemn(channel, snapshot, buffer);
                }
            }
        } finally {
            use.unlock();
        }
    }

    /** Under all locks of the channel. */
    private Claim condemn(Object channel, SocketSnapshot snapshot, @Nullable ByteBuffer buffer) {
        Claim.Emptied emptied = null;
        if (KernelSocket.isUnfinished(snapshot)) {
            emptied = inKernel(stack.fd(channel)).reset(snapshot, buffer);
            if (snapshot.endOfInput() && !snapshot.reset() && !emptied.reset() && emptied.bytes() == 0) {
                stack.inputHasEnded(channel);
            }
        } else {
            stack.condemn(channel);
        }
        return new AsyncClaim((AsynchronousSocketChannel) channel, snapshot, emptied);
    }

    private final class AsyncClaim implements Claim {
        private static final SelectionKey[] NO_KEYS = {};

        private final AsynchronousSocketChannel channel;
        /** Null if it is not known. */
        private final @Nullable Owner owner;

        private final SocketSnapshot snapshot;
        /** Null if the connection was not reset. */
        private final @Nullable Emptied emptied;

        AsyncClaim(AsynchronousSocketChannel channel, SocketSnapshot snapshot, @Nullable Emptied emptied) {
            this.channel = channel;
            this.owner = Owner.of(channel, stack.acceptHandlers(channel));
            this.snapshot = snapshot;
            this.emptied = emptied;
        }

        @Override
        public boolean isReset() {
            return emptied != null;
        }

        @Override
        public @Nullable Emptied emptied() {
            return emptied;
        }

        @Override
        public Back handBack() {
            return owner != null ? Back.NOT_NEEDED : Back.IMPOSSIBLE;
        }

        @Override
        public Back back() {
            return handBack();
        }

        @Override
        public String notHandedBackBecause() {
            return owner != null ? "" : "an asynchronous channel has no selection key, by which a framework is found";
        }

        @Override
        public int ways() {
            return owner == null ? 0 : owner.ways();
        }

        @Override
        public boolean hasBegun() {
            return owner == null || owner.hasBegun();
        }

        @Override
        public void close(int way) throws IOException {
            if (way == AS_THE_JDK || owner == null) {
                close();
            } else {
                owner.close(channel, NO_KEYS, way, new SocketException("Connection reset"));
            }
        }

        @Override
        public SocketSnapshot snapshot() {
            return snapshot;
        }

        @Override
        public int read(ByteBuffer discarded) throws IOException {
            if (isReset()) {
                return channel.isOpen() ? WITH_CLOSE : CLOSED_MEANWHILE;
            }
            Lock use = stack.useLock(channel);
            if (!channel.isOpen() || !use.tryLock()) {
                return CLOSED_MEANWHILE;
            }
            try {
                return channel.isOpen() ? inKernel(stack.fd(channel)).readIfReady(discarded) : CLOSED_MEANWHILE;
            } finally {
                use.unlock();
            }
        }

        @Override
        public String owner() {
            return owner != null ? owner.name() : "JDK asynchronous channel";
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
