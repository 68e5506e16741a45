package io.socketreaper.detect;

import io.socketreaper.leak.LastUse;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketUse;
import io.socketreaper.release.LeakCase;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A socket that shows a sign of being lost and waits for its deadline. Its own fields belong to the reaper thread. */
final class Suspect extends SocketActivity implements Comparable<Suspect> {
    private final long number;
    private final int chain;
    /** The open socket that it came from, which is told of its release; null if there is none. */
    private volatile @Nullable OpenSocket opened;

    private SuspectState state = SuspectState.UNCHECKED;
    /** What the last check has seen; null before the first. */
    @Nullable
    SocketSnapshot lastSnapshot;
    /** Nano time of the next check. */
    long checkAt;
    /** Its leak, from the moment it was found until the suspect is in use again; null otherwise. */
    @Nullable
    LeakCase openCase;
    /** Other settings hold since its leak was reported. */
    boolean toBeJudgedAgain;
    /** What an operator asks for, while the one thread that may look at the socket has not answered; null otherwise. */
    ReleaseRequests.@Nullable Request request;
    /** What a leak of it would be; null before the first check. */
    @Nullable
    Grade grade;
    /** What its peer is or was asked by; null before the first time. */
    PeerQuestions.@Nullable Question question;
    /** How long it must be idle, nanoseconds; 0 before the first check. */
    long timeout;
    /** The same if it were surer to be a leak, which no event may tell: so it is checked as often as then. */
    long shortestTimeout;
    /** Its reads and writes matter. */
    boolean observed;
    /** A check has seen the peer's FIN on a connection that still existed. */
    boolean peerEnded;
    /** The peer had acknowledged all output at the time of {@link #acknowledgedAt}. */
    private boolean acknowledged;
    /** The last activity at that time; a later one makes it void. */
    private long acknowledgedAt;
    /** Where its leak has been counted; null if it was not since the suspect was last in use. */
    private @Nullable LeakSite countedAt;

    /**
     * @param chain      its chain in the {@link SocketRegistry}
     * @param knownSince when it was opened or first met, or {@code now}
     * @param number     names it as long as the agent runs
     */
    Suspect(SocketHandle socket, int chain, long knownSince, CapturedStack origin, long number, long now) {
        super(socket, origin, now);
        metAt(knownSince);
        this.chain = chain;
        this.number = number;
    }

    long number() {
        return number;
    }

    int chain() {
        return chain;
    }

    @Override
    boolean isReleased() {
        OpenSocket plain = opened;
        return super.isReleased() || plain != null && plain.isReleased();
    }

    @Override
    boolean isOver(boolean releasesAreTold) {
        return isReleased() || !releasesAreTold && isClosed();
    }

    /** Whether the hook has told of a close, or that its descriptor is gone. */
    boolean isClosedOrReleased() {
        return isClosed() || isReleased();
    }

    /**
     * Connects it with the open socket that it came from. After it was added to the registry: a release that is told before has
     * reached the open socket, unless a sweep had taken that out.
     *
     * @param plain null if there is none
     */
    void join(@Nullable OpenSocket plain) {
        if (plain != null) {
            opened = plain;
            plain.suspect = this;
            if (plain.takenOut) {
                release();
            }
        }
    }

    /** The open socket forgets it. Before it is taken out of the registry. */
    void leave() {
        OpenSocket plain = opened;
        if (plain != null) {
            plain.suspect = null;
        }
    }

    /** Its object was collected, and its descriptor is another socket's: its own close was not told. */
    void isAnothers() {
        release();
        OpenSocket plain = opened;
        if (plain != null) {
            plain.release();
        }
    }

    /** The connection was reset while its peer was asked because it was open and idle. */
    void peerIsGone() {
        OpenSocket plain = opened;
        if (plain != null) {
            plain.peerIsGone = true;
        }
    }

    /** Whether that is so. */
    boolean isPeerGone() {
        OpenSocket plain = opened;
        return plain != null && plain.peerIsGone;
    }

    /** Whether the last check has seen an established connection with a full receive window, and its release has not begun. */
    boolean isWindowFull() {
        SocketSnapshot last = lastSnapshot;
        return last != null && last.kind() == LeakKind.WINDOW_FULL && state != SuspectState.RELEASING;
    }

    SuspectState state() {
        return state;
    }

    /** The leak that it is, in a state in which it was found to be one. */
    LeakCase foundCase() {
        return Objects.requireNonNull(openCase);
    }

    /** For {@link SuspectStates} only. */
    void state(SuspectState next) {
        state = next;
    }

    /** Whether a reported leak is to be judged once more: by other settings, or because what has spared it may pass without a trace. */
    boolean isToBeJudgedAgain() {
        return toBeJudgedAgain || foundCase().isSpared();
    }

    /** Whether the application, or the network, has done something since the leak was reported. */
    boolean isUsedSinceReported() {
        return lastActivity() - foundCase().openedAt() > 0;
    }

    /** Whether the application has read or written it since the leak was reported, as far as events tell. */
    boolean isReadOrWrittenSinceReported() {
        return lastReadOrWrite() - foundCase().openedAt() > 0;
    }

    @Override
    public boolean countsAt(LeakSite site) {
        boolean first = countedAt != site;
        countedAt = site;
        return first;
    }

    /** The peer is known to have acknowledged all output. */
    void acknowledged() {
        acknowledged = true;
        acknowledgedAt = lastActivity();
    }

    /** Its next leak is another one, and counts. */
    void forgetCount() {
        countedAt = null;
    }

    /**
     * What is known of its use.
     *
     * @param readsCount whether reads since the sign show that the application may come for more
     */
    SocketUse use(PeerAnswer peer, boolean readsCount) {
        return new SocketUse(
                readsCount && consumed(),
                end() != EndOfInput.NOT_TOLD,
                peer,
                peerEnded,
                acknowledged && acknowledgedAt == lastActivity());
    }

    @Override
    public long openedAt() {
        return knownSince(signAt());
    }

    @Override
    public StackOrigin stackOrigin() {
        return lostIn().stackOrigin();
    }

    @Override
    public String signThread() {
        return lostIn().thread();
    }

    @Override
    public StackTraceElement[] originStack() {
        return lostIn().stack();
    }

    @Override
    public void shareStack(StackTraceElement[] same) {
        lostIn().shareStack(same);
    }

    /** Lets go of a stack of its own, some kilobytes, for one that many share. Returns whether it had one. */
    @ReaperThread
    boolean shareStack(StackSampler sampler) {
        CapturedStack lost = lostIn();
        boolean own = lost.isBulky();
        if (own) {
            lost.shareStack(sampler.shared(lost.stack()));
        }
        return own;
    }

    /** Told of this entry, or of the open socket that it came from. */
    @Override
    EndOfInput end() {
        OpenSocket plain = opened;
        return endOfInput != null || plain == null ? super.end() : plain.end();
    }

    /** What it, or the open socket that it came from, was opened in; that of the half-close if the opening is not known. */
    @ReaperThread
    CapturedStack openedIn() {
        OpenSocket plain = opened;
        return plain != null ? plain.origin : origin;
    }

    @Override
    public StackTraceElement[] openingStack() {
        CapturedStack place = openedIn();
        return (place.stackOrigin() == StackOrigin.OPENED ? place : CapturedStack.NOT_SAMPLED).stack();
    }

    @Override
    public boolean isEndOfInputLast() {
        EndOfInput end = end();
        return end != EndOfInput.NOT_TOLD && (stackOrigin() != StackOrigin.HALF_CLOSED || end.isLaterThan(signAt()));
    }

    @Override
    public LastUse lastUse(long now) {
        OpenSocket plain = opened;
        return plain == null ? LastUse.NOT_SAMPLED : plain.lastUse(now);
    }

    @Override
    public long millisSinceEndOfInput(long now) {
        return end().millisSince(now);
    }

    @Override
    public StackTraceElement[] endOfInputStack() {
        return end().stack();
    }

    @Override
    public String endOfInputThread() {
        return end().thread();
    }

    /** By deadline, then by arrival. */
    @Override
    public int compareTo(Suspect other) {
        return checkAt != other.checkAt ? Long.signum(checkAt - other.checkAt) : Long.compare(number, other.number);
    }
}
