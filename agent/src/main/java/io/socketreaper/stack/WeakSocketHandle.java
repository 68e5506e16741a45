package io.socketreaper.stack;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import java.io.FileDescriptor;
import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A socket object, held weakly, and its descriptor: that is remembered, so that it can be reported and closed after the object
 * was collected. Kept small, because {@code track=all} makes one for every socket.
 */
public abstract class WeakSocketHandle extends WeakReference<Object> implements SocketHandle {
    /** After this many quick checks the object itself is looked at, too. */
    static final int FULL_CHECK = 16;

    /** The mark of a socket whose descriptor was noted when it was opened. */
    private static final byte NOTED = 1;
    /** The mark of one whose inode was found by its number, after the object was collected. */
    private static final byte INODE_LATE = 2;
    /** The first of the marks that are left to subclasses; the next are its multiples by two. */
    protected static final byte FIRST_MARK = 4;

    private final SocketStack stack;
    /** Cleared only after any finalizer has run; null for a socket that the JDK reclaims by itself. */
    private final @Nullable PhantomReference<Object> remains;

    private @Nullable FileDescriptor fd;
    private int descriptor = -1;
    private boolean unix;
    private boolean outputWasShut;
    /** Bits, all of which a fresh handle lacks. Without a lock: of two that are set in the same moment one may be lost. */
    private byte marks;

    private byte quickChecks;
    /** What the last quick check has seen, by its place among the states. */
    private byte lastState;

    private long inode;
    private @Nullable SocketAddress local;
    private @Nullable SocketAddress remote;

    /** @param reclaimed true if the JDK closes the descriptor of a collected object by itself */
    public WeakSocketHandle(SocketStack stack, Object socket, boolean reclaimed) {
        super(socket);
        this.stack = stack;
        this.remains = reclaimed ? null : new PhantomReference<>(socket, null);
    }

    /** The facts about a socket whose object exists. */
    public abstract SocketSnapshot snapshot(Object socket);

    /** A quick check of a socket whose object exists. */
    public abstract QuickCheck quickCheck(Object socket);

    /** The claim on a socket whose object exists. */
    public abstract @Nullable Claim claim(Object socket, Predicate<SocketSnapshot> leaked);

    /** As {@link #isStuck()}, for a socket whose object exists. */
    boolean isStuck(Object socket) {
        return false;
    }

    /** As {@link #holder()}, for a socket whose object exists. */
    public String holder(Object socket) {
        return "";
    }

    @Override
    public final boolean is(@Nullable Object socket) {
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
    public final boolean isInodeLate() {
        return has(INODE_LATE);
    }

    @Override
    public final Endpoints endpoints() {
        return new Endpoints(local, remote);
    }

    @Override
    public final TcpState tcpState() {
        return lastState != TcpState.UNKNOWN.ordinal() || unix || inode == 0 || !stack.isProven()
                ? TcpState.values()[lastState]
                : inKernel().tcpState();
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
            return open != null && KernelSocket.unread(stack.kernel(), open) > 0;
        } catch (Throwable notTold) {
            return false;
        }
    }

    /** Null if it cannot be told, or has no input. Any thread. */
    public @Nullable FileDescriptor descriptorOf(Object socket) throws ReflectiveOperationException {
        return null;
    }

    @Override
    public final boolean isStuck() {
        Object socket = stack.isProven() ? get() : null;
        return socket != null && isStuck(socket);
    }

    @Override
    public final QuickCheck quickCheck() {
        return stack.isProven() && isWell() ? QuickCheck.FINE : fullCheck();
    }

    @Override
    public final QuickCheck fullCheck() {
        if (!stack.isProven()) {
            return QuickCheck.FINE;
        }
        Object socket = get();
        QuickCheck ofRemains = socket != null || leavesOurDescriptor() ? QuickCheck.SIGN : QuickCheck.GONE;
        return socket == null ? ofRemains : quickCheck(socket);
    }

    /**
     * Whether the kernel alone tells that there is no sign of a leak: the object is there, and neither side has ended the connection.
     * Makes no strong reference to the object, because one that is made while a concurrent collector marks keeps what the application has
     * dropped for another cycle, and with a check in every cycle for ever. Not every time: a channel that was closed with
     * {@code SO_LINGER} 0 while a selector holds it looks like this, too, and so does one whose receive window is full.
     */
    private boolean isWell() {
        boolean isTcpAndKnown = inode != 0 && !unix && (isReclaimed() || remote != null);
        if (!isTcpAndKnown || ++quickChecks % FULL_CHECK == 0 || refersTo(null)) {
            return false;
        }
        lastState = (byte) inKernel().tcpState().ordinal();
        return lastState == TcpState.ESTABLISHED.ordinal();
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
        return stack.isProven()
                        && leavesOurDescriptor()
                        && Objects.requireNonNull(remains).refersTo(null)
                ? inKernel().options(step)
                : TcpOptions.Done.NO;
    }

    /** The options of a socket whose object exists. */
    public TcpOptions.Done options(Object socket, TcpOptions.Step step) {
        return TcpOptions.Done.NO;
    }

    /** The socket as the kernel knows it, by the remembered descriptor. */
    // Without a descriptor each question fails, and is answered as one that the kernel does not answer.
    @SuppressWarnings("NullAway")
    public final KernelSocket inKernel() {
        return inKernel(fd);
    }

    /** The same by a descriptor that is known to be its own. */
    public final KernelSocket inKernel(FileDescriptor open) {
        return new KernelSocket(stack.kernel(), open, unix);
    }

    @Override
    public final @Nullable Claim claim(Predicate<SocketSnapshot> leaked) {
        if (!stack.isProven()) {
            return null;
        }
        Object socket = get();
        if (socket != null) {
            return claim(socket, leaked);
        }
        SocketSnapshot snapshot = snapshotOfRemains();
        return snapshot.hold() == Holder.UNREACHABLE && leaked.test(snapshot)
                ? new RemainsClaim(this, inKernel(), snapshot)
                : null;
    }

    /**
     * Keeps facts that cannot be asked for after the descriptor or the object is gone. To be called while the descriptor cannot be freed.
     *
     * @param isUnix true for a unix-domain socket, of which the kernel has no TCP state
     */
    public final void remember(@Nullable FileDescriptor open, int number, boolean isUnix, Endpoints endpoints) {
        long known = inode != 0 ? inode : Descriptors.inode(stack.descriptors().link(number));
        remember(open, number, isUnix, endpoints, known);
    }

    /** The same, with the inode already looked up. */
    public final void remember(
            @Nullable FileDescriptor open, int number, boolean isUnix, Endpoints endpoints, long itsInode) {
        inode = itsInode;
        fd = open;
        descriptor = number;
        unix = isUnix;
        local = endpoints.local();
        remote = endpoints.remote();
    }

    /** Whether the JDK closes the descriptor of a collected object by itself. */
    final boolean isReclaimed() {
        return remains == null;
    }

    /** The one that made it; not kept by subclasses, of which there is one for every socket. */
    public final SocketStack stack() {
        return stack;
    }

    /** Null before {@link #remember}. */
    public final @Nullable FileDescriptor remembered() {
        return fd;
    }

    /**
     * Keeps the descriptor of a socket that was just opened, on the application's thread. That is enough to find it when the
     * object is collected before the first look: the hook tells every close before the object can be collected, so as long as
     * no close was told the descriptor is the one that the object had. The caller must therefore look at the descriptor first,
     * and ask after that whether a close was told.
     */
    public final void note(FileDescriptor open, int number) {
        fd = open;
        descriptor = number;
        marks |= NOTED;
    }

    /** Sets marks of the subclass, {@link #FIRST_MARK} and its multiples by two; any thread, no lock. */
    protected final void mark(int bits) {
        if ((marks & bits) != bits) {
            marks |= (byte) bits;
        }
    }

    protected final boolean has(int mark) {
        return (marks & mark) != 0;
    }

    /** Keeps whether the output is shut, which cannot be told any more after the object was collected. Returns it. */
    public final boolean rememberOutput(boolean shut) {
        outputWasShut = shut;
        return shut;
    }

    /**
     * Keeps both ends of a socket that is being connected to the chosen peer, once the kernel has chosen ours. To be called while the
     * descriptor cannot be freed.
     */
    final void rememberConnecting(@Nullable SocketAddress chosen) {
        if (inKernel().tcpState() != TcpState.SYN_SENT) {
            return;
        }
        try {
            local = stack.kernel().localAddress(fd);
            remote = chosen;
        } catch (Throwable notTold) {
            // a later look finds them
        }
    }

    /** Whether its inode and its peer are known. */
    public final boolean isRemembered() {
        return inode != 0 && remote != null;
    }

    /** What the kernel says, and the object. To be called while the descriptor cannot be freed. */
    public final SocketSnapshot snapshot(Holder holder, ObjectState object) {
        rememberOutput(object.outputShut());
        return inKernel().snapshot(holder, object);
    }

    /** Of a socket that the application has closed. Needs no lock: should the descriptor be freed meanwhile, the inode tells afterwards. */
    public final SocketSnapshot snapshotOfClosed() {
        boolean finUnacknowledged = fd != null && inKernel().hasUnacknowledgedFin();
        return stillOurs() ? SocketSnapshot.closed().withSending(finUnacknowledged) : SocketSnapshot.gone();
    }

    /** The object was collected. Once no finalizer can close it any more, the agent alone can touch its descriptor, so no lock is needed. */
    private SocketSnapshot snapshotOfRemains() {
        if (!leavesOurDescriptor()) {
            return SocketSnapshot.gone();
        }
        if (remote == null && !unix) {
            findEnds();
        }
        return Objects.requireNonNull(remains).refersTo(null)
                ? snapshot(Holder.UNREACHABLE, ObjectState.collected(outputWasShut))
                : SocketSnapshot.dying();
    }

    /** Finds the two ends of a socket whose object was collected before it was asked for them, or while it was being connected. */
    private void findEnds() {
        try {
            TcpState state = inKernel().tcpState();
            if (state == TcpState.LISTEN || state == TcpState.CLOSE || state == TcpState.UNKNOWN) {
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
            mark(INODE_LATE);
            unix = stack.kernel().isUnix(fd);
        }
        return stillOurs();
    }

    /** Whether the descriptor still refers to the socket that it was remembered with. */
    public final boolean stillOurs() {
        return inode != 0 && inode == Descriptors.inode(stack.descriptors().link(descriptor));
    }
}
