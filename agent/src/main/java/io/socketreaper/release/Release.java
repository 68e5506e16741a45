package io.socketreaper.release;

import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.SendQueues;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.Judge;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.Verdict;
import io.socketreaper.model.Veto;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.DiscardBuffer;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to do about a leak, claims the socket, and follows every claimed socket to its end. A close, which may block, runs on the
 * {@link CloseExecutor}.
 */
@ReaperThread
public final class Release {
    /** {@link #tick} returns it when no release is under way. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    private Settings settings;
    private final Clock clock;
    private final Descriptors descriptors;
    private final CloseExecutor closers;
    private final LeakSink sink;
    private final KernelFacts kernel;
    private final LeakReporter reporter;
    private final ReleaseQueue queue;
    /** One buffer for all drains: its bytes are discarded before the next drain reads. */
    private final DiscardBuffer buffer;

    private boolean prepared;
    private boolean underPressure;

    /** A leak to be decided: {@code link} is its entry in {@code /proc/self/fd}, {@code before} its earlier report, or null. */
    private record Found(
            LeakCandidate candidate,
            Evidence evidence,
            @Nullable String link,
            @Nullable LeakCase before,
            long now) {
        private Found with(Evidence changed) {
            return new Found(candidate, changed, link, before, now);
        }
    }

    public Release(
            Settings settings,
            Clock clock,
            Descriptors descriptors,
            CloseExecutor closers,
            LeakSites sites,
            LeakSink sink,
            DiscardBuffer buffer) {
        this.settings = settings;
        this.clock = clock;
        this.descriptors = descriptors;
        this.closers = closers;
        this.sink = sink;
        this.kernel = new KernelFacts(clock, descriptors);
        this.reporter = new LeakReporter(sites, sink, kernel);
        this.queue = new ReleaseQueue(clock);
        this.buffer = buffer;
    }

    /** Asks for the memory that a release needs, before it may be short: sockets are watched from now on. */
    public void prepare() {
        prepared = true;
        if (settings.releasesAny()) {
            buffer.prepare();
        }
    }

    /**
     * Opens what a claim reads and keeps it open, if sockets may be claimed whose output is not shut: it could not be opened when no
     * descriptor is left. Before the application runs, so that a program which counts its descriptors does not see them come.
     */
    public void prepareSendQueues() {
        if (settings.track() == Track.ALL && settings.releasesAny()) {
            descriptors.prepareSendQueues();
        }
    }

    /** Sets the settings of every release that begins from now on. */
    public void settings(Settings changed) {
        settings = changed;
        prepareSendQueues();
        if (prepared) {
            prepare();
        }
    }

    /** How long the passes over all descriptors, or all sockets, have taken since the start, nanoseconds. */
    public long nanosOfPasses() {
        return kernel.nanosOfPasses();
    }

    /** Hands over a census that was made for another purpose. */
    public void counted(DescriptorCensus made) {
        kernel.counted(made);
    }

    /**
     * A suspect was looked at for the first time: tells the sinks that want to know.
     *
     * @param timeout how long it must be idle to be a leak, nanoseconds
     */
    public void suspected(LeakCandidate candidate, SocketSnapshot snapshot, Grade grade, long timeout, long now) {
        reporter.suspected(candidate, snapshot, grade, timeout, now);
    }

    /**
     * A leak that was only reported is in use again.
     *
     * @param usedAt nano time of the use
     */
    public void cameBackToLife(LeakCase openCase, long usedAt, long now) {
        openCase.cameBack(usedAt);
        reporter.releasedAfterAll(openCase, AfterAll.USED, now);
    }

    /**
     * A leak that was only reported has been closed by the application.
     *
     * @param usedAt nano time of the last read or write, which may be earlier than the report
     */
    public void closedAfterAll(LeakCase openCase, long usedAt, long now) {
        openCase.wasClosed(usedAt, now);
        reporter.releasedAfterAll(openCase, AfterAll.CLOSED, now);
    }

    /**
     * The object of a leak that was only reported was collected, without a close by the application. If its descriptor is gone, the JDK has
     * closed it then, as it does with a {@code Socket}; the descriptor of a {@code SocketChannel} stays, and is held for ever.
     */
    public void collectedAfterAll(LeakCase openCase, long now) {
        Leak leak = openCase.leak();
        String link = descriptors.link(leak.descriptor());
        if (leak.link() != null && !leak.link().equals(link) && !Descriptors.UNKNOWN.equals(link)) {
            openCase.wasCollected();
            reporter.releasedAfterAll(openCase, AfterAll.COLLECTED, now);
        }
    }

    // -- What is done about a leak

    /**
     * A leak was found: reports it, or claims the socket and begins its release.
     *
     * @return the case, or null if the socket could not be claimed just now and should be looked at again
     */
    public @Nullable LeakCase leakFound(LeakCandidate candidate, Evidence evidence, Action action, long now) {
        return judge(candidate, evidence, action, null, now);
    }

    /**
     * The same for a leak that was only reported: if it is still only to be reported, it is not reported again and its case stays
     * open.
     */
    public @Nullable LeakCase judgedAgain(
            LeakCase before, LeakCandidate candidate, Evidence evidence, Action action, long now) {
        return judge(candidate, evidence, action, before, now);
    }

    private @Nullable LeakCase judge(
            LeakCandidate candidate, Evidence evidence, Action asked, @Nullable LeakCase before, long now) {
        Action action = evidence.snapshot().isOnlyReported() ? Action.LOG : asked;
        String link = descriptors.link(candidate.socket().descriptor());
        if (!isSocketOrUnknown(link)) {
            // closed just now
            return null;
        }
        DescriptorCensus census = kernel.census(candidate, action != Action.LOG, now);
        String exclusion = exclusionOf(candidate, now);
        boolean shared = action != Action.LOG && census.shared().contains(link);
        Evidence full = evidence.with(shared, !exclusion.isEmpty());
        var found = new Found(candidate, full, link, before, now);
        Verdict verdict = Judge.judge(full);
        if (verdict.isAlive()) {
            return verdict.veto() == Veto.SHARED
                    ? spared(found, "another descriptor of this process refers to the same socket")
                    : null;
        }
        if (verdict.excluded()) {
            return reported(found, new Outcome.Excluded(exclusion));
        }
        if (candidate.socket().isStuck()) {
            return spared(
                    found,
                    "a thread has been inside a read or write of it since before the close, and only that thread can free it");
        }
        if (action == Action.LOG) {
            return reported(found, new Outcome.Logged());
        }
        if (Descriptors.UNKNOWN.equals(link)) {
            return spared(
                    found, "its descriptor cannot be looked up in /proc/self/fd, so a release could not be checked");
        }
        return claim(found, action);
    }

    private static boolean isSocketOrUnknown(@Nullable String link) {
        return link != null && (Descriptors.UNKNOWN.equals(link) || link.startsWith("socket:"));
    }

    /** The exclusion of the settings that matches the socket, or an empty string. */
    private String exclusionOf(LeakCandidate candidate, long now) {
        if (settings.exclude().isEmpty()) {
            return "";
        }
        var endpoints = candidate.socket().endpoints();
        var classes = new ArrayList<String>();
        addClasses(candidate.originStack(), classes);
        // So that the class that a report blames can be excluded; where that stack is not known, it is not.
        addClasses(candidate.endOfInputStack(), classes);
        addClasses(candidate.lastUse(now).stack(), classes);
        String rule = settings.exclude()
                .match(
                        endpoints.localBytes(),
                        endpoints.localPort(),
                        endpoints.remoteBytes(),
                        endpoints.remotePort(),
                        classes.toArray(new String[0]));
        return rule == null ? "" : rule;
    }

    private static void addClasses(StackTraceElement[] stack, List<String> classes) {
        for (StackTraceElement frame : stack) {
            classes.add(frame.getClassName());
        }
    }

    private LeakCase spared(Found found, String why) {
        return reported(found, new Outcome.Spared(why));
    }

    private LeakCase reported(Found found, Outcome outcome) {
        if (found.before() != null && found.before().wasReportedAs(found.evidence(), outcome)) {
            return found.before();
        }
        Leak leak = leak(found);
        reporter.notReleased(found.candidate(), leak, outcome);
        if (found.before() != null) {
            found.before().replaced();
        }
        // A kind that is only reported is no evidence for a release.
        boolean isDryRun =
                outcome.name() == OutcomeName.LOGGED && !leak.snapshot().isOnlyReported();
        var opened = new LeakCase(
                found.now(),
                leak,
                outcome,
                isDryRun ? leak.site().dryRun(leak.grade()).countReported(leak.idleMillis(), found.now()) : null);
        if (settings.releasesAny() && kernel.isAllAcknowledged(found.candidate(), found.evidence(), found.now())) {
            opened.acknowledged();
        }
        return opened;
    }

    private Leak leak(Found found) {
        return reporter.leak(found.candidate(), found.evidence(), found.link(), found.now());
    }

    /**
     * Makes the record of a leak without reporting or counting it.
     *
     * @param gone true if the descriptor is no longer the socket's
     * @return null if the settings exclude the socket, or if it was closed just now
     */
    public @Nullable Leak described(LeakCandidate candidate, Evidence evidence, boolean gone, long now) {
        String link = gone
                ? "closed by the JDK when it collected the object"
                : descriptors.link(candidate.socket().descriptor());
        if (!gone && !isSocketOrUnknown(link) || !exclusionOf(candidate, now).isEmpty()) {
            return null;
        }
        kernel.census(candidate, false, now);
        return reporter.leak(candidate, evidence, link, now);
    }

    // -- Claim

    private @Nullable LeakCase claim(Found found, Action action) {
        LeakCandidate candidate = found.candidate();
        Evidence evidence = found.evidence();
        long lastActivity = candidate.lastActivity();
        if (TimeUnit.NANOSECONDS.toMillis(found.now() - lastActivity) < evidence.idleMillis()) {
            // something happened since the evidence was taken
            return null;
        }
        if (ReleaseTask.isToBeEmptied(evidence.kind(), evidence.snapshot(), action)) {
            buffer.prepare();
        }
        int unacknowledged = kernel.unacknowledged(candidate, evidence.snapshot(), found.now());
        if (unacknowledged == SendQueues.UNKNOWN) {
            return spared(
                    found, "the kernel does not list it in /proc/self/net/tcp, so an answer on its way could be lost");
        }
        if (unacknowledged > 0) {
            return null;
        }
        Claim claim = candidate
                .socket()
                .claim(snapshot -> candidate.lastActivity() == lastActivity
                        && !snapshot.differsOnTheWire(evidence.snapshot())
                        && evidence.with(snapshot).grade() == evidence.grade()
                        && Judge.judge(evidence.with(snapshot)).isLeak());
        return claim == null ? null : begin(found, action, claim);
    }

    private LeakCase begin(Found before, Action action, Claim claim) {
        try {
            Found found = before.with(before.evidence().with(claim.snapshot()));
            var opened = new LeakCase(found.now(), leak(found), null, null);
            if (found.before() != null) {
                found.before().replaced();
            }
            reporter.found(found.candidate(), opened.leak());
            var release = new ReleaseContext(opened, claim, settings, clock, descriptors, closers, sink, underPressure);
            queue.add(new ReleaseTask(release, action, buffer.get()));
            return opened;
        } catch (RuntimeException | Error failure) {
            if (!claim.withdraw()) {
                // It is condemned, and no release will follow it.
                claim.waitsNoLonger();
                closers.close(new CloseAttempt(claim, Claim.AS_THE_JDK, clock));
            }
            throw failure;
        }
    }

    // -- The releases under way

    /** How many sockets are being released. */
    public int releasing() {
        return queue.size();
    }

    /** True while sockets are being released. */
    public boolean isReleasing() {
        return queue.size() > 0;
    }

    /** Sets whether few descriptors are left; a release then waits less for the socket's owner. */
    public void setPressure(boolean on) {
        underPressure = on;
        queue.setPressure(on);
    }

    /** The agent ends: a drain that goes on at that nano time is cut short, because no later step would close the socket. */
    public void endDrainsAt(long time) {
        queue.hurryFrom(time);
    }

    /**
     * Stops following the releases. A request that waits for an event loop is withdrawn: by the time that the loop comes to it, the agent
     * may have missed an event by which the application uses the socket again.
     */
    public void abandon() {
        queue.abandon();
    }

    /** Looks at all releases at once, so that those which have ended are reported. */
    public void lookAtAll() {
        queue.tickAll();
        closers.relieve();
    }

    /**
     * Takes every release that is due one step further.
     *
     * @return the nano time of the next step, or {@link #NOTHING_TO_DO}
     * @throws IllegalStateException if a step failed, after all others are done; it will be tried again
     */
    public long tick() {
        try {
            return queue.tick();
        } finally {
            closers.relieve();
        }
    }
}
