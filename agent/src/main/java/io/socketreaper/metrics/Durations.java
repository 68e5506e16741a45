package io.socketreaper.metrics;

import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;

/** How long releases have taken. Filled on the reaper thread. */
public final class Durations implements LeakSink {
    private static final double[] SECONDS = {0.01, 0.1, 1, 5, 10, 30, 60, 300};
    private static final double MILLIS = 1000;

    private final long[] counts = new long[SECONDS.length + 1];
    private double sum;

    /**
     * A histogram.
     *
     * @param upTo   upper bounds, seconds, the last one infinite
     * @param counts releases between a bound and the one before
     * @param sum    seconds
     */
    public record Snapshot(double[] upTo, long[] counts, double sum) {}

    @Override
    public synchronized void leak(Leak leak, Outcome outcome) {
        if (!outcome.name().isReleased()) {
            return;
        }
        double took = outcome.tookMillis() / MILLIS;
        int bucket = 0;
        while (bucket < SECONDS.length && took > SECONDS[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sum += took;
    }

    /** As it is now. Any thread. */
    public synchronized Snapshot snapshot() {
        var upTo = new double[counts.length];
        System.arraycopy(SECONDS, 0, upTo, 0, SECONDS.length);
        upTo[SECONDS.length] = Double.POSITIVE_INFINITY;
        return new Snapshot(upTo, counts.clone(), sum);
    }
}
