package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.stack.SocketHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the application does with a socket since it shows a sign. Application threads write the volatile fields, without a lock; the
 * reaper thread reads them, and adds what it sees itself.
 */
abstract class SocketActivity extends TrackedSocket<Suspect> implements LeakCandidate {
    /**
     * One read that brings bytes makes no consumer if it ends within this time of the half-close and takes all that has come: it was
     * under way then, or was begun at once. The trace of the socket that this agent was written for shows one such read, and then none
     * for ever. A thread that was not scheduled in between may be some ten milliseconds late; a read that ends later than this is one
     * of an application that came back for more. One that leaves input behind, because its buffer was full, is one of an application
     * that reads piece by piece.
     */
    static final long FOLLOWS_AT_ONCE = TimeUnit.MILLISECONDS.toNanos(100);

    private volatile long signAt;

    private volatile long lastActivity;
    private volatile long lastRead;
    private volatile boolean wasRead;
    /** A write of which the hook tells; as {@link #lastActivity} before the first. */
    private volatile long lastWrite;
    /** The last read of the layer above it, where there is one; as {@link #lastActivity} before the first. */
    private volatile long lastReadOfLayer;
    /** The layer above it has ended, and the application uses the socket itself. */
    private volatile boolean layerOver;
    /** Reads that brought bytes since it shows its sign; two that end in the same moment may count as one. */
    private volatile int deliveries;

    /** It is read by a layer above it, whose deliveries to the application count, and not its own. */
    private volatile boolean belowALayer;
    /** The application has read, or asked for input, later than {@link #FOLLOWS_AT_ONCE}, or reads piece by piece. */
    private volatile boolean cameBackForMore;
    /** A read that ended later than that has brought no bytes. */
    private volatile boolean readInVain;
    /** The interest of a selection key has changed later than that. */
    private volatile boolean interestMoved;

    private volatile boolean closed;
    /** Where it was half-closed after it had shown another sign; null if it was not. */
    private volatile @Nullable CapturedStack halfClosed;
    /** The application was seen to read what TLS had decrypted. Reaper thread. */
    private boolean plaintextRead;

    SocketActivity(SocketHandle socket, CapturedStack origin, long now) {
        super(socket, origin);
        this.signAt = now;
        this.lastActivity = now;
        this.lastRead = now;
        this.lastWrite = now;
        this.lastReadOfLayer = now;
    }

    // -- Told by application threads

    /** The application, or the network, did something. */
    final void touch(long now) {
        lastActivity = now;
    }

    /** A write of the application has ended, or one of a layer above the socket. */
    final void wrote(long now) {
        lastWrite = now;
        lastActivity = now;
    }

    /** The application shuts its output. The first time that is a better sign than any that was found. */
    final void halfClosed(long now) {
        // First: the stack may find no memory.
        lastActivity = now;
        if (lostIn().stackOrigin() != StackOrigin.HALF_CLOSED) {
            halfClosed = CapturedStack.halfClosed();
            signAt = now;
            deliveries = 0;
            cameBackForMore = false;
            readInVain = false;
            interestMoved = false;
        }
    }

    /** Whether a read that ends now may be the one that was under way at the half-close or has followed at once. */
    final boolean mayHaveReadAtOnce(long now) {
        return deliveries == 0 && !cameBackForMore && now - signAt <= FOLLOWS_AT_ONCE;
    }

    /**
     * A read ended and brought bytes.
     *
     * @param leavesInput more had come than it has taken
     */
    final void delivered(long now, boolean leavesInput) {
        if (!belowALayer) {
            count(leavesInput);
        }
        noteIfLater(now);
        touchRead(now);
    }

    /** The layer above it gave bytes to the application. */
    final void deliveredByLayer(long now, boolean leavesInput) {
        belowALayer();
        count(leavesInput);
        noteIfLater(now);
        lastReadOfLayer = now;
        touchRead(now);
    }

    /**
     * A read ended and brought no bytes. One may have been under way at the half-close, however late it ends; a second one is of an
     * application that polls. The same below a layer: TLS passes on what a read below it has failed with, such as a timeout.
     */
    final void readInVain(long now) {
        if (now - signAt > FOLLOWS_AT_ONCE) {
            cameBackForMore |= readInVain;
            readInVain = true;
        }
        touchRead(now);
    }

    /** The layer above it has told the application the end of input. */
    final void endOfLayersInput(long now) {
        lastReadOfLayer = now;
    }

    /** A layer reads it: for one read of the application's TLS reads a header, a body, and what else the peer has put before them. */
    final void belowALayer() {
        if (!belowALayer) {
            belowALayer = true;
            deliveries = 0;
        }
    }

    /** The layer has ended; the deliveries of the socket are the application's again. */
    final void layerEnded() {
        belowALayer = false;
        layerOver = true;
    }

    private void touchRead(long now) {
        lastRead = now;
        wasRead = true;
        lastActivity = now;
    }

    @SuppressWarnings(
            "NonAtomicVolatileUpdate") // of two reads at one moment one may be lost: what counts is whether there are
    // several
    private void count(boolean leavesInput) {
        if (leavesInput) {
            cameBackForMore = true;
        }
        if (deliveries < Integer.MAX_VALUE) {
            deliveries++;
        }
    }

    /**
     * The interest of one of its keys changed. Once may be the end of what came before; an application that changes it again asks for input
     * from time to time.
     */
    final void interestChanged(long now) {
        if (now - signAt > FOLLOWS_AT_ONCE) {
            cameBackForMore |= interestMoved;
            interestMoved = true;
        }
        lastActivity = now;
    }

    /** The application asked how much input there is. */
    final void polled(long now) {
        noteIfLater(now);
        lastActivity = now;
    }

    private void noteIfLater(long now) {
        if (now - signAt > FOLLOWS_AT_ONCE) {
            cameBackForMore = true;
        }
    }

    /** The application closes it. Returns false for a second closer; two that race may both be told true, which is harmless. */
    final boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    // -- Seen by the reaper thread

    /** The application has read what TLS had decrypted, of which no event tells. */
    final void readPlaintext(long now) {
        plaintextRead = true;
        lastActivity = now;
    }

    /**
     * Nano time of the application's last read or write, as far as events tell; not later than the sign before the first. Of a socket below a
     * layer only what was read of the layer counts: the layer itself reads and writes the socket, also while it is closed.
     */
    final long lastReadOrWrite() {
        if (belowALayer || !layerOver && socket().hasLayer()) {
            return lastReadOfLayer;
        }
        long read = lastRead;
        long write = lastWrite;
        return write - read > 0 ? write : read;
    }

    /** Whether the hook has told of a close. */
    final boolean isClosed() {
        return closed;
    }

    /** The best that is known of where it was lost. */
    final CapturedStack lostIn() {
        CapturedStack later = halfClosed;
        return later != null ? later : origin;
    }

    @Override
    public final long signAt() {
        return signAt;
    }

    @Override
    public final long lastActivity() {
        return lastActivity;
    }

    @Override
    public final long millisSinceRead(long now) {
        return wasRead ? millisBetween(lastRead, now) : -1;
    }

    @Override
    public final int deliveries() {
        return deliveries;
    }

    @Override
    public final boolean consumed() {
        return deliveries > 1 || cameBackForMore || plaintextRead;
    }

    /** Not negative: an application thread may have read the clock later than the reaper thread. */
    static long millisBetween(long earlier, long now) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(now - earlier));
    }
}
