package io.socketreaper.watch;

import io.socketreaper.config.Action;
import io.socketreaper.judge.Sighting;
import io.socketreaper.release.Case;
import io.socketreaper.release.Finding;
import io.socketreaper.report.LeakSite;
import io.socketreaper.report.Sign;
import io.socketreaper.socket.SocketHandle;

/**
 * A socket that showed a sign and waits for its deadline. Application threads write the volatile fields, without a lock;
 * the rest belongs to the reaper thread.
 */
final class Suspect extends Tracked implements Finding, Comparable<Suspect> {
    private final long number;
    private final int bucket;
    /** The plain entry of the same socket, which is told of its release; null if there is none. */
    private volatile Tracked opened;
    private volatile long signAt;

    private volatile long lastActivity;
    private volatile long lastRead;
    private volatile boolean wasRead;
    private volatile boolean closed;
    /** Where it was half-closed after it had shown another sign; null if it was not. */
    private volatile Origin halfClosed;

    // -- The fields below belong to the reaper thread.

    /** What the last look saw, null before the first. */
    Sighting lastSighting;
    /** Time of the next look. */
    long checkAt;
    /** From the moment its leak was handed on until it shows life again; null otherwise. */
    Case openCase;
    /** Other settings hold since it was only reported. */
    boolean toBeJudgedAgain;
    /** What somebody asks for, while the one thread that may look at the socket has not answered; null otherwise. */
    Action wanted;
    /** How long it must be idle, nanoseconds; known from the first look on. */
    long timeout;
    /** Its reads and writes matter. */
    boolean observed;
    /** Where its leak has been counted; null if nowhere since it last showed life. */
    private LeakSite countedAt;
    /** It was found gone although nobody had closed it. */
    boolean vanished;

    long number() {
        return number;
    }

    @Override
    public boolean countsAt(LeakSite site) {
        boolean first = countedAt != site;
        countedAt = site;
        return first;
    }

    /** It is in use again: should it be lost once more, that is another leak. */
    void cameBackToLife() {
        openCase = null;
        countedAt = null;
    }

    /**
     * @param bucket     its chain in the {@link SocketTable}
     * @param knownSince when it was opened or first met, or {@code now}
     */
    Suspect(SocketHandle socket, int bucket, long knownSince, Origin origin, long number, long now) {
        super(socket, origin);
        metAt(knownSince);
        this.bucket = bucket;
        this.number = number;
        this.signAt = now;
        this.lastActivity = now;
    }

    @Override
    boolean isReleased() {
        Tracked plain = opened;
        return super.isReleased() || plain != null && plain.isReleased();
    }

    int bucket() {
        return bucket;
    }

    /**
     * Both know of each other from now on. After it was added to the table: a release that is told before has reached the plain
     * entry.
     *
     * @param plain the plain entry of the same socket, null if there is none
     */
    void join(Tracked plain) {
        if (plain != null) {
            opened = plain;
            plain.suspect = this;
        }
    }

    /** The plain entry forgets it. Before it is taken out of the table. */
    void leave() {
        Tracked plain = opened;
        if (plain != null) {
            plain.suspect = null;
        }
    }

    /** The application, or the network, did something. */
    void touch(long now) {
        lastActivity = now;
    }

    /** The application shuts its output. The first time that is a better sign than any that was found. */
    void halfClosed(long now) {
        if (sign() != Sign.HALF_CLOSED) {
            halfClosed = Origin.halfClosed();
            signAt = now;
        }
        lastActivity = now;
    }

    void touchRead(long now) {
        lastRead = now;
        wasRead = true;
        lastActivity = now;
    }

    /** False for a second closer; two that race may both be told true, which is harmless. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    boolean closed() {
        return closed;
    }

    @Override
    public long signAt() {
        return signAt;
    }

    /** The best that is known of where it was lost. */
    private Origin lostIn() {
        Origin later = halfClosed;
        return later != null ? later : origin;
    }

    @Override
    public long openedAt() {
        return knownSince(signAt);
    }

    @Override
    public Sign sign() {
        return lostIn().sign();
    }

    @Override
    public String signThread() {
        return lostIn().thread();
    }

    @Override
    public StackTraceElement[] signStack() {
        return lostIn().stack();
    }

    @Override
    public void shareStack(StackTraceElement[] same) {
        lostIn().shareStack(same);
    }

    /** Lets go of a stack of its own, some kilobytes, for one that many share. Returns whether it had one. Reaper thread. */
    boolean shareStack(StackSampler sampler) {
        Origin lost = lostIn();
        boolean own = lost.isBulky();
        if (own) {
            lost.shareStack(sampler.shared(lost.stack()));
        }
        return own;
    }

    @Override
    public long lastActivity() {
        return lastActivity;
    }

    @Override
    public long millisSinceRead(long now) {
        return wasRead ? Math.max(0, now - lastRead) / 1_000_000 : -1;
    }

    /** By deadline, then by arrival. */
    @Override
    public int compareTo(Suspect other) {
        return checkAt != other.checkAt ? Long.signum(checkAt - other.checkAt) : Long.compare(number, other.number);
    }
}
