package io.socketreaper.stack;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket of the JDK, channel or classic.
 *
 * <p>Every call that uses the descriptor holds the socket's {@code stateLock} and has seen the state CONNECTED under it:
 * the JDK frees a descriptor number only under that lock and only after leaving that state, so the number cannot belong to
 * another socket. A read also holds {@code readLock}, which every reader holds for as long as it reads. The order is the JDK's
 * own, {@code readLock} before {@code writeLock} before {@code stateLock}; no blocking call is made under any of them.
 */
public abstract class StreamSocketHandle extends WeakSocketHandle {
    private static final String LOCKED_BY = "[Locked by thread ";

    public StreamSocketHandle(StreamSocketStack stack, Object socket, boolean reclaimed) {
        super(stack, socket, reclaimed);
    }

    final StateLockFields fields() {
        return ((StreamSocketStack) stack()).fields();
    }

    // -- What a stack tells of its socket

    /**
     * What the selection keys of a socket ask for.
     *
     * @param reading whether a key asks for input
     * @param writing whether a key asks for room for output
     * @param inVain whether keys ask for something, and all of them are of abandoned selectors
     */
    public record Interest(boolean reading, boolean writing, boolean inVain) {
        /** That of a socket which no selector holds. */
        public static final Interest NONE = new Interest(false, false, false);
    }

    /** Whether the application has not closed the socket, as far as can be told without a lock. */
    public abstract boolean isOpen(Object socket);

    /** Whether the socket is opened and neither connected, connecting nor bound, as far as can be told without a lock. */
    public abstract boolean isUnused(Object socket);

    /** The number of the descriptor; under the state lock, not freed. */
    public abstract int descriptor(Object socket);

    /** The two ends; under the state lock, not freed. */
    public abstract Endpoints endpoints(Object socket);

    public boolean isUnix(Object socket) {
        return false;
    }

    /** Whether a connect is under way whose outcome the application must ask for. */
    public boolean isConnecting(Object socket) {
        return false;
    }

    /** What the selection keys of the socket ask for. */
    public Interest interest(Object socket) {
        return Interest.NONE;
    }

    /** Whether a selector holds the socket, which then keeps its descriptor after a close. */
    public boolean isRegistered(Object socket) {
        return false;
    }

    /** Names the selectors that hold a closed socket, or those of an open one that are abandoned; empty if there are none. */
    public String selectorsOf(Object socket) {
        return "";
    }

    /** Messages that a handler of the owner's holds until the application asks for them. Takes no lock, and may be outdated. */
    protected int held(Object socket) {
        return 0;
    }

    /** The layer between the socket and the application; null if there is none, or if it is not known. */
    public @Nullable SocketLayer layer(Object socket) {
        return null;
    }

    @Override
    public final boolean hasLayer() {
        Object socket = get();
        return socket != null && layer(socket) != null;
    }

    /** Called in every quick check of a connected socket, without a lock, for what the stack keeps of it. */
    public void observe(Object socket) {}

    /** The claim on a socket that has just been condemned. */
    public abstract StreamClaim condemned(Object socket, StreamClaim.Condemned condemned);

    /** The claim on a socket that the application has closed and whose descriptor is still there; null if no close would free it. */
    public abstract @Nullable Claim closed(Object socket, SocketSnapshot snapshot);

    /**
     * Makes later reads return the end of input, for as long as the JDK lets them: the input has ended in order, and none of it
     * was discarded. Under {@code readLock}.
     */
    public abstract void nothingIsMissing(Object socket);

    // -- Looking

    @Override
    public final QuickCheck quickCheck(Object socket) {
        if (!isOpen(socket)) {
            if (inode() == 0 && isRegistered(socket)) {
                rememberUnlessFreed(socket, true);
            }
            return snapshotOfClosed(socket).isGone() ? QuickCheck.GONE : QuickCheck.SIGN;
        }
        return fields().isConnected(socket) ? quickCheckOfConnected(socket) : quickCheckOfUnconnected(socket);
    }

    private QuickCheck quickCheckOfUnconnected(Object socket) {
        if (inode() == 0 || isConnecting(socket) && !isRemembered()) {
            rememberUnlessFreed(socket, false);
        }
        if (inode() == 0) {
            return QuickCheck.FINE;
        }
        boolean connectIsLost = isConnecting(socket)
                && (inKernel().peerHasEnded() || interest(socket).inVain());
        return connectIsLost || isUnused(socket) ? QuickCheck.SIGN : QuickCheck.FINE;
    }

    private QuickCheck quickCheckOfConnected(Object socket) {
        // The addresses of a socket that leaves nothing behind can wait for a sign: they are larger than the rest of
        // what is kept of it.
        boolean enough = isReclaimed() ? inode() != 0 : isRemembered();
        if (!enough && !rememberUnlessFreed(socket, !isReclaimed())) {
            return QuickCheck.FINE;
        }
        observe(socket);
        boolean ended =
                rememberOutput(fields().isOutputClosed(socket)) || inKernel().peerHasEnded();
        return ended || isWindowFullUnread(socket) ? QuickCheck.SIGN : QuickCheck.FINE;
    }

    /** Whether the receive window is full while no thread or key waits to read: a consumer that is slower than its peer is no suspect. */
    private boolean isWindowFullUnread(Object socket) {
        return inKernel().isWindowFull()
                && !fields().readLock(socket).isLocked()
                && !interest(socket).reading();
    }

    private boolean rememberUnlessFreed(Object socket, boolean withEndpoints) {
        synchronized (fields().stateLock(socket)) {
            if (fields().isFreed(socket)) {
                return false;
            }
            remember(socket, withEndpoints ? endpoints(socket) : endpoints());
            if (!withEndpoints && isConnecting(socket)) {
                rememberConnecting(endpoints(socket).remote());
            }
            return true;
        }
    }

    /** Under the state lock, not freed. */
    private void remember(Object socket, Endpoints endpoints) {
        remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints);
    }

    @Override
    public final Endpoints findEndpoints() {
        Object socket = isRemembered() || !stack().isProven() ? null : get();
        return socket == null ? endpoints() : endpoints(socket);
    }

    @Override
    public final boolean tellsEndpoints() {
        return stack().isProven();
    }

    @Override
    public final void rememberEndpoints() {
        Object socket = get();
        if (stack().isProven() && socket != null && isConnected(socket) && !isRemembered()) {
            rememberUnlessFreed(socket, true);
        }
    }

    @Override
    public final FileDescriptor descriptorOf(Object socket) {
        return fields().fd(socket);
    }

    @Override
    public final SocketSnapshot snapshot(Object socket) {
        // isOpen first: a blocking channel that lingers in close() holds stateLock all the while, but is no longer
        // open.
        if (!isOpen(socket)) {
            if (isReclaimed() && inode() != 0 && !isRemembered()) {
                // Without the lock; should the number have changed hands meanwhile, the socket is seen to be gone.
                remember(remembered(), descriptor(), false, endpoints(socket));
            }
            return snapshotOfClosed(socket);
        }
        return snapshotOfOpen(
                socket,
                fields().readLock(socket).isLocked(),
                fields().writeLock(socket).isLocked());
    }

    /**
     * The facts of a socket that was open just now.
     *
     * @param reading whether a thread is in a read or waits to begin one
     * @param writing the same for a write
     */
    final SocketSnapshot snapshotOfOpen(Object socket, boolean reading, boolean writing) {
        SocketSnapshot below = snapshotBelow(socket, reading, writing);
        // Afterwards, so that input on its way up is seen twice rather than not at all.
        return below.hold() == Holder.OPEN && below.showsSign() ? below.withHeld(held(socket)) : below;
    }

    private SocketSnapshot snapshotBelow(Object socket, boolean reading, boolean writing) {
        Interest interest = interest(socket);
        synchronized (fields().stateLock(socket)) {
            if (!isOpen(socket)) {
                return SocketSnapshot.gone();
            }
            if (!fields().isConnected(socket)) {
                return snapshotOfUnconnected(socket, reading);
            }
            if (!isRemembered()) {
                remember(socket, endpoints(socket));
            }
            SocketSnapshot below = snapshot(
                    Holder.OPEN,
                    new ObjectState(
                            fields().isOutputClosed(socket),
                            fields().isInputClosed(socket),
                            reading,
                            interest.reading(),
                            writing || interest.writing()));
            SocketLayer layer = layer(socket);
            return layer == null ? below : layer.addTo(below);
        }
    }

    /** Under the state lock. */
    private SocketSnapshot snapshotOfUnconnected(Object socket, boolean reading) {
        if (isUnused(socket)) {
            return SocketSnapshot.unused();
        }
        return reading || !isConnecting(socket) ? SocketSnapshot.inUse() : snapshotOfConnecting(socket);
    }

    /** Under the state lock, and while no thread is inside a connect. */
    private SocketSnapshot snapshotOfConnecting(Object socket) {
        remember(socket, endpoints());
        if (!isRemembered()) {
            rememberConnecting(endpoints(socket).remote());
        }
        boolean ended = inKernel().peerHasEnded();
        if (!ended && !interest(socket).inVain()) {
            return SocketSnapshot.inUse();
        }
        if (!isRemembered()) {
            remember(socket, endpoints(socket));
        }
        return ended
                ? SocketSnapshot.connectEnded()
                : SocketSnapshot.connecting(inKernel().tcpState());
    }

    /** Takes no lock: a close with SO_LINGER holds it for as long as that takes. */
    private SocketSnapshot snapshotOfClosed(Object socket) {
        return fields().isFreed(socket) ? SocketSnapshot.gone() : snapshotOfClosed();
    }

    @Override
    public final TcpOptions.Done options(Object socket, TcpOptions.Step step) {
        if (!isOpen(socket)) {
            return TcpOptions.Done.NO;
        }
        synchronized (fields().stateLock(socket)) {
            return isConnected(socket) ? inKernel(fields().fd(socket)).options(step) : TcpOptions.Done.NO;
        }
    }

    /** The JDK pre-closes a socket under a platform thread; a virtual one must run to free it. */
    @Override
    final boolean isStuck(Object socket) {
        return !isOpen(socket)
                && !isRegistered(socket)
                && !snapshotOfClosed(socket).isGone();
    }

    @Override
    public final String holder(Object socket) {
        if (!isStuck(socket)) {
            return selectorsOf(socket);
        }
        String reader = lockedBy(fields().readLock(socket));
        String writer = lockedBy(fields().writeLock(socket));
        return reader == null && writer == null
                ? "a thread that was in a read or write of it"
                : "thread \"" + (reader != null ? reader : writer) + "\", which is still inside a "
                        + (reader != null ? "read" : "write") + " of it";
    }

    /** The name of the thread that holds a lock, which only the lock's text tells; null if no thread does. */
    private static @Nullable String lockedBy(ReentrantLock lock) {
        String text = lock.toString();
        int start = text.indexOf(LOCKED_BY);
        return start < 0 ? null : text.substring(start + LOCKED_BY.length(), text.length() - 1);
    }

    /** Whether no thread reads or writes at this moment, so that a close would not have to wait. */
    public final boolean isAtRest(Object socket) {
        return !fields().readLock(socket).isLocked()
                && !fields().writeLock(socket).isLocked();
    }

    final boolean isConnected(Object socket) {
        return isOpen(socket) && fields().isConnected(socket);
    }

    // -- Claiming

    @Override
    public final @Nullable Claim claim(Object socket, Predicate<SocketSnapshot> leaked) {
        SocketLayer layer = isOpen(socket) ? layer(socket) : null;
        if (layer == null) {
            return claimBelow(socket, leaked);
        }
        if (!layer.tryLock()) {
            return null;
        }
        try {
            Claim claim = claimBelow(socket, leaked);
            if (claim != null) {
                layer.condemn();
            }
            return claim;
        } finally {
            layer.unlock();
        }
    }

    private @Nullable Claim claimBelow(Object socket, Predicate<SocketSnapshot> leaked) {
        if (!isOpen(socket)) {
            SocketSnapshot snapshot = snapshotOfClosed(socket);
            return !snapshot.isGone() && leaked.test(snapshot) ? closed(socket, snapshot) : null;
        }
        return claimOpen(socket, leaked);
    }

    /** The claim on a socket that is open; null as {@link #claimNow}. */
    public @Nullable Claim claimOpen(Object socket, Predicate<SocketSnapshot> leaked) {
        return claimNow(socket, leaked);
    }

    /** Whether the owner would draw a wrong conclusion from a read that throws "Connection reset". */
    protected boolean mustNotReadReset(Object socket) {
        return false;
    }

    /** Claims on the calling thread; null if the socket was in use or the facts no longer hold. */
    public final @Nullable StreamClaim claimNow(Object socket, Predicate<SocketSnapshot> leaked) {
        return new Condemnation(this, socket, leaked).claim();
    }

    /** Takes the locks for one read at a time, so that an application that reads meanwhile fails at once instead of waiting. */
    final int readOnce(Object socket, ByteBuffer discarded) throws IOException {
        ReentrantLock readLock = fields().readLock(socket);
        if (!readLock.tryLock()) {
            return Claim.BUSY;
        }
        try {
            synchronized (fields().stateLock(socket)) {
                return isConnected(socket)
                        ? inKernel(fields().fd(socket)).readIfReady(discarded)
                        : Claim.CLOSED_MEANWHILE;
            }
        } finally {
            readLock.unlock();
        }
    }
}
