package io.socketreaper.detect;

import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketUse;
import io.socketreaper.probe.PeerProbe;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.release.LeakCase;
import io.socketreaper.stack.SocketHandle;
import java.util.concurrent.TimeUnit;

/**
 * A socket that showed a sign and waits for its deadline. Application threads write the volatile fields, without a lock;
 * the rest belongs to the reaper thread.
 */
final class Suspect extends TrackedSocket implements LeakCandidate, Comparable<Suspect> {
    /**
     * One read that brings bytes makes no consumer if it ends within this time of the half-close and takes all that has come: it was
     * under way then, or was begun at once. The trace of the socket that this agent was written for shows one such read, and then none
     * for ever. A thread that was not scheduled in between may be some ten milliseconds late; a read that ends later than this is one
     * of an application that came back for more. One that leaves input behind, because its buffer was full, is one of an application
     * that reads piece by piece.
     */
    static final long FOLLOWS_AT_ONCE = TimeUnit.MILLISECONDS.toNanos(100);

    private final long number;
    private final int bucket;
    /** The plain entry of the same socket, which is told of its release; null if there is none. */
    private volatile TrackedSocket opened;

    private volatile long signAt;

    private volatile long lastActivity;
    private volatile long lastRead;
    private volatile boolean wasRead;
    /** Reads that brought bytes since it shows its sign; two that end in the same moment may count as one. */
    private volatile int deliveries;

    private volatile long lastDelivery;
    /** It is read by a layer above it, whose deliveries to the application count, and not its own. */
    private volatile boolean belowALayer;
    /** The application has read, or asked for input, later than {@link #FOLLOWS_AT_ONCE}, or reads piece by piece. */
    private volatile boolean cameBackForMore;
    /** A read that ended later than that has brought nothing. */
    private volatile boolean readInVain;
    /** The interest of a selection key has changed later than that. */
    private volatile boolean interestMoved;

    private volatile boolean closed;
    /** Where it was half-closed after it had shown another sign; null if it was not. */
    private volatile CapturedStack halfClosed;

    // -- The fields below belong to the reaper thread.

    /** What the last look saw, null before the first. */
    SocketSnapshot lastSighting;
    /** Time of the next look. */
    long checkAt;
    /** From the moment its leak was handed on until it shows life again; null otherwise. */
    LeakCase openCase;
    /** Other settings hold since it was only reported. */
    boolean toBeJudgedAgain;
    /** What somebody asks for, while the one thread that may look at the socket has not answered; null otherwise. */
    Action wanted;
    /** And whether it is to be done although something may be lost. */
    boolean wantedIfDoubtful;
    /** What a leak of it would be, null before the first look. */
    Grade grade;
    /** Asks its peer; null before the first time. Kept, because it remembers which unanswered probes were ours. */
    PeerProbe probe;
    /** The answer is wanted. */
    boolean probing;
    /** Its last activity when the asking began. */
    long probedSince;
    /** Its idle time counts: it is no leak yet, and not in use. */
    boolean pending;
    /** How long it must be idle, nanoseconds; known from the first look on. */
    long timeout;
    /** The same if it were surer to be a leak, which no event may tell: so it is looked at as often as then. */
    long shortestTimeout;
    /** Its reads and writes matter. */
    boolean observed;
    /** Where its leak has been counted; null if nowhere since it last showed life. */
    private LeakSite countedAt;
    /** The application was seen to read what TLS had decrypted. */
    private boolean plaintextRead;
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
     * @param bucket     its chain in the {@link SocketRegistry}
     * @param knownSince when it was opened or first met, or {@code now}
     */
    Suspect(SocketHandle socket, int bucket, long knownSince, CapturedStack origin, long number, long now) {
        super(socket, origin);
        metAt(knownSince);
        this.bucket = bucket;
        this.number = number;
        this.signAt = now;
        this.lastActivity = now;
    }

    @Override
    boolean isReleased() {
        TrackedSocket plain = opened;
        return super.isReleased() || plain != null && plain.isReleased();
    }

    @Override
    boolean isOver(boolean releasesAreTold) {
        return isReleased() || !releasesAreTold && closed;
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
    void join(TrackedSocket plain) {
        if (plain != null) {
            opened = plain;
            plain.suspect = this;
        }
    }

    /** The plain entry forgets it. Before it is taken out of the table. */
    void leave() {
        TrackedSocket plain = opened;
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
        // First: the stack may find no memory.
        lastActivity = now;
        if (sign() != StackOrigin.HALF_CLOSED) {
            halfClosed = CapturedStack.halfClosed();
            signAt = now;
            deliveries = 0;
            cameBackForMore = false;
            readInVain = false;
            interestMoved = false;
        }
    }

    /** The application has read what TLS had decrypted, of which no event tells. */
    void readPlaintext(long now) {
        plaintextRead = true;
        lastActivity = now;
    }

    /** What is known of its use. */
    SocketUse use(PeerAnswer peer) {
        return new SocketUse(consumed(), end() != null, peer);
    }

    private void touchRead(long now) {
        lastRead = now;
        wasRead = true;
        lastActivity = now;
    }

    /** Whether a read that ends now may be the one that was under way at the half-close or has followed at once. */
    boolean mayHaveReadAtOnce(long now) {
        return deliveries == 0 && !cameBackForMore && now - signAt <= FOLLOWS_AT_ONCE;
    }

    /**
     * A read ended and brought bytes.
     *
     * @param leavesInput more had come than it has taken
     */
    void delivered(long now, boolean leavesInput) {
        if (!belowALayer) {
            count(now, leavesInput);
        }
        noteIfLater(now);
        touchRead(now);
    }

    /** The layer above it gave bytes to the application. */
    void deliveredAbove(long now, boolean leavesInput) {
        belowALayer();
        count(now, leavesInput);
        noteIfLater(now);
        touchRead(now);
    }

    /**
     * A read ended and brought nothing. One may have been under way at the half-close, however late it ends; a second one is of an
     * application that polls.
     */
    void readInVain(long now) {
        if (!belowALayer && now - signAt > FOLLOWS_AT_ONCE) {
            cameBackForMore |= readInVain;
            readInVain = true;
        }
        touchRead(now);
    }

    /** For one read of the application's TLS reads a header, a body, and what else the peer has put before them. */
    void belowALayer() {
        if (!belowALayer) {
            belowALayer = true;
            deliveries = 0;
        }
    }

    /** The layer has ended; the deliveries of the socket are the application's again. */
    void noLayerAnyMore() {
        belowALayer = false;
    }

    private void count(long now, boolean leavesInput) {
        if (leavesInput) {
            cameBackForMore = true;
        }
        lastDelivery = now;
        if (deliveries < Integer.MAX_VALUE) {
            deliveries++;
        }
    }

    /**
     * The interest of one of its keys changed. Once may be the end of what came before; an application that changes it again asks for input
     * from time to time.
     */
    void interestChanged(long now) {
        if (now - signAt > FOLLOWS_AT_ONCE) {
            cameBackForMore |= interestMoved;
            interestMoved = true;
        }
        lastActivity = now;
    }

    /** The application asked how much input there is. */
    void polled(long now) {
        noteIfLater(now);
        lastActivity = now;
    }

    private void noteIfLater(long now) {
        if (now - signAt > FOLLOWS_AT_ONCE) {
            cameBackForMore = true;
        }
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
    private CapturedStack lostIn() {
        CapturedStack later = halfClosed;
        return later != null ? later : origin;
    }

    @Override
    public long openedAt() {
        return knownSince(signAt);
    }

    @Override
    public StackOrigin sign() {
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
        CapturedStack lost = lostIn();
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

    @Override
    public long millisSinceDelivery(long now) {
        return deliveries > 0 ? Math.max(0, now - lastDelivery) / 1_000_000 : -1;
    }

    @Override
    public int deliveries() {
        return deliveries;
    }

    @Override
    public boolean consumed() {
        return deliveries > 1 || cameBackForMore || plaintextRead;
    }

    /** Told of this entry, or of the plain one that it came from; null if the application was not told. */
    private EndOfInput end() {
        TrackedSocket plain = opened;
        return endOfInput != null || plain == null ? endOfInput : plain.endOfInput;
    }

    @Override
    public long millisSinceEndOfInput(long now) {
        EndOfInput end = end();
        return end == null ? -1 : Math.max(0, now - end.at(now)) / 1_000_000;
    }

    @Override
    public StackTraceElement[] endOfInputStack() {
        EndOfInput end = end();
        return end == null ? CapturedStack.NOT_SAMPLED.stack() : end.stack();
    }

    @Override
    public String endOfInputThread() {
        EndOfInput end = end();
        return end == null ? "" : end.thread();
    }

    /** By deadline, then by arrival. */
    @Override
    public int compareTo(Suspect other) {
        return checkAt != other.checkAt ? Long.signum(checkAt - other.checkAt) : Long.compare(number, other.number);
    }
}
