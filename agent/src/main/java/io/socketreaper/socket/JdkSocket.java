package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.Sighting.Hold;
import java.io.IOException;
import java.nio.ByteBuffer;
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
abstract class JdkSocket extends JdkHandle {
    private static final String LOCKED_BY = "[Locked by thread ";

    JdkSocket(StreamStack stack, Object socket, boolean reclaimed) {
        super(stack, socket, reclaimed);
    }

    private JdkSocketFields fields() {
        return ((StreamStack) stack()).fields();
    }

    /** Whether the application has not closed the socket, as far as can be told without a lock. */
    abstract boolean isOpen(Object socket);

    /** Whether the socket is opened and neither connected, connecting nor bound, as far as can be told without a lock. */
    abstract boolean isUnused(Object socket);

    /** Whether a connect is under way whose outcome the application must ask for. */
    abstract boolean isConnecting(Object socket);

    /** What the selection keys of the socket want, as OP_ bits. */
    abstract int interest(Object socket);

    /** Whether a selector holds the socket, which then keeps its descriptor after a close. */
    abstract boolean isRegistered(Object socket);

    /** The selectors that hold a closed socket, or that will tell nobody of an open one; empty if there are none. */
    abstract String selectorsOf(Object socket);

    /** Whether it is a unix-domain socket. */
    abstract boolean isUnix(Object socket);

    /** The number of the descriptor; under the state lock, not freed. */
    abstract int descriptor(Object socket);

    /** The two ends; under the state lock, not freed. */
    abstract Endpoints endpoints(Object socket);

    /** The claim on a socket that has just been condemned. */
    abstract Claim condemned(Object socket, Sighting sighting);

    /** The claim on a socket that the application has closed and whose descriptor is still there; null if nothing would help. */
    abstract Claim closed(Object socket, Sighting sighting);

    @Override
    final Glance glance(Object socket) {
        if (!isOpen(socket)) {
            if (inode() == 0 && isRegistered(socket)) {
                rememberUnlessFreed(socket, true);
            }
            return sightClosed(socket).isGone() ? Glance.GONE : Glance.SIGN;
        }
        if (!fields().isConnected(socket)) {
            if (inode() == 0) {
                // Not its addresses: it may only learn its own when it is connected.
                rememberUnlessFreed(socket, false);
            }
            return inode() != 0 && (isUnused(socket) || isConnecting(socket) && peerHasEnded()) ? Glance.SIGN : Glance.FINE;
        }
        // The addresses of a socket that leaves nothing behind can wait for a sign: they are larger than all that is kept of it.
        boolean enough = isReclaimed() ? inode() != 0 : isRemembered();
        if (!enough && !rememberUnlessFreed(socket, !isReclaimed())) {
            return Glance.FINE;
        }
        return rememberOutput(fields().isOutputClosed(socket)) || peerHasEnded() ? Glance.SIGN : Glance.FINE;
    }

    private boolean rememberUnlessFreed(Object socket, boolean withEndpoints) {
        synchronized (fields().stateLock(socket)) {
            if (fields().isFreed(socket)) {
                return false;
            }
            remember(fields().fd(socket), descriptor(socket), isUnix(socket), withEndpoints ? endpoints(socket) : endpoints());
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
    final Sighting sight(Object socket) {
        // isOpen first: a blocking channel that lingers in close() holds stateLock all the while, but is no longer open.
        if (!isOpen(socket)) {
            if (isReclaimed() && inode() != 0 && !isRemembered()) {
                // Without the lock; should the number have changed hands meanwhile, the socket is seen to be gone.
                remember(remembered(), descriptor(), false, endpoints(socket));
            }
            return sightClosed(socket);
        }
        return sight(socket, fields().readLock(socket).isLocked(), fields().writeLock(socket).isLocked());
    }

    private Sighting sight(Object socket, boolean reading, boolean writing) {
        int interest = interest(socket);
        synchronized (fields().stateLock(socket)) {
            if (!isOpen(socket)) {
                return Sighting.gone();
            }
            if (!fields().isConnected(socket)) {
                return isUnused(socket) ? Sighting.unused() : reading ? Sighting.inUse() : sightConnecting(socket);
            }
            if (!isRemembered()) {
                remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints(socket));
            }
            return facts(Hold.OPEN, fields().isOutputClosed(socket), fields().isInputClosed(socket), reading,
                    (interest & NioStack.OP_READ) != 0, writing || (interest & NioStack.OP_WRITE) != 0);
        }
    }

    @Override
    final TcpOptions.Done options(Object socket, TcpOptions.Step step) {
        if (!isOpen(socket)) {
            return TcpOptions.Done.NO;
        }
        synchronized (fields().stateLock(socket)) {
            return isConnected(socket) ? optionsOf(fields().fd(socket), step) : TcpOptions.Done.NO;
        }
    }

    /** Under the state lock, and while nobody is inside a connect. */
    private Sighting sightConnecting(Object socket) {
        if (!isConnecting(socket)) {
            return Sighting.inUse();
        }
        remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints());
        if (!peerHasEnded()) {
            return Sighting.inUse();
        }
        remember(fields().fd(socket), descriptor(socket), isUnix(socket), endpoints(socket));
        return Sighting.connectEnded();
    }

    /** Asks for no lock: whoever closes with SO_LINGER holds it for as long as that takes. */
    private Sighting sightClosed(Object socket) {
        return !fields().isFreed(socket) && stillOurs() ? Sighting.closed() : Sighting.gone();
    }

    /** The JDK pre-closes a socket under a platform thread; a virtual one must run to free it. */
    @Override
    final boolean isStuck(Object socket) {
        return !isOpen(socket) && !isRegistered(socket) && !sightClosed(socket).isGone();
    }

    @Override
    final String holder(Object socket) {
        if (!isStuck(socket)) {
            return selectorsOf(socket);
        }
        String reader = lockedBy(fields().readLock(socket));
        String writer = lockedBy(fields().writeLock(socket));
        return reader == null && writer == null ? "a thread that was in a read or write of it"
                : "thread \"" + (reader != null ? reader : writer) + "\", which has not come back from a "
                + (reader != null ? "read" : "write") + " of it";
    }

    /** The lock tells its owner's name to nobody but here. */
    private static String lockedBy(ReentrantLock lock) {
        String text = lock.toString();
        int start = text.indexOf(LOCKED_BY);
        return start < 0 ? null : text.substring(start + LOCKED_BY.length(), text.length() - 1);
    }

    private boolean isConnected(Object socket) {
        return isOpen(socket) && fields().isConnected(socket);
    }

    @Override
    final Claim claim(Object socket, Predicate<Sighting> leaked) {
        if (!isOpen(socket)) {
            Sighting sighting = sightClosed(socket);
            return !sighting.isGone() && leaked.test(sighting) ? closed(socket, sighting) : null;
        }
        ReentrantLock readLock = fields().readLock(socket);
        ReentrantLock writeLock = fields().writeLock(socket);
        if (!readLock.tryLock()) {
            return null;
        }
        Sighting sighting;
        try {
            if (!writeLock.tryLock()) {
                return null;
            }
            try {
                sighting = sight(socket, readLock.hasQueuedThreads(), writeLock.hasQueuedThreads());
                if (!leaked.test(sighting) || !condemn(socket)) {
                    return null;
                }
            } finally {
                writeLock.unlock();
            }
        } finally {
            readLock.unlock();
        }
        return condemned(socket, sighting);
    }

    private boolean condemn(Object socket) {
        synchronized (fields().stateLock(socket)) {
            if (!isConnected(socket)) {
                return false;
            }
            fields().condemn(socket);
            return true;
        }
    }

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
    abstract class LiveClaim implements Claim {
        private final Object socket;
        private final Sighting sighting;

        LiveClaim(Object socket, Sighting sighting) {
            this.socket = socket;
            this.sighting = sighting;
        }

        @Override
        public final Sighting sighting() {
            return sighting;
        }

        @Override
        public final int read(ByteBuffer discarded) throws IOException {
            return readOnce(socket, discarded);
        }
    }
}
