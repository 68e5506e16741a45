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
    /** Until when the thread is known to have worked: the last reading of the clock in this round, nano time. */
    private long workedUntil;

    IdleTime(Policy policy, long now) {
        this.policy = policy;
        this.windowsStart = now;
        this.workedUntil = now;
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

    /** The thread has worked until that nano time, also if the clock was not read for long before. */
    void workedUntil(long now) {
        workedUntil = now;
    }

    /**
     * Whether the JVM may have been stopped since the clock was read last; then all windows begin anew. To be asked with each reading in a
     * round: a stop between two readings that are not compared would count as idle time.
     */
    boolean wasStopped(long now) {
        boolean stop = isStop(workedUntil, now);
        workedUntil = now;
        if (stop) {
            beginAnew(now);
        }
        return stop;
    }

    /** The agent itself has kept the reaper thread busy for so long: that is no stop of the JVM, and no idle time either. */
    void ownWork(long nanos) {
        if (nanos > SHORTEST_STALL) {
            stalls.add(workedUntil, workedUntil + nanos);
        }
        workedUntil += nanos;
    }

    /** A delay before the next {@link #endExcuse} has a known reason and is no stop of the JVM. */
    void excuse() {
        excused = true;
    }

    void endExcuse() {
        excused = false;
    }
}
