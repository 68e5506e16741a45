package io.socketreaper.stack;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.stack.tls.TlsLayer;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * A stream socket of the JDK, channel or classic.
 *
 * <p>Every call that uses the descriptor holds the socket's {@code stateLock} and has seen the state CONNECTED under it:
 * the JDK frees a descriptor number only under that lock and only after leaving that state, so the number cannot belong
 * to somebody else. A read also holds {@code readLock}, which every reader holds for as long as it reads. The order is
 * the JDK's own, {@code readLock} before {@code writeLock} before {@code stateLock}; nothing that blocks happens under any.
 */
public abstract class StreamSocketHandle extends WeakSocketHandle {
    private static final String LOCKED_BY = "[Locked by thread ";

    public StreamSocketHandle(StreamSocketStack stack, Object socket, boolean reclaimed) {
        super(stack, socket, reclaimed);
    }

    private StateLockFields fields() {
        return ((StreamSocketStack) stack()).fields();
    }

    /** Whether the application has not closed the socket, as far as can be told without a lock. */
    public abstract boolean isOpen(Object socket);

    /** Whether the socket is opened and neither connected, connecting nor bound, as far as can be told without a lock. */
    public abstract boolean isUnused(Object socket);

    /** Whether a connect is under way whose outcome the application must ask for. */
    public abstract boolean isConnecting(Object socket);

    /** Whether selection keys of the socket want something, and all that do are of selectors that are known to be abandoned. */
    public abstract boolean isWaitedForInVain(Object socket);

    /** What the selection keys of the socket want, as OP_ bits. */
    public abstract int interest(Object socket);

    /** Whether a selector holds the socket, which then keeps its descriptor after a close. */
    public abstract boolean isRegistered(Object socket);

    /** The selectors that hold a closed socket, or that will tell nobody of an open one; empty if there are none. */
    public abstract String selectorsOf(Object socket);

    /** Keeps whether selection keys of the socket have attachments. Without a lock. */
    public void lookAtAttachments(Object socket) {}

    /** Whether it is a unix-domain socket. */
    public abstract boolean isUnix(Object socket);

    /** The number of the descriptor; under the state lock, not freed. */
    public abstract int descriptor(Object socket);

    /** The two ends; under the state lock, not freed. */
    public abstract Endpoints endpoints(Object socket);

    /** The claim on a socket that has just been condemned. */
    public abstract LiveClaim condemned(Object socket, Condemned how);

    /** The claim on a socket that the application has closed and whose descriptor is still there; null if nothing would help. */
    public abstract Claim closed(Object socket, SocketSnapshot snapshot);

    @Override
    public final QuickCheck quickCheck(Object socket) {
        if (!isOpen(socket)) {
            if (inode() == 0 && isRegistered(socket)) {
                rememberUnlessFreed(socket, true);
            }
            return snapshotOfClosed(socket).isGone() ? QuickCheck.GONE : QuickCheck.SIGN;
        }
        if (!fields().isConnected(socket)) {
            if (inode() == 0 || isConnecting(socket) && !isRemembered()) {
                rememberUnlessFreed(socket, false);
            }
            return inode() != 0
                            && (isUnused(socket)
                                    || isConnecting(socket) && (peerHasEnded() || isWaitedForInVain(socket)))
                    ? QuickCheck.SIGN
                    : QuickCheck.FINE;
        }
        // The addresses of a socket that leaves nothing behind can wait for a sign: they are larger than all that is
        // kept of it.
        boolean enough = isReclaimed() ? inode() != 0 : isRemembered();
        if (!enough && !rememberUnlessFreed(socket, !isReclaimed())) {
            return QuickCheck.FINE;
        }
        lookAtAttachments(socket);
        return rememberOutput(fields().isOutputClosed(socket)) || peerHasEnded() ? QuickCheck.SIGN : QuickCheck.FINE;
    }

    private boolean rememberUnlessFreed(Object socket, boolean withEndpoints) {
        synchronized (fields().stateLock(socket)) {
            if (fields().isFreed(socket)) {
                return false;
            }
            remember(
                    fields().fd(socket),
                    descriptor(socket),
                    isUnix(socket),
                    withEndpoints ? endpoints(socket) : endpoints());
            if (!withEndpoints && isConnecting(socket)) {
                rememberConnecting(endpoints(socket).remote());
            }
            return true;
        }
    }

    @Override
    public final void rememberEndpoints() {
        Object socket = get();
        if (stack().isProven() && socket != null && isOpen(socket) && fields().isConnected(socket) && !isRemembered()) {
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
        return snapshot(
                socket,
                fields().readLock(socket).isLocked(),
                fields().writeLock(socket).isLocked());
    }

    private SocketSnapshot snapshot(Object socket, boolean reading, boolean writing) {
        int interest = interest(socket);
        synchronized (fields().stateLock(socket)) {
            if (!isOpen(socket)) {
                return SocketSnapshot.gone();
            }
            if (!fields().isConnected(socket)) {
                return isUnused(socket)
                        ? SocketSnapshot.unused()
                        : reading ? SocketSnapshot.inUse() : snapshotOfConnecting(socket);
            }
            if (!isRemembered()) {
                remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints(socket));
            }
            return withLayers(
                    layers(socket),
                    facts(
                            Holder.OPEN,
                            fields().isOutputClosed(socket),
                            fields().isInputClosed(socket),
                            reading,
                            (interest & SelectionKey.OP_READ) != 0,
                            writing || (interest & SelectionKey.OP_WRITE) != 0));
        }
    }

    @Override
    public final TcpOptions.Done options(Object socket, TcpOptions.Step step) {
        if (!isOpen(socket)) {
            return TcpOptions.Done.NO;
        }
        synchronized (fields().stateLock(socket)) {
            return isConnected(socket) ? optionsOf(fields().fd(socket), step) : TcpOptions.Done.NO;
        }
    }

    /** The outermost {@code SSLSocket} that stands before the socket; null if there is none, or if it is not known. */
    public Socket layers(Object socket) {
        return null;
    }

    /** Asked after the socket itself, so that bytes on their way up are seen twice rather than not at all. */
    private SocketSnapshot withLayers(Socket layers, SocketSnapshot seen) {
        if (layers == null) {
            return seen;
        }
        TlsLayer.Facts told = TlsLayer.ofThisJdk().snapshot(layers);
        return new SocketSnapshot(
                seen.hold(),
                seen.tcpState(),
                seen.unreadBytes(),
                seen.endOfInput(),
                seen.reset(),
                seen.outputShut(),
                seen.reading() || told.reading(),
                seen.readInterest(),
                seen.writing() || told.writing(),
                seen.sending(),
                told.plaintext(),
                told.over());
    }

    /** Under the state lock, and while nobody is inside a connect. */
    private SocketSnapshot snapshotOfConnecting(Object socket) {
        if (!isConnecting(socket)) {
            return SocketSnapshot.inUse();
        }
        remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints());
        if (!isRemembered()) {
            rememberConnecting(endpoints(socket).remote());
        }
        boolean ended = peerHasEnded();
        if (!ended && !isWaitedForInVain(socket)) {
            return SocketSnapshot.inUse();
        }
        if (!isRemembered()) {
            remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints(socket));
        }
        return ended ? SocketSnapshot.connectEnded() : SocketSnapshot.connecting(tcpState());
    }

    /** Asks for no lock: whoever closes with SO_LINGER holds it for as long as that takes. */
    private SocketSnapshot snapshotOfClosed(Object socket) {
        return fields().isFreed(socket) ? SocketSnapshot.gone() : factsOfClosed();
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
                : "thread \"" + (reader != null ? reader : writer) + "\", which has not come back from a "
                        + (reader != null ? "read" : "write") + " of it";
    }

    /** The lock tells its owner's name to nobody but here. */
    private static String lockedBy(ReentrantLock lock) {
        String text = lock.toString();
        int start = text.indexOf(LOCKED_BY);
        return start < 0 ? null : text.substring(start + LOCKED_BY.length(), text.length() - 1);
    }

    /** Whether nobody reads or writes at this moment, so that a close would not have to wait. */
    public final boolean isAtRest(Object socket) {
        return !fields().readLock(socket).isLocked()
                && !fields().writeLock(socket).isLocked();
    }

    private boolean isConnected(Object socket) {
        return isOpen(socket) && fields().isConnected(socket);
    }

    /** With the locks of TLS held as well: a reader that is served from what was decrypted takes none of the socket's own. */
    @Override
    public final Claim claim(Object socket, Predicate<SocketSnapshot> leaked) {
        Socket layers = isOpen(socket) ? layers(socket) : null;
        if (layers == null) {
            return claimBelow(socket, leaked);
        }
        TlsLayer tls = TlsLayer.ofThisJdk();
        if (!tls.tryLock(layers)) {
            return null;
        }
        try {
            Claim claim = claimBelow(socket, leaked);
            if (claim != null) {
                tls.condemn(layers);
            }
            return claim;
        } finally {
            tls.unlock(layers);
        }
    }

    private Claim claimBelow(Object socket, Predicate<SocketSnapshot> leaked) {
        if (!isOpen(socket)) {
            SocketSnapshot snapshot = snapshotOfClosed(socket);
            return !snapshot.isGone() && leaked.test(snapshot) ? closed(socket, snapshot) : null;
        }
        return claimOpen(socket, leaked);
    }

    /** The claim on a socket that is open; null as {@link #claimNow}. */
    public Claim claimOpen(Object socket, Predicate<SocketSnapshot> leaked) {
        return claimNow(socket, leaked);
    }

    /** Claims here, whoever the thread is; null if somebody was using the socket or the facts no longer hold. */
    public final LiveClaim claimNow(Object socket, Predicate<SocketSnapshot> leaked) {
        ByteBuffer buffer = stack().discardBuffer();
        if (buffer == null) {
            return claimNow(socket, leaked, null);
        }
        // Before the socket's locks, as in a drain.
        synchronized (buffer) {
            return claimNow(socket, leaked, buffer);
        }
    }

    private LiveClaim claimNow(Object socket, Predicate<SocketSnapshot> leaked, ByteBuffer buffer) {
        ReentrantLock readLock = fields().readLock(socket);
        ReentrantLock writeLock = fields().writeLock(socket);
        if (!readLock.tryLock()) {
            return null;
        }
        SocketSnapshot snapshot;
        Condemned condemned;
        try {
            if (!writeLock.tryLock()) {
                return null;
            }
            try {
                snapshot = snapshot(socket, readLock.hasQueuedThreads(), writeLock.hasQueuedThreads());
                condemned = leaked.test(snapshot) ? condemn(socket, snapshot, buffer) : null;
            } finally {
                writeLock.unlock();
            }
        } finally {
            readLock.unlock();
        }
        return condemned == null ? null : condemned(socket, condemned);
    }

    /**
     * Under both locks, so nobody is in a read or write. Reads fail by a state of the JDK's own. Writes fail by themselves if the
     * output is shut or the connection is over; else the connection is reset, which fails also a write that takes no lock, such as a
     * transfer from a file on JDK 17, as a whole and before its first byte. A unix-domain socket cannot be reset: it is taken out of
     * the JDK's state "connected".
     */
    private Condemned condemn(Object socket, SocketSnapshot snapshot, ByteBuffer buffer) {
        synchronized (fields().stateLock(socket)) {
            if (!isConnected(socket) || fields().isOutputClosed(socket) != snapshot.outputShut()) {
                // It was closed or half-closed since the look, neither of which takes more than this lock.
                return null;
            }
            boolean unfinished = isUnfinished(snapshot);
            boolean wasToldOfReset = fields().isReset(socket);
            // Also where the connection is over and no byte is unread. The kernel reports a reset only once; after that
            // a read returns 0,
            // which looks like an end in order.
            fields().condemn(socket);
            if (!unfinished) {
                IOException told = null;
                try {
                    if (!wasToldOfReset && hasEndedInOrder(fields().fd(socket), snapshot, buffer)) {
                        nothingIsMissing(socket);
                    }
                } catch (IOException reset) {
                    told = reset;
                }
                return new Condemned(snapshot, null, false, told);
            }
            if (!canBeReset()) {
                fields().close(socket);
                return new Condemned(snapshot, null, true, null);
            }
            Claim.Emptied emptied = reset(fields().fd(socket), snapshot, buffer);
            if (snapshot.endOfInput() && !snapshot.reset() && !emptied.reset() && emptied.bytes() == 0) {
                nothingIsMissing(socket);
            }
            return new Condemned(snapshot, emptied, false, null);
        }
    }

    /**
     * The input of a socket that is released has ended in order, and nothing of it was discarded: later reads return that end, for as
     * long as the JDK lets them. Under {@code readLock}.
     */
    public abstract void nothingIsMissing(Object socket);

    /**
     * What was done to a socket that was just condemned.
     *
     * @param emptied       what the reset has discarded; null if the connection was not reset
     * @param tellsByUnread whether the peer is told by what stays unread
     * @param told          the error of the connection, which the kernel tells once and has told the claim; else null
     */
    public record Condemned(SocketSnapshot snapshot, Claim.Emptied emptied, boolean tellsByUnread, IOException told) {}

    /** Takes the locks for one read at a time, so that an application that reads meanwhile fails at once instead of waiting. */
    private int readOnce(Object socket, ByteBuffer discarded) throws IOException {
        if (!isOpen(socket)) {
            return Claim.CLOSED_MEANWHILE;
        }
        ReentrantLock readLock = fields().readLock(socket);
        if (!readLock.tryLock()) {
            return Claim.BUSY;
        }
        try {
            synchronized (fields().stateLock(socket)) {
                if (!isConnected(socket)) {
                    return Claim.CLOSED_MEANWHILE;
                }
                return readIfReady(fields().fd(socket), discarded);
            }
        } finally {
            readLock.unlock();
        }
    }

    /** The claim on a socket that is there and condemned; who closes it is the stack's to say. */
    public abstract class LiveClaim implements Claim {
        private final Object socket;
        private final Condemned how;

        public LiveClaim(Object socket, Condemned how) {
            this.socket = socket;
            this.how = how;
        }

        @Override
        public final SocketSnapshot snapshot() {
            return how.snapshot();
        }

        @Override
        public final boolean isReset() {
            return how.emptied() != null;
        }

        @Override
        public final boolean tellsByUnread() {
            return how.tellsByUnread();
        }

        @Override
        public final Emptied emptied() {
            return how.emptied();
        }

        @Override
        public final int read(ByteBuffer discarded) throws IOException {
            if (how.told() != null && isOpen(socket)) {
                throw how.told();
            }
            return !isReset() ? readOnce(socket, discarded) : isOpen(socket) ? WITH_CLOSE : CLOSED_MEANWHILE;
        }

        @Override
        public final boolean isClosed() {
            return !isOpen(socket);
        }

        @Override
        public final boolean mayBeGone() {
            return fields().isFreed(socket);
        }
    }
}
