package io.socketreaper.stack;

import io.socketreaper.descriptor.DescriptorOptions;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.Kernel;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * Any socket object of the JDK, and what it leaves behind: the descriptor is remembered, so that it can still be told and
 * closed when the collector has taken the object. Kept small, because {@code track=all} makes one for every socket.
 */
public abstract class WeakSocketHandle extends WeakReference<Object> implements SocketHandle {
    /** Every so many quickChecks are at the object itself. */
    static final int FULL_CHECK = 16;

    private static final byte NOTED = 1;
    private static final byte ATTACHED = 2;
    private static final byte ASKED_FOR_ATTACHMENT = 4;
    /** As many as a preview may have. */
    private static final int FIRST_BYTES = 1024;

    private final SocketStack stack;
    /** Cleared only after any finalizer has run; null for a socket that the JDK reclaims by itself. */
    private final PhantomReference<Object> remains;

    private FileDescriptor fd;
    private int descriptor = -1;
    private boolean unix;
    private boolean outputWasShut;
    /** NOTED, ATTACHED and ASKED_FOR_ATTACHMENT. Without a lock: of two bits that are set in the same moment one may be lost. */
    private byte marks;

    private byte quickChecks;
    private long inode;
    private SocketAddress local;
    private SocketAddress remote;

    /** @param reclaimed true if the JDK closes the descriptor of a collected object by itself */
    public WeakSocketHandle(SocketStack stack, Object socket, boolean reclaimed) {
        super(socket);
        this.stack = stack;
        this.remains = reclaimed ? null : new PhantomReference<>(socket, null);
    }

    /** The facts about a socket that is there. */
    public abstract SocketSnapshot snapshot(Object socket);

    /** A short look at a socket that is there. */
    public abstract QuickCheck quickCheck(Object socket);

    /** The claim on a socket that is there. */
    public abstract Claim claim(Object socket, Predicate<SocketSnapshot> leaked);

    /** Whether a socket that is there is stuck, as {@link #isStuck()}. */
    boolean isStuck(Object socket) {
        return false;
    }

    /** What holds a socket that is there, as {@link #holder()}. */
    public String holder(Object socket) {
        return "";
    }

    @Override
    public final boolean is(Object socket) {
        return refersTo(socket);
    }

    @Override
    public final boolean isSame(SocketHandle other) {
        if (other == this) {
            return true;
        }
        Object socket = get();
        return socket != null && other.is(socket);
    }

    @Override
    public final int identity() {
        return System.identityHashCode(get());
    }

    @Override
    public final boolean isKnown() {
        return remains == null || inode != 0 || has(NOTED) || !stack.isListening();
    }

    @Override
    public final int descriptor() {
        return descriptor;
    }

    /** A unix-domain socket whose peer is gone is in state CLOSE, so in any other state it is there. */
    @Override
    public final boolean peerIsThere() {
        return unix;
    }

    @Override
    public final long inode() {
        return inode;
    }

    @Override
    public final Endpoints endpoints() {
        return new Endpoints(local, remote);
    }

    @Override
    public final String holder() {
        Object socket = stack.isProven() ? get() : null;
        return socket == null ? "" : holder(socket);
    }

    @Override
    public final boolean leavesInput(Object socket) {
        if (!stack.isProven()) {
            // The descriptor is not known yet. A read counts then as one that leaves input behind, so the leak is only
            // reported.
            return true;
        }
        try {
            FileDescriptor open = descriptorOf(socket);
            return open != null && stack.kernel().available(open) > 0;
        } catch (Throwable notTold) {
            return false;
        }
    }

    /** Null if it cannot be told, or has no input. Any thread. */
    public FileDescriptor descriptorOf(Object socket) throws ReflectiveOperationException {
        return null;
    }

    @Override
    public final boolean isStuck() {
        Object socket = stack.isProven() ? get() : null;
        return socket != null && isStuck(socket);
    }

    @Override
    public final QuickCheck quickCheck() {
        if (!stack.isProven() || isAtRest()) {
            return QuickCheck.FINE;
        }
        Object socket = get();
        if (socket == null) {
            return leavesOurDescriptor() ? QuickCheck.SIGN : QuickCheck.GONE;
        }
        return quickCheck(socket);
    }

    /**
     * Whether the kernel alone says that there is nothing to see: the object is there, and its connection has not ended on either
     * side. Nobody's reference is made strong for that, because one that is while a concurrent collector marks keeps what the
     * application has dropped for another cycle, and with a glance in every cycle for ever. Not every time: a channel that was
     * closed with {@code SO_LINGER} 0 while a selector holds it looks like this, too.
     */
    private boolean isAtRest() {
        if (inode == 0
                || unix
                || !isReclaimed() && remote == null
                || ++quickChecks % FULL_CHECK == 0
                || refersTo(null)) {
            return false;
        }
        try {
            return TcpState.of(stack.kernel().tcpState(fd)) == TcpState.ESTABLISHED;
        } catch (Throwable notTold) {
            return false;
        }
    }

    @Override
    public final SocketSnapshot snapshot() {
        if (!stack.isProven()) {
            return SocketSnapshot.gone();
        }
        Object socket = get();
        return socket == null ? snapshotOfRemains() : snapshot(socket);
    }

    /**
     * Also of a stack that is not proven any more, as long as the object is there: what was changed before must be put back, and
     * what guards a descriptor is the JDK's and not the hook's.
     */
    @Override
    public final TcpOptions.Done options(TcpOptions.Step step) {
        if (unix || inode == 0) {
            return TcpOptions.Done.NO;
        }
        Object socket = get();
        if (socket != null) {
            return options(socket, step);
        }
        return stack.isProven() && leavesOurDescriptor() && remains.refersTo(null)
                ? optionsOf(fd, step)
                : TcpOptions.Done.NO;
    }

    /** The options of a socket that is there. */
    public TcpOptions.Done options(Object socket, TcpOptions.Step step) {
        return TcpOptions.Done.NO;
    }

    /** To be called while the descriptor cannot be freed. */
    public final TcpOptions.Done optionsOf(FileDescriptor open, TcpOptions.Step step) {
        try {
            step.with(new DescriptorOptions(stack.kernel(), open));
            return TcpOptions.Done.YES;
        } catch (IOException | RuntimeException notDone) {
            return TcpOptions.Done.NO;
        }
    }

    @Override
    public final Claim claim(Predicate<SocketSnapshot> leaked) {
        if (!stack.isProven()) {
            return null;
        }
        Object socket = get();
        if (socket != null) {
            return claim(socket, leaked);
        }
        SocketSnapshot snapshot = snapshotOfRemains();
        return snapshot.hold() == Holder.UNREACHABLE && leaked.test(snapshot) ? new RemainsClaim(snapshot) : null;
    }

    /**
     * Keeps what is asked for later and may have been forgotten by then. To be called while the descriptor cannot be freed.
     *
     * @param isUnix true for a unix-domain socket, of which the kernel has no TCP state
     */
    public final void remember(FileDescriptor open, int number, boolean isUnix, Endpoints endpoints) {
        remember(
                open,
                number,
                isUnix,
                endpoints,
                inode != 0 ? inode : Descriptors.inode(stack.descriptors().link(number)));
    }

    /** The same, with the inode already looked up. */
    public final void remember(FileDescriptor open, int number, boolean isUnix, Endpoints endpoints, long itsInode) {
        inode = itsInode;
        fd = open;
        descriptor = number;
        unix = isUnix;
        local = endpoints.local();
        remote = endpoints.remote();
    }

    /** Whether the JDK closes the descriptor of the collected object by itself, so that it leaves nothing behind. */
    final boolean isReclaimed() {
        return remains == null;
    }

    /** The one that made it; not kept by subclasses, of which there is one for every socket. */
    public final SocketStack stack() {
        return stack;
    }

    /** Null before {@link #remember}. */
    public final FileDescriptor remembered() {
        return fd;
    }

    /**
     * Keeps no more than the descriptor of a socket that was just opened, on the application's thread. That is enough to find
     * it when the object is collected before it was looked at even once: every close is told by the hook before the object
     * can be collected, so a descriptor of whose close nobody was told is still the one that the object had. Whoever asks
     * must therefore look first, and then whether a close was told.
     */
    public final void note(FileDescriptor open, int number) {
        fd = open;
        descriptor = number;
        marks |= NOTED;
    }

    /** Keeps that a selection key of the socket was seen with an attachment. Any thread. */
    public final void noteAttachment() {
        if (!has(ATTACHED)) {
            marks |= ATTACHED;
        }
    }

    /**
     * Keeps that the output is being shut, and whether a selection key has an attachment. The application's thread.
     *
     * @param attached whether one has
     */
    public final void noteHalfClose(boolean attached) {
        marks |= attached ? ASKED_FOR_ATTACHMENT | ATTACHED : ASKED_FOR_ATTACHMENT;
    }

    /** Whether {@link #noteHalfClose} was called. */
    public final boolean wasAskedForAttachment() {
        return has(ASKED_FOR_ATTACHMENT);
    }

    public final boolean hadAttachment() {
        return has(ATTACHED);
    }

    private boolean has(byte mark) {
        return (marks & mark) != 0;
    }

    /** Keeps that the output is shut: of what is left of a collected object nobody could tell. Returns it. */
    public final boolean rememberOutput(boolean shut) {
        outputWasShut = shut;
        return shut;
    }

    /**
     * Keeps both ends of a socket that is being connected, once the kernel has chosen ours. To be called while the descriptor cannot be
     * freed.
     *
     * @param chosen the peer
     */
    final void rememberConnecting(SocketAddress chosen) {
        try {
            if (TcpState.of(stack.kernel().tcpState(fd)) == TcpState.SYN_SENT) {
                local = stack.kernel().localAddress(fd);
                remote = chosen;
            }
        } catch (Throwable notTold) {
            // then a later look finds them out
        }
    }

    /** The state of the connection. To be called while the descriptor cannot be freed. */
    final TcpState tcpState() {
        try {
            return TcpState.of(stack.kernel().tcpState(fd));
        } catch (Throwable notTold) {
            return TcpState.UNKNOWN;
        }
    }

    public final boolean isRemembered() {
        return inode != 0 && remote != null;
    }

    /** What the kernel says. To be called while the descriptor cannot be freed. */
    public final SocketSnapshot facts(
            Holder hold,
            boolean outputShut,
            boolean inputShut,
            boolean reading,
            boolean readInterest,
            boolean writing) {
        Kernel kernel = stack.kernel();
        rememberOutput(outputShut);
        try {
            int events = kernel.pollNow(fd, Kernel.POLLIN | Kernel.POLLOUT | Kernel.POLLRDHUP);
            TcpState state = !unix
                    ? TcpState.of(kernel.tcpState(fd))
                    : kernel.isListening(fd) ? TcpState.LISTEN : unixState(events, outputShut, inputShut);
            int unread = state == TcpState.LISTEN ? 0 : kernel.available(fd);
            // After shutdownInput the kernel sets RDHUP by itself; then only the state tells of the peer's FIN.
            boolean end = state == TcpState.CLOSE || (events & Kernel.POLLRDHUP) != 0 && !inputShut;
            boolean sending =
                    (events & Kernel.POLLOUT) == 0 && (state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT);
            return new SocketSnapshot(
                    hold,
                    state,
                    unread,
                    end,
                    (events & Kernel.POLLERR) != 0,
                    outputShut,
                    reading,
                    readInterest,
                    writing,
                    sending,
                    0,
                    false);
        } catch (Throwable notTold) {
            return new SocketSnapshot(
                    hold, TcpState.UNKNOWN, 0, false, false, outputShut, reading, readInterest, writing);
        }
    }

    /**
     * What the kernel says of a socket that the application has closed. Needs no lock: should the descriptor be freed meanwhile, the
     * inode tells afterwards.
     */
    public final SocketSnapshot factsOfClosed() {
        boolean finUnacknowledged = !unix
                && fd != null
                && switch (tcpState()) {
                    case FIN_WAIT1, CLOSING, LAST_ACK -> true;
                    default -> false;
                };
        return stillOurs() ? SocketSnapshot.closed().withSending(finUnacknowledged) : SocketSnapshot.gone();
    }

    /** A unix-domain socket has no state; what its peer has done shows in poll(2). What was written has arrived. */
    private static TcpState unixState(int events, boolean outputShut, boolean inputShut) {
        if ((events & Kernel.POLLHUP) != 0) {
            return TcpState.CLOSE;
        }
        if (outputShut) {
            return TcpState.FIN_WAIT2;
        }
        return (events & Kernel.POLLRDHUP) != 0 && !inputShut ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED;
    }

    /**
     * Whether the connection has ended on the peer's side or on both. Harmless without any lock: if the descriptor number
     * has changed hands the answer is about another socket, and a proper look will follow.
     */
    public final boolean peerHasEnded() {
        try {
            if (unix) {
                return (stack.kernel().pollNow(fd, Kernel.POLLRDHUP) & (Kernel.POLLRDHUP | Kernel.POLLHUP)) != 0;
            }
            TcpState state = TcpState.of(stack.kernel().tcpState(fd));
            return state == TcpState.CLOSE_WAIT || state == TcpState.CLOSE;
        } catch (Throwable notTold) {
            return false;
        }
    }

    /**
     * The object was collected. Once no finalizer can close it any more, and if its descriptor still refers to the same
     * socket, nobody but us can ever touch that descriptor: no lock is left to take, and none is needed.
     */
    private SocketSnapshot snapshotOfRemains() {
        if (!leavesOurDescriptor()) {
            return SocketSnapshot.gone();
        }
        if (remote == null && !unix) {
            findEnds();
        }
        return remains.refersTo(null)
                ? facts(Holder.UNREACHABLE, outputWasShut, false, false, false, false)
                : SocketSnapshot.dying();
    }

    /** The object was collected before anybody has asked it for them, or while it was being connected. */
    private void findEnds() {
        try {
            TcpState state = TcpState.of(stack.kernel().tcpState(fd));
            if (state == TcpState.LISTEN || state == TcpState.CLOSE) {
                return;
            }
            local = stack.kernel().localAddress(fd);
            remote = state == TcpState.SYN_SENT
                    ? stack.descriptors().connectingPeer(inode)
                    : stack.kernel().remoteAddress(fd);
        } catch (Throwable notTold) {
            // then they stay unknown
        }
    }

    private boolean leavesOurDescriptor() {
        if (remains == null || fd == null) {
            return false;
        }
        if (inode == 0 && has(NOTED)) {
            inode = Descriptors.inode(stack.descriptors().link(descriptor));
            unix = stack.kernel().isUnix(fd);
        }
        return stillOurs();
    }

    /** Whether the descriptor still refers to the socket that it was remembered with. */
    public final boolean stillOurs() {
        return inode != 0 && inode == Descriptors.inode(stack.descriptors().link(descriptor));
    }

    /** Reads from a descriptor that cannot be freed and that nobody else reads; it may be in blocking mode. */
    public final int readIfReady(FileDescriptor from, ByteBuffer discarded) throws IOException {
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

    /**
     * Whether the peer would take a plain close for the end of an answer that the application has never finished: its output is open,
     * and so is the connection.
     */
    public static boolean isUnfinished(SocketSnapshot snapshot) {
        return !snapshot.outputShut()
                && switch (snapshot.tcpState()) {
                    case ESTABLISHED, CLOSE_WAIT -> true;
                    default -> false;
                };
    }

    /** Whether that can be told by a reset; of a unix-domain socket only bytes that it has not read tell its peer. */
    public final boolean canBeReset() {
        return !unix;
    }

    /** Takes off what is there, and resets the connection. Under all locks of the socket; the buffer's monitor is held. */
    public final Claim.Emptied reset(FileDescriptor open, SocketSnapshot snapshot, ByteBuffer buffer) {
        Claim.Emptied emptied = empty(open, snapshot, buffer);
        try {
            stack.kernel().reset(open);
        } catch (Throwable refused) {
            try {
                stack.kernel().lingerZero(open);
            } catch (Throwable ended) {
                // then nobody is there to be told
            }
        }
        return emptied;
    }

    private Claim.Emptied empty(FileDescriptor open, SocketSnapshot snapshot, ByteBuffer buffer) {
        long bytes = 0;
        byte[] first = {};
        boolean reset = false;
        try {
            int there = stack.kernel().available(open);
            while (buffer != null && bytes < there) {
                int count = readIfReady(open, buffer.clear());
                if (count <= 0) {
                    break;
                }
                if (bytes == 0) {
                    first = new byte[Math.min(count, FIRST_BYTES)];
                    buffer.flip().get(first);
                }
                bytes += count;
            }
            bytes = Math.max(bytes, there);
        } catch (IOException byPeer) {
            reset = true;
        } catch (Throwable notTold) {
            bytes = Math.max(bytes, snapshot.unreadBytes());
        }
        return new Claim.Emptied(bytes, first, snapshot.endOfInput(), reset);
    }

    /**
     * Whether the input of a connection in state CLOSE with nothing unread has ended in order. TCP: if the peer's FIN has come, a read
     * returns the end although the kernel has an error to tell; without a FIN it would have told that error. Without such an error
     * it is not known: a reset that was told already reads like an end, too. Unix-domain: what the peer has written is here at once, so
     * nothing can be missing. Under all locks of the socket; the buffer's monitor is held.
     *
     * @throws IOException if the connection was reset
     */
    final boolean hasEndedInOrder(FileDescriptor open, SocketSnapshot snapshot, ByteBuffer buffer) throws IOException {
        if (buffer == null
                || snapshot.tcpState() != TcpState.CLOSE
                || snapshot.unreadBytes() > 0
                || readIfReady(open, buffer.clear()) != Claim.END_OF_INPUT) {
            return false;
        }
        try {
            return unix || (stack.kernel().pollNow(open, Kernel.POLLERR) & Kernel.POLLERR) != 0;
        } catch (Throwable notTold) {
            return false;
        }
    }

    /** The claim on a descriptor whose object is gone. */
    private final class RemainsClaim implements Claim {
        private final SocketSnapshot snapshot;
        private final AtomicBoolean closed = new AtomicBoolean();

        RemainsClaim(SocketSnapshot snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public SocketSnapshot snapshot() {
            return snapshot;
        }

        @Override
        public int read(ByteBuffer discarded) throws IOException {
            return stillOurs() ? readIfReady(fd, discarded) : CLOSED_MEANWHILE;
        }

        @Override
        public boolean isReset() {
            return isUnfinished(snapshot) && canBeReset();
        }

        @Override
        public boolean tellsByUnread() {
            return isUnfinished(snapshot) && !canBeReset();
        }

        @Override
        public String owner() {
            return "Socket Reaper, because no object is left that could";
        }

        @Override
        public void close() throws IOException {
            if (!stillOurs() || !closed.compareAndSet(false, true)) {
                return;
            }
            try {
                if (isReset()) {
                    lingerZero();
                    stack.kernel().closeAsItIs(fd);
                } else {
                    stack.kernel().close(fd);
                }
            } catch (IOException failed) {
                throw failed;
            } catch (Throwable unexpected) {
                throw new IOException(unexpected);
            }
        }

        /** Without it the close would tell the peer of an end. If it fails, the next attempt begins anew. */
        private void lingerZero() throws Throwable {
            try {
                stack.kernel().lingerZero(fd);
            } catch (Throwable notSet) {
                closed.set(false);
                throw notSet;
            }
        }
    }
}
