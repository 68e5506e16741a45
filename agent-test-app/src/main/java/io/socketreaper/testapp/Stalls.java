package io.socketreaper.testapp;

import java.time.Duration;

/** Notices that this JVM got no time to run for a while, from looks that should be regular: the agent in it was late, too. */
public final class Stalls {
    private static final Duration LATE = Duration.ofMillis(100);
    /** What a look may be late on a machine that has nothing else to do. */
    private static final Duration HARDLY_LATE = Duration.ofMillis(2);

    private final RunDelay delay = new RunDelay();
    private final long start;
    private final long every;
    private final long mostBetween;
    private long last;
    private long until;
    private long lost;

    /**
     * @param start     {@link System#nanoTime()} of what the times count from
     * @param lookEvery between two looks on a machine that has nothing else to do
     */
    public Stalls(long start, Duration lookEvery) {
        this.start = start;
        this.every = lookEvery.toNanos();
        this.mostBetween = lookEvery.plus(LATE).toNanos();
        this.last = start;
        this.until = start;
    }

    public void look() {
        long now = System.nanoTime();
        if (now - last > mostBetween) {
            until = now;
        }
        if (now - last > every + HARDLY_LATE.toNanos()) {
            lost += now - last - every;
        }
        last = now;
    }

    /**
     * How much later than usual the agent may be, milliseconds: up to the end of the last stall, after which it begins anew, or by the sum of
     * many short ones, which it does not count as idle time, or by the time that threads waited for a processor. 0 if there was none.
     */
    public long untilMillis() {
        long stalled = Duration.ofNanos(Math.max(until - start, lost)).toMillis();
        return Math.max(stalled, delay.millis());
    }
}
