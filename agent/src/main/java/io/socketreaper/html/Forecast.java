package io.socketreaper.html;

import io.socketreaper.control.History.Sample;
import java.util.List;

/**
 * When the descriptors run out if they go on growing as in the last minutes; what grew before that says nothing of now.
 *
 * @param toLimitMillis until the limit is reached; -1 if that cannot be foretold
 * @param perMilli      growth, descriptors a millisecond; 0 if that cannot be foretold
 * @param hasStopped    whether the descriptors grew and do not grow any more
 */
record Forecast(long toLimitMillis, double perMilli, boolean hasStopped) {
    /** Of less than that a rate would be a guess. */
    private static final long SHORTEST = 10_000;
    /** Descriptors: by fewer than that a healthy program grows and shrinks all the time. */
    private static final long LEAST_GROWTH = 5;

    /** Growth that is older is no ground for a forecast. */
    private static final long RECENT = 10 * 60_000;
    /** Steady growth adds a half of it in the newer half of the time. With less than this part there was a step before, and only the newer half counts. */
    private static final int LEAST_PART = 4;

    static final Forecast NONE = new Forecast(-1, 0, false);

    static Forecast of(List<Sample> samples) {
        if (samples.size() < 2) {
            return NONE;
        }
        Sample last = samples.get(samples.size() - 1);
        Sample first = first(samples, last.atMillis() - RECENT);
        long span = last.atMillis() - first.atMillis();
        if (first.open() < 0 || last.limit() <= 0 || last.open() - first.open() < LEAST_GROWTH) {
            return NONE;
        }
        Sample middle = latest(samples, last.atMillis() - span / 2);
        long newer = (long) last.open() - middle.open();
        if (newer <= 0) {
            return span > RECENT / 2 ? new Forecast(-1, 0, true) : NONE;
        }
        return of(newer * LEAST_PART < (long) last.open() - first.open() ? middle : first, last);
    }

    private static Forecast of(Sample from, Sample last) {
        long span = last.atMillis() - from.atMillis();
        long grown = (long) last.open() - from.open();
        return span < SHORTEST || grown < LEAST_GROWTH
                ? NONE
                : new Forecast(
                        (long) ((last.limit() - last.open()) * (double) span / grown), (double) grown / span, false);
    }

    /** The first sample from that time on, the last one included. */
    private static Sample first(List<Sample> samples, long from) {
        for (Sample sample : samples) {
            if (sample.atMillis() >= from) {
                return sample;
            }
        }
        return samples.get(samples.size() - 1);
    }

    /** The last sample up to that time, which is not before the first one. */
    private static Sample latest(List<Sample> samples, long until) {
        Sample latest = samples.get(0);
        for (Sample sample : samples) {
            if (sample.atMillis() > until) {
                break;
            }
            latest = sample;
        }
        return latest;
    }

    /** Whether the limit is reached within that time, milliseconds. */
    boolean isWithin(long millis) {
        return toLimitMillis >= 0 && toLimitMillis <= millis;
    }
}
