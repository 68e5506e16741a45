package io.socketreaper.detect;

import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;

/**
 * Tells how long suspects have been idle. Time in which the process could not work is no idle time: after a stop of the whole JVM every
 * window begins anew, and shorter stalls are subtracted.
 */
@ReaperThread
final class IdleTime {
    /**
     * A delay of the reaper thread from which on the process counts as unable to work. On a machine that is not busy scheduling alone stays
     * below it, and so does a round of releases, which takes 20 ms at most.
     */
    private static final long SHORTEST_STALL = TimeUnit.MILLISECONDS.toNanos(30);

    private final Policy policy;
    private final Stalls stalls = new Stalls();
    /** No earlier moment counts as idle time. */
    private long windowsStart;

    private boolean excused;

    IdleTime(Policy policy, long now) {
        this.policy = policy;
        this.windowsStart = now;
    }

    /** How long a suspect has been idle, nanoseconds. */
    long of(Suspect suspect, long now) {
        long lastActivity = suspect.lastActivity();
        long since = lastActivity - windowsStart > 0 ? lastActivity : windowsStart;
        return Math.max(0, now - since - stalls.since(since));
    }

    /** The windows of all suspects begin at that nano time. */
    void beginAnew(long now) {
        windowsStart = now;
    }

    /**
     * Whether the JVM may have been stopped, so that all windows must begin anew. A shorter delay, or one that is excused, becomes a stall.
     *
     * @param expected nano time at which the thread should have gone on
     * @param now      nano time at which it did
     */
    boolean isStop(long expected, long now) {
        long late = now - expected;
        if (late <= Math.min(SHORTEST_STALL, policy.lateness())) {
            return false;
        }
        if (late > policy.lateness() && !excused) {
            return true;
        }
        stalls.add(expected, now);
        return false;
    }

    /** The agent itself has kept the reaper thread busy: that is no stop of the JVM, and no idle time either. */
    void ownWork(long from, long nanos) {
        if (nanos > SHORTEST_STALL) {
            stalls.add(from, from + nanos);
        }
    }

    /** A delay before the next {@link #endExcuse} has a known reason and is no stop of the JVM. */
    void excuse() {
        excused = true;
    }

    void endExcuse() {
        excused = false;
    }
}
