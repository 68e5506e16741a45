package io.socketreaper.detect;

import io.socketreaper.config.Settings;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.DescriptorInventory;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.descriptor.DescriptorUse;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.Clock;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Compares the open descriptors with the limit. Near it, suspects are given less time; at it, everything that can be
 * released is released at once, and a report says what the descriptors are used for.
 *
 * <p>It measures when something could be released or a socket could not be opened, about once a second, and has no thread.
 */
@ReaperThread
public final class Pressure {
    /** {@link #tick} returns it if there is no more to do before an event comes or there are suspects. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    private static final long EVERY = TimeUnit.SECONDS.toNanos(1);
    /** The interval of measurements after a failure, and while releases take effect. */
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(100);
    /** The longest pause: under pressure without a suspect each pause is twice as long as the one before. */
    private static final long SELDOM = TimeUnit.SECONDS.toNanos(60);
    /** A measurement that is not cheap, as before Linux 6.2, is followed by so many times its length without one. */
    private static final int REST = 50;
    /** How long the releases that a failure has caused have, at least and at most, before the report says what they freed. */
    private static final long SETTLE = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long SETTLE_AT_MOST = TimeUnit.SECONDS.toNanos(1);
    /** Between two reports of an exhaustion, and between two requests of a collection. */
    private static final long SELDOM_ENOUGH = TimeUnit.MINUTES.toNanos(1);
    /** An exhaustion is over when this time has passed without a failure. */
    private static final long CALM = TimeUnit.SECONDS.toNanos(1);
    /** A failure is one of descriptors if fewer than this, or than a hundredth of them, are left. */
    private static final long FEW = 4;
    /** Pressure ends at this percentage of the share that it began with, so that it does not flap. */
    private static final int HYSTERESIS = 95;

    /** What the pressure asks of the detector. */
    public interface Suspects {
        /** Whether there are suspects, which could be released under pressure. */
        boolean hasSuspects();

        /** Whether suspects are due for a check, or being released. */
        boolean isBusy();

        /**
         * Pressure has begun or ended; while it lasts, proven and strong leaks are released after {@code pressure.timeout}, the
         * oldest first.
         */
        void setPressure(boolean on);

        /** Makes the next tick check every socket and every suspect. */
        void checkAll();

        /**
         * The next tick may be late because the reaper thread had other work, or because of a collection that it has asked for. That time
         * is no idle time, but the windows of the suspects need not begin anew.
         */
        void excuseLateness();

        /** Hands over a census that was made for the report, and saves the next release one of its own. */
        void counted(DescriptorCensus census);

        /** Where sockets are opened. */
        OpenSites openSites();

        /** The inodes of all known sockets, as far as they have been found out. */
        @AnyThread
        Set<Long> knownInodes();
    }

    private final Clock clock;
    private Settings settings;
    private final DescriptorUse descriptors;
    private final Suspects suspects;
    private final LeakSites sites;
    private final LeakSink sink;
    private final GarbageCollector collector;

    private volatile boolean failed;

    private final KindCount kindCount;

    private long lastMeasured;
    private boolean measured;
    private long cost;
    private long rest = EVERY;

    private boolean pressed;
    private long pressedSince;
    private long releasedBefore;

    private @Nullable Exhaustion exhaustion;
    private boolean reportedOnce;
    private long lastReport;
    private boolean collectedOnce;
    private long lastCollection;
    private boolean collecting;

    /** From the first failure until descriptors are available again. */
    private final class Exhaustion {
        private final long since;
        private final int open;
        private final long releasedBefore = released();
        private long lastFailure;
        /** Null if it is not to be reported. */
        private @Nullable DescriptorKinds kinds;

        private boolean reported;
        private boolean collected;
        private long countedAt;
        private long releasedLately = releasedBefore;

        Exhaustion(long since, int open) {
            this.since = since;
            this.open = open;
            this.lastFailure = since;
            this.countedAt = since;
        }
    }

    public Pressure(
            Clock clock,
            Settings settings,
            DescriptorUse descriptors,
            Suspects suspects,
            LeakSites sites,
            LeakSink sink,
            GarbageCollector collector) {
        this.clock = clock;
        this.settings = settings;
        this.descriptors = descriptors;
        this.suspects = suspects;
        this.sites = sites;
        this.sink = sink;
        this.collector = collector;
        this.kindCount = new KindCount(clock, descriptors, suspects);
    }

    /**
     * Opening or accepting a socket has failed, for any reason. At any rate.
     *
     * @return true if this is the first failure that the reaper thread has not seen
     */
    @ApplicationThread
    public boolean failed() {
        if (failed) {
            return false;
        }
        failed = true;
        return true;
    }

    /** Other settings hold from now on. */
    public void settings(Settings changed) {
        settings = changed;
    }

    /** Whether few descriptors are left. */
    public boolean isPressed() {
        return pressed;
    }

    /**
     * The open descriptors by kind, at most a second old, or ten times as old as the count took. Of the unwatched sockets only those
     * are counted that the count before has seen, too.
     */
    @AnyThread
    public DescriptorKinds kinds() {
        return kindCount.kinds();
    }

    /** The same; waits for a second count if the first one has seen unwatched sockets: a second at most. */
    @AnyThread
    public DescriptorKinds settledKinds() {
        return kindCount.settled();
    }

    /**
     * Measures if it is time. To be called before the suspects' own tick.
     *
     * @return the nano time of the next due thing, or {@link #NOTHING_TO_DO}
     */
    public long tick() {
        if (!hasBegun() && !suspects.hasSuspects()) {
            return NOTHING_TO_DO;
        }
        long now = clock.nanoTime();
        if (collecting) {
            followCollection();
        }
        if (!measured || now - lastMeasured >= interval()) {
            measure(now);
            now = clock.nanoTime();
        }
        return hasBegun() ? Math.max(now, lastMeasured + interval()) : NOTHING_TO_DO;
    }

    /** Whether there is more to do, also without a suspect. */
    private boolean hasBegun() {
        return failed || exhaustion != null || collecting || pressed;
    }

    private long interval() {
        long wanted = EVERY;
        if (exhaustion == null ? failed || collecting : !exhaustion.reported) {
            wanted = SOON;
        } else if (exhaustion == null && !suspects.hasSuspects()) {
            wanted = rest;
        }
        return Math.max(wanted, REST * cost);
    }

    private void followCollection() {
        boolean over = !collector.isUnderWay();
        suspects.excuseLateness();
        if (over) {
            collecting = false;
            // The collection has shown which sockets the application has dropped.
            suspects.checkAll();
        }
    }

    private void measure(long now) {
        boolean failure = failed;
        failed = false;
        int open = descriptors.open();
        long limit = descriptors.limit();
        measured = true;
        lastMeasured = clock.nanoTime();
        cost = lastMeasured - now;
        rest = suspects.hasSuspects() ? EVERY : Math.min(2 * rest, SELDOM);
        if (open >= 0 && limit > 0) {
            compare(now, open, limit, failure);
        }
    }

    /** @param failure whether a socket could not be opened since the last measurement */
    private void compare(long now, int open, long limit, boolean failure) {
        long left = limit - open;
        boolean out = left <= Math.max(FEW, limit / 100);
        boolean failedForWant = failure && out;
        long share = 100L * open;
        long threshold = settings.pressurePercent() * limit;
        if (!pressed && (share >= threshold || failedForWant)) {
            enter(now, open, limit);
        }
        if (failedForWant) {
            noteFailure(now, open);
        }
        if (exhaustion != null) {
            proceed(exhaustion, now, open, limit, out);
        }
        if (pressed && exhaustion == null && !failed && share < threshold * HYSTERESIS / 100) {
            leave(now, open, limit);
        }
    }

    private void enter(long now, int open, long limit) {
        pressed = true;
        pressedSince = now;
        releasedBefore = released();
        suspects.setPressure(true);
        sink.shortage(new DescriptorShortage.Begun(open, limit, settings.pressureTimeoutMillis()));
    }

    private void leave(long now, int open, long limit) {
        pressed = false;
        suspects.setPressure(false);
        sink.shortage(
                new DescriptorShortage.Ended(open, limit, millis(now - pressedSince), released() - releasedBefore));
    }

    private void noteFailure(long now, int open) {
        if (exhaustion != null) {
            exhaustion.lastFailure = now;
            return;
        }
        var begun = new Exhaustion(now, open);
        exhaustion = begun;
        suspects.checkAll();
        if (isTimeToReport(now)) {
            takeKinds(begun);
        }
    }

    private void takeKinds(Exhaustion present) {
        // Counted before the first release, because a count of many descriptors takes a while.
        suspects.excuseLateness();
        DescriptorInventory inventory = descriptors.inventory(suspects.knownInodes());
        suspects.counted(inventory.census());
        present.kinds = inventory.kinds();
        present.countedAt = clock.nanoTime();
    }

    private boolean isTimeToReport(long now) {
        return !reportedOnce || now - lastReport >= SELDOM_ENOUGH;
    }

    private void proceed(Exhaustion present, long now, int open, long limit, boolean out) {
        boolean progress = released() > present.releasedLately;
        present.releasedLately = released();
        if (isSettling(now - present.countedAt)) {
            return;
        }
        if (out && !progress && mayCollect(now)) {
            collect(present, now);
        }
        if (isTimeToReport(now)) {
            if (present.reported || present.kinds == null) {
                takeKinds(present);
            }
            report(present, now, open, limit);
        }
        if (!out && !suspects.isBusy() && now - present.lastFailure >= CALM) {
            end(present, now, open, limit);
        }
    }

    private boolean isSettling(long sinceCount) {
        return sinceCount < SETTLE || suspects.isBusy() && sinceCount < SETTLE_AT_MOST;
    }

    private boolean mayCollect(long now) {
        return settings.pressureGc() && !collecting && (!collectedOnce || now - lastCollection >= SELDOM_ENOUGH);
    }

    private void end(Exhaustion over, long now, int open, long limit) {
        if (over.reported) {
            sink.shortage(new DescriptorShortage.Over(
                    open,
                    limit,
                    over.open,
                    millis(now - over.since),
                    released() - over.releasedBefore,
                    over.collected,
                    collector.isEffective()));
        }
        exhaustion = null;
    }

    private void collect(Exhaustion present, long now) {
        collectedOnce = true;
        lastCollection = now;
        present.collected = true;
        collecting = true;
        suspects.excuseLateness();
        collector.ask();
    }

    private void report(Exhaustion present, long now, int open, long limit) {
        reportedOnce = true;
        lastReport = now;
        present.reported = true;
        sink.shortage(new DescriptorShortage.Exhausted(
                present.open,
                limit,
                Objects.requireNonNull(present.kinds),
                sites.largest(),
                suspects.openSites().mostOpen(),
                open,
                millis(now - present.since),
                released() - present.releasedBefore,
                present.collected));
    }

    private long released() {
        long released = 0;
        for (LeakSite site : sites.all()) {
            released += site.released();
        }
        return released;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
