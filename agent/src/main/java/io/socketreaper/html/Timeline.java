package io.socketreaper.html;

import io.socketreaper.control.History;
import io.socketreaper.control.History.Sample;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The samples by column, as the chart wants them; what is unknown is null. Times are seconds since 1970.
 *
 * @param forecast the point up to which the chart shows how descriptors go on growing; null if there is no forecast
 */
record Timeline(
        List<Double> time,
        List<Long> open,
        List<Long> limit,
        List<Long> suspects,
        List<Long> found,
        List<Long> released,
        @Nullable Point forecast) {
    private static final double SECOND = 1000;
    /** The part of the chart that a forecast takes: half of what was seen, and a minute at least. */
    private static final long SHORTEST = 60_000;

    /** So many descriptors at that time. */
    record Point(double time, double open) {}

    static Timeline of(ReportModel model) {
        History history = model.history();
        var timeline = new Timeline(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                forecast(model));
        for (Sample sample : history.samples()) {
            timeline.time.add(sample.atMillis() / SECOND);
            timeline.open.add(known(sample.open()));
            timeline.limit.add(known(sample.limit()));
            timeline.suspects.add(known(sample.suspects()));
            timeline.found.add(known(sample.found()));
            timeline.released.add(known(sample.released()));
        }
        return timeline;
    }

    /** As far as it goes on this chart, and only where the verdict speaks of it. */
    private static @Nullable Point forecast(ReportModel model) {
        List<Sample> samples = model.history().samples();
        var forecast = Forecast.of(samples);
        if (!Headline.foretells(model) || forecast.perMilli() <= 0 || forecast.toLimitMillis() <= 0) {
            return null;
        }
        Sample last = samples.get(samples.size() - 1);
        long seen = last.atMillis() - samples.get(0).atMillis();
        long shown = Math.min(forecast.toLimitMillis(), Math.max(SHORTEST, seen / 2));
        return new Point((last.atMillis() + shown) / SECOND, last.open() + forecast.perMilli() * shown);
    }

    private static @Nullable Long known(long value) {
        return value < 0 ? null : value;
    }
}
