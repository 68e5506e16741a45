package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Judge;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.model.Verdict;
import io.socketreaper.model.Veto;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each socket that a test has opened whether it is lost. {@link Detector#inspect} checks them repeatedly until that is
 * clear, by the judge's table with a timeout of its own, which counts from the first round.
 */
@ReaperThread
public final class Inspection {
    /** A round that comes so late says that the JVM may have been stopped; what should close a socket was stopped too. */
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(250);
    /** Of sockets that the JDK has closed; more would only make a failed test's report longer. */
    static final int MOST_RECLAIMED = 1 << 10;

    private static final SocketSnapshot RECLAIMED =
            new SocketSnapshot(Holder.UNREACHABLE, TcpState.UNKNOWN, 0, false, false, false, false, false, false);

    /**
     * A socket that is lost.
     *
     * @param reclaimed true if the JDK has closed it when its object was collected
     */
    public record Lost(LeakCandidate candidate, Evidence evidence, boolean reclaimed) {}

    private final long from;
    private final long to;
    private final long timeoutMillis;
    private final Set<String> kinds;
    private final @Nullable Predicate<StackTraceElement[]> openedByTest;
    // Both hold sockets of the span only, and of those only such whose stack was taken, which are 200 a second at most.
    private final Set<OpenSocket> openBefore = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<OpenSocket> openNow = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Lost> reclaimed = new ArrayList<>();
    private final List<Lost> lost = new ArrayList<>();
    private boolean begun;
    private long windowStart;
    private long lastRound;
    private int waiting;

    /**
     * @param from          nano time; sockets that were opened earlier are not inspected
     * @param to            the same for those that were opened later
     * @param timeoutMillis how long a socket must be idle, except for one that is unreachable
     * @param kinds         words of the kinds of leak that count
     * @param openedByTest  decides by the stack of the opening, empty if it was not taken; null to inspect all. A type of the JDK,
     *                      because it comes from a class loader that does not know the agent
     */
    public Inspection(
            long from,
            long to,
            long timeoutMillis,
            Set<String> kinds,
            @Nullable Predicate<StackTraceElement[]> openedByTest) {
        this.from = from;
        this.to = to;
        this.timeoutMillis = timeoutMillis;
        this.kinds = kinds;
        this.openedByTest = openedByTest;
    }

    /** The sockets that are lost, by the last round. */
    public List<Lost> lost() {
        var all = new ArrayList<>(reclaimed);
        all.addAll(lost);
        return all;
    }

    /** How many sockets were open in the last round, lost or not. */
    public int open() {
        return openBefore.size();
    }

    /** How many of them show a sign and may turn out to be lost, or are being released. */
    public int waiting() {
        return waiting;
    }

    /**
     * Whether a socket that was opened then and there is inspected. One whose stack was not taken has no reliable date, and is not.
     *
     * @param openedAt nano time
     * @param stackOrigin     what is known of the code that lost it
     */
    public boolean isAbout(long openedAt, StackOrigin stackOrigin, StackTraceElement[] stack) {
        return openedAt - from >= 0
                && openedAt - to <= 0
                && (stackOrigin == StackOrigin.OPENED || stackOrigin == StackOrigin.HALF_CLOSED)
                && (openedByTest == null || openedByTest.test(stack));
    }

    boolean isAbout(TrackedSocket<?> tracked, long now) {
        return openBefore.contains(tracked)
                || isAbout(tracked.knownSince(now), tracked.origin.stackOrigin(), tracked.origin.stack());
    }

    /** A round begins. */
    void begin(long now) {
        if (!begun || now - lastRound > LATE) {
            windowStart = now;
        }
        begun = true;
        lastRound = now;
        openNow.clear();
        lost.clear();
        waiting = 0;
    }

    /**
     * A socket that the inspection is about was checked.
     *
     * @param suspect null if the socket shows no sign, or is gone
     */
    void checked(OpenSocket tracked, @Nullable Suspect suspect, long now) {
        boolean collected = tracked.socket().is(null);
        boolean isGone = tracked.isReleased() || collected && (suspect == null || suspect.isClosed());
        if (isGone) {
            return;
        }
        openNow.add(tracked);
        if (suspect == null || suspect.state() == SuspectState.RELEASING) {
            return;
        }
        SocketSnapshot snapshot = suspect.lastSnapshot;
        if (snapshot == null) {
            waiting++;
        } else if (kinds.contains(snapshot.kind().toString())) {
            judge(suspect, snapshot, now);
        }
    }

    private void judge(Suspect suspect, SocketSnapshot snapshot, long now) {
        long lastActivity = suspect.lastActivity();
        long idle = now - (lastActivity - windowStart > 0 ? lastActivity : windowStart);
        if (snapshot.isSilent()) {
            // as a client that waits for its answer, for which a test's timeout is no measure
            return;
        }
        var evidence = new Evidence(
                snapshot,
                TimeUnit.NANOSECONDS.toMillis(idle),
                snapshot.hold() == Holder.UNREACHABLE ? 0 : timeoutMillis,
                false);
        Verdict verdict = Judge.judge(evidence);
        if (!verdict.isAlive()) {
            lost.add(new Lost(suspect, evidence, false));
        } else if (mayPass(verdict.veto())) {
            waiting++;
        }
    }

    private static boolean mayPass(@Nullable Veto veto) {
        return veto == Veto.ACTIVE || veto == Veto.DYING || veto == Veto.RESPONSE_IN_FLIGHT || veto == Veto.SENDING;
    }

    /** The agent itself is releasing a socket that the inspection is about, and will tell when that is over. */
    void releasing() {
        waiting++;
    }

    /** The round ends. Sockets that were open before and are not now were closed, or collected without a close. */
    void end(long now) {
        for (OpenSocket before : openBefore) {
            if (reclaimed.size() < MOST_RECLAIMED && isReclaimed(before)) {
                reclaimed.add(new Lost(new ReclaimedSocket(before, now), new Evidence(RECLAIMED, 0, 0, false), true));
            }
        }
        openBefore.clear();
        openBefore.addAll(openNow);
    }

    /** Whether a socket was collected without a close; if that is a kind of leak that counts. */
    private boolean isReclaimed(OpenSocket before) {
        // Whether it was released is asked last: every close is told before the object can be collected.
        return !openNow.contains(before)
                && before.socket().is(null)
                && !before.isReleased()
                && kinds.contains(RECLAIMED.kind().toString());
    }
}
