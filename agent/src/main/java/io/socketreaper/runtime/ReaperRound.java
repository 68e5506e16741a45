package io.socketreaper.runtime;

import io.socketreaper.control.LeakJournal;
import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.OpenSite;
import io.socketreaper.detect.Pressure;
import io.socketreaper.detect.UnwatchedCensus;
import io.socketreaper.leak.GrowingSite;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.leak.UnwatchedDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.release.CloserThreads;
import io.socketreaper.release.Release;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.DaemonThreads;
import io.socketreaper.thread.ReaperThread;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One round of the reaper thread. It prepares each socket stack once the application uses it; before the first one there is
 * little to do.
 */
@ReaperThread
final class ReaperRound {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NO_NEED = Long.MAX_VALUE;
    private static final Step[] STEPS = Step.values();

    /**
     * The steps of a round, in this order. They are independent: a step that fails repeatedly does not keep the later ones
     * from being done, above all the releases and the answers.
     */
    private enum Step {
        WEAVING("the weaving of a class that was not woven when it was loaded failed", false),
        ARRIVALS("the first look at new sockets failed", false),
        DISCOVERY("the search for sockets that were there before failed", true),
        PRESSURE("the count of open descriptors failed", true),
        WATCH("the check of the suspects failed", true),
        RELEASE("a step of the releases failed", true),
        GROWTH("the report of growing sites failed", true),
        UNWATCHED("the count of unwatched descriptors failed", true),
        SAMPLE("the sample of the counts failed", true),
        SUMMARY("the summary of the counts failed", true),
        TASK("the update of JMX and JFR failed", false);

        private final String what;
        private final boolean ofWatched;

        /** @param ofWatched whether the step is left out before the first socket is watched */
        Step(String what, boolean ofWatched) {
            this.what = what;
            this.ofWatched = ofWatched;
        }
    }

    private final Clock clock;
    private final InternalFailures failures;
    private final ProcDescriptors descriptors;
    private final DescriptorHeadroom headroom;
    private final LeakJournal journal;
    private final LeakSinks sinks;
    private final CloserThreads closers;
    private final Release release;
    private final Detector detector;
    private final Pressure pressure;
    private final Selections selections;
    /** Null if every socket that is watched was opened after the agent was loaded. */
    private @Nullable ChannelDiscovery discovery;

    private final HookEvents events;
    private final List<StackGuard> guards;
    /** Null if there is none. */
    private @Nullable RoundTask task;

    /** Null if there is none. */
    private @Nullable RoundTask lateWeaving;

    /** Null before the first stack is watched. */
    private @Nullable UnwatchedCensus unwatched;

    private boolean watching;
    private boolean sampling;
    /** Whether the last sample of the figures was taken while a socket showed a sign. */
    private boolean sampledSuspects;

    ReaperRound(Assembly parts) {
        this.clock = parts.clock();
        this.failures = parts.failures();
        this.descriptors = parts.descriptors();
        this.headroom = parts.headroom();
        this.journal = parts.journal();
        this.sinks = parts.sinks();
        this.closers = parts.closers();
        this.release = parts.release();
        this.detector = parts.detector();
        this.pressure = parts.pressure();
        this.selections = parts.selections();
        this.discovery = parts.discovery();
        this.events = parts.events();
        this.guards = parts.guards();
    }

    /** Adds a step to every round. Called before the thread is started. */
    @AnyThread
    void add(RoundTask added) {
        task = added;
    }

    /** Has classes that were not woven when they were loaded woven later. Called before the thread is started. */
    @AnyThread
    void weaveLateBy(RoundTask weaving) {
        lateWeaving = weaving;
    }

    /** Finds channels that were opened before they were watched, from the next round on. */
    void discoverBy(ChannelDiscovery search) {
        discovery = search;
    }

    /** Takes all steps. Returns the nanoseconds until the next round, {@link Long#MAX_VALUE} if only an event makes one necessary. */
    long takeAll() {
        long pause = NO_NEED;
        for (StackGuard guard : guards) {
            pause = Math.min(pause, prepare(guard));
        }
        for (Step step : STEPS) {
            if (watching || !step.ofWatched) {
                pause = Math.min(pause, take(step));
            }
        }
        return pause;
    }

    private long take(Step step) {
        try {
            return switch (step) {
                case WEAVING -> lateWeaving == null ? NO_NEED : lateWeaving.run();
                case ARRIVALS -> identifyArrivals();
                case DISCOVERY -> discover();
                case PRESSURE -> fromNow(pressure.tick(), Pressure.NOTHING_TO_DO);
                case WATCH -> fromNow(detector.tick(), Detector.NOTHING_TO_DO);
                case RELEASE -> fromNow(release.tick(), Release.NOTHING_TO_DO);
                case GROWTH -> reportGrowth();
                case UNWATCHED -> countUnwatched();
                case SAMPLE -> sample();
                case SUMMARY -> sinks.tick(clock.nanoTime()) ? SECOND : NO_NEED;
                case TASK -> task == null ? NO_NEED : task.run();
            };
        } catch (RuntimeException | Error failure) {
            failures.happened(step.what, failure);
            return SECOND;
        }
    }

    private long fromNow(long time, long never) {
        return time == never ? NO_NEED : Math.max(0, time - clock.nanoTime());
    }

    private long prepare(StackGuard guard) {
        try {
            boolean before = guard.isWatched();
            if (!watching && guard.isPreparing()) {
                // A process that has no descriptor left by the end of the self-test cannot read it any more.
                descriptors.limit();
            }
            long next = guard.prepare();
            if (guard.isWatched() && !before) {
                events.nameEarlyFronts();
            }
            if (guard.isWatched() && !watching) {
                watching = true;
                descriptors.prepare(guard.stack().kernel());
                release.prepare();
            }
            return next;
        } catch (Exception | Error failure) {
            failures.happened("the preparation of a socket stack failed", failure);
            return SECOND;
        }
    }

    private long identifyArrivals() {
        detector.identifyArrivals();
        return NO_NEED;
    }

    private long discover() {
        selections.tick();
        if (discovery != null) {
            discovery.round();
        }
        return NO_NEED;
    }

    private long reportGrowth() {
        for (OpenSite site : detector.openSites().takeChanged()) {
            sinks.growing(new GrowingSite(
                    site.id(),
                    site.location(),
                    site.port(),
                    site.stack(),
                    site.isGrowing(),
                    site.open(),
                    site.onlyCounted(),
                    site.perMinute(),
                    detector.openSites().descriptorsPerMinute(),
                    site.isGrowing() ? TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - site.growingSince()) : 0,
                    descriptors.open(),
                    descriptors.limit()));
        }
        return NO_NEED;
    }

    private long countUnwatched() {
        if (detector.watchesAll()) {
            return NO_NEED;
        }
        if (unwatched == null) {
            unwatched = new UnwatchedCensus(
                    clock, new DescriptorCount(new DaemonThreads("socket-reaper-census"), pressure));
        }
        for (UnwatchedDescriptors pilingUp : unwatched.round()) {
            sinks.unwatched(pilingUp);
        }
        return unwatched.pause();
    }

    private long sample() {
        long now = clock.nanoTime();
        boolean suspects = detector.hasSuspects();
        if (!sampling && !suspects && !sampledSuspects) {
            return NO_NEED;
        }
        // One more when the last suspect is gone: what became of it belongs to the curve.
        if (journal.wantsSample(now) || sampledSuspects && !suspects) {
            journal.sample(now, descriptors.open(), descriptors.limit(), detector.suspects());
            sampledSuspects = suspects;
        }
        return sampling ? Math.max(0, journal.nextSample() - now) : NO_NEED;
    }

    /** Keeps a history of figures even while no socket shows a sign. */
    void keepSampling() {
        sampling = true;
    }

    /** Whether the application has used a socket by now. */
    boolean isWatching() {
        return watching;
    }

    /** How many stacks of the JDK are still to be looked into. */
    int preparing() throws ReflectiveOperationException {
        int count = 0;
        for (StackGuard guard : guards) {
            count += guard.isPreparing() ? 1 : 0;
        }
        return count;
    }

    /** True if an event during a sleep of that length has to wake the thread. */
    boolean mustBeWokenIn(long nanos) {
        return watching && nanos > detector.longestArrivalWait();
    }

    /** Whether an event has come since the round began, for which the next one must not wait. */
    boolean hasArrivals() {
        return detector.hasArrivals() || discovery != null && discovery.canProceed() && selections.hasMet();
    }

    /** The limit of descriptors is raised until the next question is answered: prepares what waited for free ones. */
    void useRoom() {
        headroom.forget();
        for (StackGuard guard : guards) {
            prepare(guard);
        }
        // The command comes next, and the limit may be put back at any moment after it.
        descriptors.usedUp();
    }

    // -- The end

    /** Ends the detection: from now on only condemned sockets are released. */
    @AnyThread
    void stopDetection() {
        detector.end();
    }

    /** How many sockets are being released. */
    int releasing() {
        return release.releasing();
    }

    /** Sets the nano time at which a socket that is still being drained is closed. */
    void endDrainsAt(long time) {
        release.endDrainsAt(time);
    }

    /** Stops following the releases. */
    void abandonReleases() {
        release.abandon();
    }

    /** Reports the releases that have ended. */
    void reportReleases() {
        release.lookAtAll();
    }

    /** Closes all condemned sockets at once, and stops following the releases. */
    void finishReleases() {
        detector.endProbes();
        release.endDrainsAt(clock.nanoTime());
        release.tick();
        release.abandon();
    }

    /** Waits until the threads that close have ended. */
    @AnyThread
    void endClosers(long millis) throws InterruptedException {
        closers.end(millis);
    }
}
