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

    private static final Forecast NONE = new Forecast(-1, 0, false);

    static Forecast of(List<Sample> samples) {
        if (samples.size() < 2) {
            return NONE;
        }
        Sample last = samples.get(samples.size() - 1);
        Sample first = last;
        Sample middle = last;
        for (int i = samples.size() - 1;
                i >= 0 && last.atMillis() - samples.get(i).atMillis() <= RECENT;
                i--) {
            first = samples.get(i);
            if (last.atMillis() - first.atMillis() <= RECENT / 2) {
                middle = first;
            }
        }
        long span = last.atMillis() - first.atMillis();
        long grown = (long) last.open() - first.open();
        if (span < SHORTEST || grown < LEAST_GROWTH || first.open() < 0 || last.limit() <= 0) {
            return NONE;
        }
        if (span > RECENT / 2 && last.open() <= middle.open()) {
            return new Forecast(-1, 0, true);
        }
        return new Forecast(
                (long) ((last.limit() - last.open()) * (double) span / grown), (double) grown / span, false);
    }
}
