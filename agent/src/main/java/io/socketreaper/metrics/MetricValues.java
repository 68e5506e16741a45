package io.socketreaper.metrics;

import io.socketreaper.control.LeakCount;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import java.util.List;

/**
 * Everything that the metrics show, of about one moment.
 *
 * @param foundByGrade      leaks by kind and grade
 * @param releasedByOutcome released sockets by kind and outcome
 */
public record MetricValues(
        Status status,
        List<SiteInfo> sites,
        List<LeakCount> foundByGrade,
        List<LeakCount> releasedByOutcome,
        Durations.Snapshot durations) {}
