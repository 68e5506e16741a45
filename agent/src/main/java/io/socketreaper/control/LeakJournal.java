package io.socketreaper.control;

import io.socketreaper.config.Settings;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.DryRun;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.report.ReportText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Remembers the reports for later requests: bounded, and empty before the first leak. Reaper thread only. */
public final class LeakJournal implements LeakSink {
    private static final int MOST_EVENTS = 500;
    private static final int MOST_SAMPLES = 720;
    private static final long SAMPLE_EVERY = TimeUnit.SECONDS.toNanos(5);

    private final LeakSites sites;
    private final Map<LeakSite, Entry> entries = new HashMap<>();
    private final Map<LeakKind, Map<OutcomeName, Long>> released = new HashMap<>();
    private final ArrayDeque<History.Event> events = new ArrayDeque<>();
    private final ArrayDeque<History.Sample> samples = new ArrayDeque<>();
    private long nextSample;
    private boolean sampled;

    /** The data of a site beyond its own counts. */
    private static final class Entry {
        private final long firstMillis = System.currentTimeMillis();
        private long lastMillis = firstMillis;
        private long found;
        private @Nullable Leak last;
        private @Nullable Outcome outcome;
        private @Nullable String lastOutcome;
        private long drainedBytes;
        private long givenUp;
    }

    public LeakJournal(LeakSites sites) {
        this.sites = sites;
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        Entry entry = entries.computeIfAbsent(leak.site(), site -> new Entry());
        if (leak.site().found() > entry.found) {
            // A leak that is only now released was found before.
            entry.found = leak.site().found();
            entry.lastMillis = System.currentTimeMillis();
        }
        entry.last = leak;
        entry.outcome = outcome;
        entry.lastOutcome = ReportText.outcome(leak, outcome);
        entry.drainedBytes += outcome.bytes();
        if (outcome.name() == OutcomeName.GIVEN_UP) {
            entry.givenUp++;
        }
        if (outcome.name().isReleased()) {
            released.computeIfAbsent(leak.kind(), kind -> new EnumMap<>(OutcomeName.class))
                    .merge(outcome.name(), 1L, Long::sum);
        }
        remember(
                leak,
                outcome.name(),
                entry.lastOutcome,
                ReportText.peerOutcome(leak, outcome),
                outcome.bytes(),
                outcome.tookMillis());
    }

    @Override
    public void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
        remember(leak, OutcomeName.RELEASED_AFTER_ALL, how.done(), "", 0, -1);
    }

    private void remember(Leak leak, OutcomeName name, String done, String peerOutcome, long bytes, long tookMillis) {
        if (events.size() == MOST_EVENTS) {
            events.removeFirst();
        }
        events.add(new History.Event(
                System.currentTimeMillis(),
                leak.site().id(),
                leak.kind().toString(),
                leak.grade().toString(),
                Endpoints.text(leak.endpoints().local()),
                Endpoints.text(leak.endpoints().remote()),
                leak.descriptor(),
                name.toString(),
                done,
                peerOutcome,
                bytes,
                tookMillis));
    }

    /** Whether it is time for {@link #sample}. */
    public boolean wantsSample(long now) {
        return !sampled || now - nextSample >= 0;
    }

    /** When it will be. */
    public long nextSample() {
        return nextSample;
    }

    public void sample(long now, int open, long limit, int suspects) {
        sampled = true;
        nextSample = now + SAMPLE_EVERY;
        if (samples.size() == MOST_SAMPLES) {
            samples.removeFirst();
        }
        Totals total = total();
        samples.add(
                new History.Sample(System.currentTimeMillis(), open, limit, suspects, total.found(), total.released()));
    }

    public History history() {
        return new History(List.copyOf(samples), List.copyOf(events));
    }

    public Totals total() {
        Totals total = Totals.NONE;
        for (LeakSite site : sites.all()) {
            total = total.plus(totals(site));
        }
        return total;
    }

    /** By kind of leak; every kind is there. */
    public Map<String, Totals> byKind() {
        var byKind = new LinkedHashMap<String, Totals>();
        for (LeakKind kind : LeakKind.values()) {
            byKind.put(kind.toString(), Totals.NONE);
        }
        for (LeakSite site : sites.all()) {
            byKind.merge(site.kind().toString(), totals(site), Totals::plus);
        }
        return byKind;
    }

    /** Leaks found, by kind and grade; those without any are not there. */
    public Map<LeakKind, Map<Grade, Long>> foundByGrade() {
        var found = new EnumMap<LeakKind, Map<Grade, Long>>(LeakKind.class);
        for (LeakSite site : sites.all()) {
            Map<Grade, Long> byGrade = found.computeIfAbsent(site.kind(), kind -> new EnumMap<>(Grade.class));
            for (Grade grade : Grade.values()) {
                byGrade.merge(grade, site.found(grade), Long::sum);
            }
        }
        return found;
    }

    /** Sockets released, by kind and outcome; those without any are not there. */
    public Map<LeakKind, Map<OutcomeName, Long>> releasedByOutcome() {
        var copy = new EnumMap<LeakKind, Map<OutcomeName, Long>>(LeakKind.class);
        released.forEach((kind, byOutcome) -> copy.put(kind, new EnumMap<>(byOutcome)));
        return copy;
    }

    /**
     * What became of the leaks that were only reported, by site and grade, those with the most first.
     *
     * @param settings that hold now
     * @param now      nano time
     */
    public List<DryRunRow> dryRun(Settings settings, long now) {
        var rows = new ArrayList<DryRunRow>();
        for (LeakSite site : sites.all()) {
            for (Grade grade : Grade.values()) {
                DryRun dryRun = site.dryRun(grade);
                if (dryRun.reported() > 0) {
                    long timeout = settings.timeoutMillis(site.kind(), grade);
                    rows.add(new DryRunRow(
                            site.id(),
                            site.kind().toString(),
                            grade.toString(),
                            site.location(),
                            dryRun.reported(),
                            dryRun.used(),
                            dryRun.closed(),
                            dryRun.untouchedSince(
                                    now - TimeUnit.MILLISECONDS.toNanos(DrainAdvice.enoughMillis(timeout))),
                            TimeUnit.NANOSECONDS.toMillis(now - dryRun.firstAt()),
                            dryRun.leastIdleMillis(),
                            dryRun.shortestMillis(),
                            dryRun.longestMillis(),
                            timeout,
                            settings.action(site.kind(), grade).toString()));
                }
            }
        }
        rows.sort(Comparator.comparingLong(DryRunRow::reported).reversed());
        return rows;
    }

    /** Other settings hold: leaks whose timeout has changed say no more about a release. */
    public void settings(Settings before, Settings after) {
        for (LeakSite site : sites.all()) {
            for (Grade grade : Grade.values()) {
                if (before.timeoutMillis(site.kind(), grade) != after.timeoutMillis(site.kind(), grade)
                        || site.kind() == LeakKind.HALF_CLOSED
                                && before.silentTimeoutMillis() != after.silentTimeoutMillis()) {
                    site.restartDryRun(grade);
                }
            }
        }
    }

    private Totals totals(LeakSite site) {
        Entry entry = entries.get(site);
        return new Totals(
                site.found(),
                site.released(),
                site.releasedAfterAll(),
                site.excluded(),
                entry == null ? 0 : entry.givenUp,
                entry == null ? 0 : entry.drainedBytes);
    }

    /** Whether {@link #sites} has one with that id. */
    public boolean hasSite(String id) {
        return sites.all().stream().anyMatch(site -> isListed(site) && site.id().equals(id));
    }

    /** Not one that was only looked at, by a test that is about its own sockets. */
    private boolean isListed(LeakSite site) {
        return site.found() > 0 || entries.containsKey(site);
    }

    /** Those with the most sockets that are still held first. */
    public List<SiteInfo> sites(int stackDepth) {
        var infos = new ArrayList<SiteInfo>();
        var full = new ReportText(stackDepth);
        for (LeakSite site : sites.all()) {
            if (!isListed(site)) {
                continue;
            }
            Entry entry = entries.get(site);
            if (entry == null) {
                // its first leak is being released
                infos.add(new SiteInfo(
                        site.id(),
                        site.kind().toString(),
                        "",
                        site.location(),
                        frames(site.stack()),
                        totals(site),
                        0,
                        0,
                        "",
                        "",
                        site.blame().kind().toString(),
                        LeakSites.location(site.opening()),
                        frames(site.opening()),
                        byGrade(site)));
            } else {
                Leak last = Objects.requireNonNull(entry.last);
                infos.add(new SiteInfo(
                        site.id(),
                        site.kind().toString(),
                        last.grade().toString(),
                        site.location(),
                        frames(site.stack()),
                        totals(site),
                        entry.firstMillis,
                        entry.lastMillis,
                        Objects.requireNonNull(entry.lastOutcome),
                        full.of(last, Objects.requireNonNull(entry.outcome)),
                        site.blame().kind().toString(),
                        LeakSites.location(site.opening()),
                        frames(site.opening()),
                        byGrade(site)));
            }
        }
        infos.sort(Comparator.comparingLong((SiteInfo info) -> info.totals().held())
                .thenComparingLong(info -> info.totals().found())
                .reversed());
        return infos;
    }

    private static Map<String, Long> byGrade(LeakSite site) {
        var found = new LinkedHashMap<String, Long>();
        for (Grade grade : Grade.values()) {
            if (site.found(grade) > 0) {
                found.put(grade.toString(), site.found(grade));
            }
        }
        return found;
    }

    private static List<String> frames(StackTraceElement[] stack) {
        var frames = new ArrayList<String>(stack.length);
        for (StackTraceElement frame : stack) {
            frames.add(frame.toString());
        }
        return frames;
    }
}
