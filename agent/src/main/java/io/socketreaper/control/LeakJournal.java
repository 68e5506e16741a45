package io.socketreaper.control;

import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
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
import java.util.concurrent.TimeUnit;

/** Remembers what was reported, for those who ask later: bounded, and nothing before the first leak. Reaper thread only. */
public final class LeakJournal implements LeakSink {
    private static final int MOST_EVENTS = 500;
    private static final int MOST_SAMPLES = 720;
    private static final long SAMPLE_EVERY = TimeUnit.SECONDS.toNanos(5);

    private final LeakSites sites;
    private final Map<LeakSite, Entry> entries = new HashMap<>();
    private final Map<LeakKind, Map<String, Long>> released = new EnumMap<>(LeakKind.class);
    private final ArrayDeque<History.Event> events = new ArrayDeque<>();
    private final ArrayDeque<History.Sample> samples = new ArrayDeque<>();
    private long nextSample;
    private boolean sampled;

    /** What is known of a site beyond its own counts. */
    private static final class Entry {
        private final long firstMillis = System.currentTimeMillis();
        private long lastMillis = firstMillis;
        private long found;
        private Leak last;
        private Outcome outcome;
        private String lastOutcome;
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
        long bytes = drainedBytes(outcome);
        entry.drainedBytes += bytes;
        if (outcome instanceof Outcome.StillHeld held && held.givenUp()) {
            entry.givenUp++;
        }
        if (!(outcome instanceof Outcome.StillHeld) && tookMillis(outcome) >= 0) {
            released.computeIfAbsent(leak.kind(), kind -> new LinkedHashMap<>()).merge(name(outcome), 1L, Long::sum);
        }
        remember(
                leak,
                name(outcome),
                entry.lastOutcome,
                ReportText.peerOutcome(leak, outcome),
                bytes,
                tookMillis(outcome));
    }

    @Override
    public void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        remember(
                leak,
                "released-after-all",
                closed ? "the application has closed it after all" : "it is in use again",
                "",
                0,
                -1);
    }

    @Override
    public boolean tick(long now) {
        return false;
    }

    private void remember(Leak leak, String what, String done, String peerOutcome, long bytes, long tookMillis) {
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
                what,
                done,
                peerOutcome,
                bytes,
                tookMillis));
    }

    /** The name of an outcome where it must be one word. */
    public static String name(Outcome outcome) {
        if (outcome instanceof Outcome.Logged) {
            return "logged";
        } else if (outcome instanceof Outcome.Excluded) {
            return "excluded";
        } else if (outcome instanceof Outcome.Spared) {
            return "spared";
        } else if (outcome instanceof Outcome.Drained) {
            return "drained";
        } else if (outcome instanceof Outcome.Closed) {
            return "closed";
        } else if (outcome instanceof Outcome.ClosedByApplication) {
            return "closed-by-application";
        }
        return ((Outcome.StillHeld) outcome).givenUp() ? "given-up" : "still-held";
    }

    /** Bytes that were read and discarded. */
    public static long drainedBytes(Outcome outcome) {
        if (outcome instanceof Outcome.Drained drained) {
            return drained.bytes();
        }
        return outcome instanceof Outcome.ClosedByApplication closed ? closed.bytes() : 0;
    }

    /** Milliseconds from the claim to the end; -1 where nothing was claimed. */
    public static long tookMillis(Outcome outcome) {
        if (outcome instanceof Outcome.Drained drained) {
            return drained.tookMillis();
        } else if (outcome instanceof Outcome.Closed closed) {
            return closed.tookMillis();
        } else if (outcome instanceof Outcome.ClosedByApplication closed) {
            return closed.tookMillis();
        }
        return outcome instanceof Outcome.StillHeld held ? held.tookMillis() : -1;
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
        var total = new Totals(0, 0, 0, 0, 0, 0);
        for (LeakSite site : sites.all()) {
            total = sum(total, totals(site));
        }
        return total;
    }

    /** By kind of leak; every kind is there. */
    public Map<String, Totals> byKind() {
        var byKind = new LinkedHashMap<String, Totals>();
        for (LeakKind kind : LeakKind.values()) {
            byKind.put(kind.toString(), new Totals(0, 0, 0, 0, 0, 0));
        }
        for (LeakSite site : sites.all()) {
            byKind.merge(site.kind().toString(), totals(site), LeakJournal::sum);
        }
        return byKind;
    }

    /** Leaks found, by kind and grade; those without any are not there. Reaper thread. */
    public List<LeakCount> foundByGrade() {
        var shares = new ArrayList<LeakCount>();
        for (LeakKind kind : LeakKind.values()) {
            for (Grade grade : Grade.values()) {
                long count = 0;
                for (LeakSite site : sites.all()) {
                    count += site.kind() == kind ? site.found(grade) : 0;
                }
                if (count > 0) {
                    shares.add(new LeakCount(kind.toString(), grade.toString(), count));
                }
            }
        }
        return shares;
    }

    /** Sockets released, by kind and {@link #name} of the outcome; those without any are not there. Reaper thread. */
    public List<LeakCount> releasedByOutcome() {
        var shares = new ArrayList<LeakCount>();
        for (Map.Entry<LeakKind, Map<String, Long>> kind : released.entrySet()) {
            for (Map.Entry<String, Long> outcome : kind.getValue().entrySet()) {
                shares.add(new LeakCount(kind.getKey().toString(), outcome.getKey(), outcome.getValue()));
            }
        }
        return shares;
    }

    private static Totals sum(Totals a, Totals b) {
        return new Totals(
                a.found() + b.found(),
                a.released() + b.released(),
                a.releasedAfterAll() + b.releasedAfterAll(),
                a.excluded() + b.excluded(),
                a.givenUp() + b.givenUp(),
                a.drainedBytes() + b.drainedBytes());
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

    /** Those with the most sockets that are still held first. */
    public List<SiteInfo> sites(int stackDepth) {
        var infos = new ArrayList<SiteInfo>();
        var full = new ReportText(stackDepth);
        for (LeakSite site : sites.all()) {
            Entry entry = entries.get(site);
            if (entry == null && site.found() == 0) {
                // only looked at, by a test that is about its own sockets
                continue;
            }
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
                        ""));
            } else {
                infos.add(new SiteInfo(
                        site.id(),
                        site.kind().toString(),
                        entry.last.grade().toString(),
                        site.location(),
                        frames(site.stack()),
                        totals(site),
                        entry.firstMillis,
                        entry.lastMillis,
                        entry.lastOutcome,
                        full.of(entry.last, entry.outcome)));
            }
        }
        infos.sort(Comparator.comparingLong((SiteInfo info) -> info.totals().held())
                .thenComparingLong(info -> info.totals().found())
                .reversed());
        return infos;
    }

    private static List<String> frames(StackTraceElement[] stack) {
        var frames = new ArrayList<String>(stack.length);
        for (StackTraceElement frame : stack) {
            frames.add(frame.toString());
        }
        return frames;
    }
}
