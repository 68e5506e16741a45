package io.socketreaper.report;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * The log: the first leak of a site in full, later ones as a count per site and interval. What went wrong with a release
 * is always said in full, and what came back to life once per site.
 */
public final class LogSink implements Sink {
    private final Logger log;
    private ReportText text;
    private long interval;
    private final Set<LeakSite> shownInFull = new LinkedHashSet<>();
    private final Set<LeakSite> saidAlive = new LinkedHashSet<>();
    private final Set<LeakSite> changed = new LinkedHashSet<>();
    private final Set<Leak> stillHeld = Collections.newSetFromMap(new IdentityHashMap<>());
    private long notShown;
    private long lastSummary;
    private boolean summarised;
    private boolean exitHook;

    /**
     * @param logIntervalMillis how often the counts may be repeated, milliseconds
     * @param stackDepth        frames of a report
     */
    public LogSink(Logger log, long logIntervalMillis, int stackDepth) {
        this.log = log;
        this.text = new ReportText(stackDepth);
        this.interval = TimeUnit.MILLISECONDS.toNanos(logIntervalMillis);
    }

    /** The same parameters, from now on. */
    public synchronized void settings(long logIntervalMillis, int stackDepth) {
        text = new ReportText(stackDepth);
        interval = TimeUnit.MILLISECONDS.toNanos(logIntervalMillis);
    }

    @Override
    public synchronized void leak(Leak leak, Outcome outcome) {
        sayCountsAtExit();
        boolean held = outcome instanceof Outcome.StillHeld;
        // Whoever read that a socket is still held wants to read what became of it.
        boolean wasHeld = stillHeld.remove(leak);
        if (outcome instanceof Outcome.StillHeld tried && !tried.givenUp()) {
            stillHeld.add(leak);
        }
        if (shownInFull.add(leak.site()) || held || wasHeld) {
            log.warn(text.of(leak, outcome));
        } else {
            notShown++;
            changed.add(leak.site());
        }
    }

    @Override
    public synchronized void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        if (saidAlive.add(leak.site())) {
            log.info(text.releasedAfterAll(leak, closed, afterMillis));
        } else {
            notShown++;
            changed.add(leak.site());
        }
    }

    @Override
    public void shortage(Shortage shortage) {
        String words = ShortageText.of(shortage);
        if (shortage instanceof Shortage.Begun || shortage instanceof Shortage.Exhausted) {
            log.warn(words);
        } else {
            log.info(words);
        }
    }

    @Override
    public synchronized boolean tick(long now) {
        if (changed.isEmpty()) {
            return false;
        }
        if (!summarised) {
            summarised = true;
            lastSummary = now;
        }
        if (now - lastSummary >= interval) {
            lastSummary = now;
            sayCounts();
        }
        return !changed.isEmpty();
    }

    private void sayCounts() {
        for (LeakSite site : changed) {
            log.warn(text.counts(site));
        }
        log.warn("{} reports were not shown one by one since the last count", notShown);
        notShown = 0;
        changed.clear();
    }

    private synchronized void sayLastCounts() {
        if (!changed.isEmpty()) {
            sayCounts();
        }
    }

    /** The counts of the last interval would be lost when the JVM ends. Registered with the first leak, not before. */
    private void sayCountsAtExit() {
        if (!exitHook) {
            exitHook = true;
            try {
                Runtime.getRuntime().addShutdownHook(new Thread(null, this::sayLastCounts, "socket-reaper-exit", 0, false));
            } catch (IllegalStateException alreadyExiting) {
                // then they are lost
            }
        }
    }
}
