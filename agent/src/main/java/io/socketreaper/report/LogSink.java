package io.socketreaper.report;

import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.GrowingSite;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.leak.UnwatchedDescriptors;
import java.io.Flushable;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Writes reports to the log: the first leak of a site in full, later ones as a count per site and interval. Failed releases and leaks
 * that turned out alive are reported in the same way.
 */
public final class LogSink implements LeakSink {
    /** The pattern of a message that is an {@link io.socketreaper.log.LogEvent}. */
    private static final String FACTS = "{}";

    /** The growth of a site that has no earlier counts. */
    static final long FIRST = -1;

    /** How long the end of the JVM, or a detach, may wait for a blocked log: as long as Logback's asynchronous appender by default. */
    private static final long PATIENCE_AT_END_MILLIS = 1000;

    private final Logger log;
    private final AddressFormat addresses;
    private ReportText text;
    private long interval;
    private final Set<LeakSite> shownInFull = new LinkedHashSet<>();
    private final Set<LeakSite> shownReleased = new LinkedHashSet<>();
    private final Set<LeakSite> shownHeld = new LinkedHashSet<>();
    private final Set<LeakSite> shownGivenUp = new LinkedHashSet<>();
    private final Set<LeakSite> saidAlive = new LinkedHashSet<>();
    private final Set<LeakSite> saidCollected = new LinkedHashSet<>();
    private final Set<LeakSite> changed = new LinkedHashSet<>();
    /** The found leaks by site, as in its last counts. */
    private final Map<LeakSite, Long> counted = new HashMap<>();

    private final Set<Leak> stillHeld = Collections.newSetFromMap(new IdentityHashMap<>());
    private long notShown;
    private long lastSummary;
    private boolean summarised;
    /** Writes the last counts when the JVM ends; null before the first leak. */
    private @Nullable Thread exitHook;
    /** Has the releases reported that have ended by then. */
    private volatile @Nullable Runnable lastLook;

    /**
     * @param logIntervalMillis how often the counts may be repeated, milliseconds
     * @param stackDepth        frames of a report
     * @param addresses         how hosts are named
     */
    public LogSink(Logger log, long logIntervalMillis, int stackDepth, AddressFormat addresses) {
        this.log = log;
        this.addresses = addresses;
        this.text = new ReportText(stackDepth, addresses);
        this.interval = TimeUnit.MILLISECONDS.toNanos(logIntervalMillis);
    }

    /** The same parameters, from now on. */
    public synchronized void settings(long logIntervalMillis, int stackDepth) {
        text = new ReportText(stackDepth, addresses);
        interval = TimeUnit.MILLISECONDS.toNanos(logIntervalMillis);
    }

    /**
     * Sets what is called when the JVM ends, before the last counts: it may report leaks for the last time.
     *
     * @param look must return within half a second
     */
    public void lastLook(Runnable look) {
        lastLook = look;
    }

    /** A program may end as soon as its sockets are released, before that is reported. */
    @Override
    public synchronized void found(Leak leak) {
        sayCountsAtExit();
    }

    @Override
    public synchronized void leak(Leak leak, Outcome outcome) {
        sayCountsAtExit();
        boolean held = false;
        // After a report that a socket is still held, its outcome is reported as well.
        boolean wasHeld = stillHeld.remove(leak);
        if (outcome.name() == OutcomeName.STILL_HELD) {
            held = shownHeld.add(leak.site()) || wasHeld;
            if (held) {
                stillHeld.add(leak);
            }
        } else if (outcome.name() == OutcomeName.GIVEN_UP) {
            held = shownGivenUp.add(leak.site()) || wasHeld;
        }
        // After a report without a release, the first release of the site is reported in full as well.
        boolean first =
                shownInFull.add(leak.site()) | (outcome.name().isReleasedByAgent() && shownReleased.add(leak.site()));
        if (first || held || wasHeld) {
            log.warn(FACTS, text.event(leak, outcome));
        } else {
            notShown++;
            changed.add(leak.site());
        }
    }

    @Override
    public synchronized void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
        if ((how.cameBack() ? saidAlive : saidCollected).add(leak.site())) {
            log.info(FACTS, text.afterAllEvent(leak, how, afterMillis));
        } else {
            notShown++;
            changed.add(leak.site());
        }
    }

    @Override
    public synchronized void growing(GrowingSite site) {
        var event = new GrowingLogEvent(text.growing(site), site);
        if (site.growing()) {
            log.warn(FACTS, event);
        } else {
            log.info(FACTS, event);
        }
    }

    @Override
    public void unwatched(UnwatchedDescriptors unwatched) {
        log.warn(FACTS, new UnwatchedLogEvent(unwatched));
    }

    @Override
    public void shortage(DescriptorShortage shortage) {
        var event = new ShortageLogEvent(ShortageText.of(shortage), shortage);
        if (shortage.stage().isWarning()) {
            log.warn(FACTS, event);
        } else {
            log.info(FACTS, event);
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

    /** Ends the reports: writes the last counts and removes the exit hook. */
    public void end() {
        soon(this::sayLastCounts);
        Thread hook = exitHook;
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException | SecurityException notRemoved) {
                // The JVM is ending, or a security manager has come: the hook finds no counts to write.
            }
        }
    }

    private void sayCounts() {
        for (LeakSite site : changed) {
            Long before = counted.put(site, site.found());
            long grown = before == null ? FIRST : site.found() - before;
            log.warn(FACTS, new CountsLogEvent(text.counts(site, grown), site, grown));
        }
        log.warn(FACTS, new NotShownLogEvent(notShown));
        notShown = 0;
        changed.clear();
    }

    private synchronized void sayLastCounts() {
        if (!changed.isEmpty()) {
            sayCounts();
        }
    }

    private void lookAndSayLastCounts() {
        Runnable look = lastLook;
        try {
            if (look != null) {
                look.run();
            }
        } catch (RuntimeException noAnswer) {
            // The reports until now are counted in any case.
        }
        sayLastCounts();
        if (log instanceof Flushable lines) {
            try {
                lines.flush();
            } catch (IOException notWritten) {
                // They are lost: the JVM does not wait for longer.
            }
        }
    }

    /** On a thread of its own, with a bounded wait: the reaper thread may be blocked in the log and hold the monitor. */
    private static void soon(Runnable work) {
        try {
            var last = new Thread(null, work, "socket-reaper-last-counts", 0, false);
            last.setDaemon(true);
            last.start();
            last.join(PATIENCE_AT_END_MILLIS);
        } catch (SecurityException | OutOfMemoryError noThread) {
            // The counts are lost; an exception would reach the application's handler.
        } catch (InterruptedException atOnce) {
            Thread.currentThread().interrupt();
        }
    }

    /** The counts of the last interval would be lost when the JVM ends. Registered with the first leak, not before. */
    private void sayCountsAtExit() {
        if (exitHook == null) {
            exitHook = new Thread(null, () -> soon(this::lookAndSayLastCounts), "socket-reaper-exit", 0, false);
            try {
                Runtime.getRuntime().addShutdownHook(exitHook);
            } catch (IllegalStateException | SecurityException notAdded) {
                // The JVM is ending, or a security manager refuses it: the last counts are lost, this leak's report is
                // not.
            }
        }
    }
}
