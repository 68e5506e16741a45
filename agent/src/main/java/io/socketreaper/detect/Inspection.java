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
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What became of the sockets that were opened in a span of time, seen by {@link Detector#inspect} again and again until it is
 * clear: the judge's table with a timeout of its own, which counts from the first look. Reaper thread only.
 */
public final class Inspection {
    /** A look that comes that late says that the JVM may have been stopped; what should close a socket was stopped too. */
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
    public record Lost(LeakCandidate finding, Evidence evidence, boolean reclaimed) {}

    private final long from;
    private final long to;
    private final long timeoutMillis;
    private final Set<String> kinds;
    private final Predicate<StackTraceElement[]> mine;
    // Both hold sockets of the span only, and of those only such whose stack was taken, which are 200 a second at most.
    private final Set<OpenSocket> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<OpenSocket> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Lost> reclaimed = new ArrayList<>();
    private final List<Lost> lost = new ArrayList<>();
    private boolean begun;
    private long windowStart;
    private long lastLook;
    private int waiting;

    /**
     * @param from          nano time; sockets that were opened earlier are not looked at
     * @param to            the same for those that were opened later
     * @param timeoutMillis how long a socket must be idle, but for one that nobody can reach
     * @param kinds         words of the kinds of leak that count
     * @param mine          by the stack of the opening, empty if it was not taken; null for all
     */
    public Inspection(long from, long to, long timeoutMillis, Set<String> kinds, Predicate<StackTraceElement[]> mine) {
        this.from = from;
        this.to = to;
        this.timeoutMillis = timeoutMillis;
        this.kinds = kinds;
        this.mine = mine;
    }

    /** What is lost, by the last look. */
    public List<Lost> lost() {
        var all = new ArrayList<>(reclaimed);
        all.addAll(lost);
        return all;
    }

    /** How many sockets were open at the last look, lost or not. */
    public int open() {
        return held.size();
    }

    /** How many of them show a sign and may turn out to be lost, or are being released. */
    public int waiting() {
        return waiting;
    }

    /**
     * Whether a socket opened then and there is looked at. Of one whose stack was not taken, nobody knows when that was.
     *
     * @param sign what is known of the code that lost it
     */
    public boolean isAbout(long openedAt, StackOrigin sign, StackTraceElement[] stack) {
        return openedAt - from >= 0
                && openedAt - to <= 0
                && (sign == StackOrigin.OPENED || sign == StackOrigin.HALF_CLOSED)
                && (mine == null || mine.test(stack));
    }

    boolean isAbout(TrackedSocket<?> tracked, long now) {
        return held.contains(tracked)
                || isAbout(tracked.knownSince(now), tracked.origin.sign(), tracked.origin.stack());
    }

    void begin(long now) {
        if (!begun || now - lastLook > LATE) {
            windowStart = now;
        }
        begun = true;
        lastLook = now;
        seen.clear();
        lost.clear();
        waiting = 0;
    }

    /** @param suspect null if the socket shows no sign, or is gone */
    void seen(OpenSocket tracked, Suspect suspect, long now) {
        boolean collected = tracked.socket().is(null);
        if (suspect == null && collected
                || tracked.isReleased()
                || suspect != null && suspect.isClosed() && collected) {
            return;
        }
        seen.add(tracked);
        SocketSnapshot sighting = suspect == null ? null : suspect.lastSnapshot;
        if (suspect == null || suspect.openCase != null && suspect.openCase.inRelease()) {
            return;
        }
        if (sighting == null) {
            waiting++;
        } else if (kinds.contains(sighting.kind().toString())) {
            judge(suspect, sighting, now);
        }
    }

    private void judge(Suspect suspect, SocketSnapshot sighting, long now) {
        long lastActivity = suspect.lastActivity();
        long idle = now - (lastActivity - windowStart > 0 ? lastActivity : windowStart);
        if (sighting.isSilent()) {
            // as a client that waits for its answer, for which a test's timeout is no measure
            return;
        }
        var evidence = new Evidence(
                sighting,
                TimeUnit.NANOSECONDS.toMillis(idle),
                sighting.hold() == Holder.UNREACHABLE ? 0 : timeoutMillis,
                false);
        if (!(Judge.judge(evidence) instanceof Verdict.Alive alive)) {
            lost.add(new Lost(suspect, evidence, false));
        } else if (alive.veto() == Veto.ACTIVE
                || alive.veto() == Veto.DYING
                || alive.veto() == Veto.RESPONSE_IN_FLIGHT
                || alive.veto() == Veto.SENDING) {
            waiting++;
        }
    }

    /** One is being released by the agent itself, which will be told of when it is over. */
    void releasing() {
        waiting++;
    }

    /** Those that were there before and are not now: closed, or collected without a close. */
    void end(long now) {
        for (OpenSocket before : held) {
            // The second question last: every close is told before the object can be collected.
            if (reclaimed.size() < MOST_RECLAIMED
                    && !seen.contains(before)
                    && before.socket().is(null)
                    && !before.isReleased()
                    && kinds.contains(RECLAIMED.kind().toString())) {
                reclaimed.add(new Lost(new ReclaimedSocket(before, now), new Evidence(RECLAIMED, 0, 0, false), true));
            }
        }
        held.clear();
        held.addAll(seen);
    }
}
