package io.socketreaper.html;

import io.socketreaper.control.History;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The samples by column, as the chart wants them; what is unknown is null. Times are seconds since 1970. */
record Timeline(
        List<Double> time,
        List<Long> open,
        List<Long> limit,
        List<Long> suspects,
        List<Long> found,
        List<Long> released) {
    private static final double SECOND = 1000;

    static Timeline of(History history) {
        var timeline = new Timeline(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>());
        for (History.Sample sample : history.samples()) {
            timeline.time.add(sample.atMillis() / SECOND);
            timeline.open.add(known(sample.open()));
            timeline.limit.add(known(sample.limit()));
            timeline.suspects.add(known(sample.suspects()));
            timeline.found.add(known(sample.found()));
            timeline.released.add(known(sample.released()));
        }
        return timeline;
    }

    private static @Nullable Long known(long value) {
        return value < 0 ? null : value;
    }
}
