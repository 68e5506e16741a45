package io.socketreaper.metrics;

import io.socketreaper.control.Ledger;
import io.socketreaper.report.Leak;
import io.socketreaper.report.Outcome;
import io.socketreaper.report.Sink;

/** How long releases have taken. Filled on the reaper thread. */
public final class Durations implements Sink {
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
    public record Snapshot(double[] upTo, long[] counts, double sum) {
    }

    @Override
    public synchronized void leak(Leak leak, Outcome outcome) {
        long millis = Ledger.tookMillis(outcome);
        if (millis < 0 || outcome instanceof Outcome.StillHeld) {
            return;
        }
        double took = millis / MILLIS;
        int bucket = 0;
        while (bucket < SECONDS.length && took > SECONDS[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sum += took;
    }

    @Override
    public void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        // released by somebody else
    }

    @Override
    public boolean tick(long now) {
        return false;
    }

    /** As it is now. Any thread. */
    public synchronized Snapshot snapshot() {
        var upTo = new double[counts.length];
        System.arraycopy(SECONDS, 0, upTo, 0, SECONDS.length);
        upTo[SECONDS.length] = Double.POSITIVE_INFINITY;
        return new Snapshot(upTo, counts.clone(), sum);
    }
}
