package io.socketreaper.metrics;

import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.util.List;
import java.util.Map;

/**
 * Everything that the metrics show, of about one moment.
 *
 * @param open             the lines of code that open sockets; empty unless {@code track=all}
 * @param foundByGrade      leaks by kind and grade
 * @param releasedByOutcome released sockets by kind and outcome
 * @param dryRun           leaks that were reported and not released
 */
public record MetricValues(
        Status status,
        List<SiteInfo> sites,
        List<OpenSiteInfo> open,
        Map<LeakKind, Map<Grade, Long>> foundByGrade,
        Map<LeakKind, Map<OutcomeName, Long>> releasedByOutcome,
        DryRunInfo dryRun,
        Durations.Snapshot durations) {}
