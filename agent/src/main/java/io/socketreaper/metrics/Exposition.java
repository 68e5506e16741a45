package io.socketreaper.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.DryRunRow;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns figures into the metrics of a scrape. */
final class Exposition {
    /** What one program may cost Prometheus; a program with more bugs than this has its answer already. */
    static final int MOST_SITES = 50;

    private static final int MOST_OPEN_SITES = 20;

    private static final String OTHER = "other";
    private static final double MILLIS = 1000;

    /**
     * Sites with series of their own. For good: a site that moved from or to "other" would look like a counter that was
     * reset.
     */
    private final Set<String> ownSeries = new LinkedHashSet<>();

    private record Point(Labels labels, double value) {}

    synchronized MetricSnapshots of(MetricValues values) {
        var points = new EnumMap<Metric, List<Point>>(Metric.class);
        agent(values.status(), points);
        leaks(values, points);
        dryRun(values.dryRun(), points);
        sites(values.sites(), points);
        if (values.status().tracksAll()) {
            open(values.open(), points);
        }
        var snapshots = new ArrayList<MetricSnapshot>();
        for (Metric metric : Metric.values()) {
            if (metric == Metric.DURATION) {
                snapshots.add(histogram(metric, values.durations()));
            } else if (points.containsKey(metric)) {
                snapshots.add(snapshot(metric, points.get(metric)));
            }
        }
        return new MetricSnapshots(snapshots);
    }

    private static void agent(Status status, Map<Metric, List<Point>> points) {
        add(points, Metric.INFO, 1, status.version(), status.setting("track", ""), status.setting("action", ""));
        add(points, Metric.START, status.startedMillis() / MILLIS);
        add(points, Metric.PAUSED, status.paused() ? 1 : 0);
        add(points, Metric.OBSERVES_ONLY, status.observesOnly() ? 1 : 0);
        add(points, Metric.INTERNAL_ERRORS, status.internalErrors());
        for (Status.Stack stack : status.stacks()) {
            add(points, Metric.STACK_OFF, stack.state().equals("off") ? 1 : 0, stack.name());
        }
        if (status.open() >= 0) {
            add(points, Metric.OPEN, status.open());
        }
        if (status.limit() >= 0) {
            add(points, Metric.LIMIT, status.limit());
        }
        for (Map.Entry<String, Integer> kind : status.descriptors().entrySet()) {
            add(points, Metric.DESCRIPTORS, kind.getValue(), kind.getKey());
        }
        add(points, Metric.PRESSURE, status.underPressure() ? 1 : 0);
        add(points, Metric.SUSPECTS, status.suspects());
        add(points, Metric.RELEASING, status.releasing());
    }

    private static void leaks(MetricValues values, Map<Metric, List<Point>> points) {
        for (Map.Entry<String, Totals> byKind : values.status().byKind().entrySet()) {
            String kindName = byKind.getKey();
            LeakKind kind = LeakKind.named(kindName);
            Totals totals = byKind.getValue();
            add(points, Metric.HELD, totals.held(), kindName);
            add(points, Metric.AFTER_ALL, totals.releasedAfterAll(), kindName);
            add(points, Metric.EXCLUDED, totals.excluded(), kindName);
            add(points, Metric.GIVEN_UP, totals.givenUp(), kindName);
            // A rate needs a series that has begun before the first leak.
            Map<Grade, Long> found = values.foundByGrade().getOrDefault(kind, Map.of());
            for (Grade grade : Grade.values()) {
                add(points, Metric.FOUND, found.getOrDefault(grade, 0L), kindName, grade.toString());
            }
            Map<OutcomeName, Long> released = values.releasedByOutcome().getOrDefault(kind, Map.of());
            for (OutcomeName outcome : OutcomeName.values()) {
                if (outcome.isReleased()) {
                    add(points, Metric.RELEASED, released.getOrDefault(outcome, 0L), kindName, outcome.toString());
                }
            }
        }
        add(points, Metric.DRAINED, values.status().total().drainedBytes());
    }

    private static void dryRun(DryRunInfo dryRun, Map<Metric, List<Point>> points) {
        for (Grade grade : Grade.values()) {
            String name = grade.toString();
            long reported = 0;
            long used = 0;
            long closed = 0;
            long longest = 0;
            for (DryRunRow row : dryRun.rows()) {
                if (row.grade().equals(name)) {
                    reported += row.reported();
                    used += row.used();
                    closed += row.closed();
                    longest = Math.max(longest, row.longest());
                }
            }
            add(points, Metric.DRY_RUN_REPORTED, reported, name);
            add(points, Metric.DRY_RUN_CAME_BACK, used, name, "used");
            add(points, Metric.DRY_RUN_CAME_BACK, closed, name, "closed");
            add(points, Metric.DRY_RUN_LONGEST, longest / MILLIS, name);
        }
    }

    private void sites(List<SiteInfo> sites, Map<Metric, List<Point>> points) {
        long otherFound = 0;
        long otherHeld = 0;
        boolean others = false;
        var firstFirst = new ArrayList<>(sites);
        firstFirst.sort(
                Comparator.comparingLong(site -> site.firstMillis() == 0 ? Long.MAX_VALUE : site.firstMillis()));
        for (SiteInfo site : firstFirst) {
            if (!site.id().equals(OTHER)
                    && (ownSeries.contains(site.id()) || ownSeries.size() < MOST_SITES && ownSeries.add(site.id()))) {
                add(points, Metric.SITE_FOUND, site.totals().found(), site.id(), site.kind(), site.location());
                add(points, Metric.SITE_HELD, site.totals().held(), site.id(), site.kind(), site.location());
            } else {
                others = true;
                otherFound += site.totals().found();
                otherHeld += site.totals().held();
            }
        }
        if (others) {
            add(points, Metric.SITE_FOUND, otherFound, OTHER, "", "");
            add(points, Metric.SITE_HELD, otherHeld, OTHER, "", "");
        }
    }

    private static void open(List<OpenSiteInfo> open, Map<Metric, List<Point>> points) {
        var mostFirst = new ArrayList<>(open);
        mostFirst.sort(Comparator.comparingInt(OpenSiteInfo::open).reversed());
        var others = new TreeMap<String, Integer>();
        int growing = 0;
        int own = 0;
        for (OpenSiteInfo site : mostFirst) {
            growing += site.growing() ? 1 : 0;
            boolean hasOwn = !site.id().equals(OTHER) && own < MOST_OPEN_SITES;
            own += hasOwn ? 1 : 0;
            site.states().forEach((state, count) -> {
                if (hasOwn) {
                    add(points, Metric.OPEN_SOCKETS, count, site.id(), state, site.location());
                } else {
                    others.merge(state, count, Integer::sum);
                }
            });
        }
        others.forEach((state, count) -> add(points, Metric.OPEN_SOCKETS, count, OTHER, state, ""));
        add(points, Metric.GROWING_SITES, growing);
    }

    private static void add(Map<Metric, List<Point>> points, Metric metric, double value, String... labels) {
        points.computeIfAbsent(metric, first -> new ArrayList<>())
                .add(new Point(Labels.of(metric.labels(), List.of(labels)), value));
    }

    private static MetricSnapshot snapshot(Metric metric, List<Point> points) {
        switch (metric.type()) {
            case COUNTER -> {
                var counter = CounterSnapshot.builder()
                        .name(metric.baseName())
                        .help(metric.help())
                        .unit(unit(metric));
                for (Point point : points) {
                    counter.dataPoint(CounterDataPointSnapshot.builder()
                            .labels(point.labels)
                            .value(point.value)
                            .build());
                }
                return counter.build();
            }
            case INFO -> {
                var info = InfoSnapshot.builder().name(metric.baseName()).help(metric.help());
                for (Point point : points) {
                    info.dataPoint(
                            InfoDataPointSnapshot.builder().labels(point.labels).build());
                }
                return info.build();
            }
            default -> {
                var gauge = GaugeSnapshot.builder()
                        .name(metric.baseName())
                        .help(metric.help())
                        .unit(unit(metric));
                for (Point point : points) {
                    gauge.dataPoint(GaugeDataPointSnapshot.builder()
                            .labels(point.labels)
                            .value(point.value)
                            .build());
                }
                return gauge.build();
            }
        }
    }

    private static MetricSnapshot histogram(Metric metric, Durations.Snapshot durations) {
        var buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < durations.counts().length; i++) {
            buckets.bucket(durations.upTo()[i], durations.counts()[i]);
        }
        return HistogramSnapshot.builder()
                .name(metric.baseName())
                .help(metric.help())
                .unit(unit(metric))
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(buckets.build())
                        .sum(durations.sum())
                        .build())
                .build();
    }

    private static @Nullable Unit unit(Metric metric) {
        return switch (metric.unit()) {
            case "bytes" -> Unit.BYTES;
            case "seconds" -> Unit.SECONDS;
            default -> null;
        };
    }
}
