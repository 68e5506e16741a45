package io.socketreaper.testapp;

import java.time.Duration;

/** Notices that this JVM got no time to run for a while, from looks that should be regular: the agent in it was late, too. */
public final class Stalls {
    private static final Duration LATE = Duration.ofMillis(100);

    private final long start;
    private final long mostBetween;
    private long last;
    private long until;

    /**
     * @param start     {@link System#nanoTime()} of what the times count from
     * @param lookEvery between two looks on a machine that has nothing else to do
     */
    public Stalls(long start, Duration lookEvery) {
        this.start = start;
        this.mostBetween = lookEvery.plus(LATE).toNanos();
        this.last = start;
        this.until = start;
    }

    public void look() {
        long now = System.nanoTime();
        if (now - last > mostBetween) {
            until = now;
        }
        last = now;
    }

    /** When the last stall was over, milliseconds from the start; 0 if there was none. */
    public long untilMillis() {
        return Duration.ofNanos(until - start).toMillis();
    }
}
