package io.socketreaper.release;

import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.SendQueues;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.SuspectFound;
import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.Judge;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.model.Verdict;
import io.socketreaper.model.Veto;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.DiscardBuffer;
import io.socketreaper.thread.ReaperThread;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Decides what to do about a leak and follows every claimed socket to its end. A close, which may block, runs on the {@link CloseExecutor}.
 */
@ReaperThread
public final class Release {
    /** A census may be this old; one for a claim must also be younger than the suspect's last activity. */
    private static final long CENSUS_AGE = TimeUnit.SECONDS.toNanos(1);
    /** And so many times as old as it took, so that a process full of descriptors does not count them all the time. */
    private static final int CENSUS_REST = 20;
    /** One pass over the table of all sockets serves the claims of so many nanoseconds: it takes a microsecond for each socket. */
    private static final long SEND_QUEUES_AGE = TimeUnit.MILLISECONDS.toNanos(50);
    /** And of so many times as long as it took: with very many sockets it would otherwise be too old for the next claim already. */
    private static final int SEND_QUEUES_REST = 20;
    /** A look at what is known takes less. */
    private static final long SHORTEST_PASS = TimeUnit.MICROSECONDS.toNanos(100);
    /**
     * One round may take so long, so that a command to the reaper thread is answered. Well below 50 ms: a tick of the watch that is late by
     * that much counts as a stop of the process, and delays every other leak.
     */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int STEPS_PER_LOOK = 16;
    /** {@link #tick} returns it when nothing is being released. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    private Settings settings;
    private final Clock clock;
    private final Descriptors descriptors;
    private final CloseExecutor closers;
    private final LeakSites sites;
    private final LeakSink sink;
    private final List<ReleaseTask> underWay = new ArrayList<>();
    private DescriptorCensus census;
    private long censusTook;
    private long sendQueuesTook;
    private long censusesTook;
    /** When to drain no longer. */
    private long drainsEndAt;

    private boolean drainsEnd;
    /** One for all drains: what is read is discarded before the next one reads. */
    private final DiscardBuffer buffer;

    private boolean prepared;
    private boolean underPressure;

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
        this.sites = sites;
        this.sink = sink;
        this.buffer = buffer;
    }

    /** Sockets are watched from now on: what a release needs is asked for while it is there. */
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

    /** Other settings hold from now on; what is on its way keeps those it began with. */
    public void settings(Settings changed) {
        settings = changed;
        prepareSendQueues();
        if (prepared) {
            prepare();
        }
    }

    /** How long the counts of the process's descriptors have taken since the start, nanoseconds. */
    public long nanosOfCensuses() {
        return censusesTook;
    }

    /** How many sockets are on their way out. */
    public int releasing() {
        return underWay.size();
    }

    /**
     * A suspect was looked at for the first time: tells those who want to know.
     *
     * @param timeout how long it must be idle to be a leak, nanoseconds
     */
    public void suspected(LeakCandidate finding, SocketSnapshot sighting, Grade grade, long timeout, long now) {
        if (sink.wantsSuspects()) {
            sink.suspected(new SuspectFound(
                    finding.socket().endpoints(),
                    finding.socket().descriptor(),
                    sighting,
                    grade,
                    finding.sign(),
                    TimeUnit.NANOSECONDS.toMillis(now - finding.signAt()),
                    TimeUnit.NANOSECONDS.toMillis(now - finding.openedAt()),
                    TimeUnit.NANOSECONDS.toMillis(timeout),
                    finding.signThread(),
                    finding.signStack()));
        }
    }

    /** The exclusion of the settings that matches the socket, or an empty string. */
    private String exclusionOf(LeakCandidate finding) {
        if (settings.exclude().isEmpty()) {
            return "";
        }
        var endpoints = finding.socket().endpoints();
        StackTraceElement[] stack = finding.signStack();
        var classes = new String[stack.length];
        for (int i = 0; i < stack.length; i++) {
            classes[i] = stack[i].getClassName();
        }
        String rule = settings.exclude()
                .match(
                        endpoints.localBytes(),
                        endpoints.localPort(),
                        endpoints.remoteBytes(),
                        endpoints.remotePort(),
                        classes);
        return rule == null ? "" : rule;
    }

    /**
     * A leak was found: reports it, or claims the socket and begins its release.
     *
     * @return the case, or null if the socket could not be claimed just now and should be looked at again
     */
    public LeakCase leakFound(LeakCandidate finding, Evidence evidence, long now) {
        return leakFound(finding, evidence, settings.action(evidence.kind(), evidence.grade()), null, now);
    }

    /** The same with an action that somebody asks for. */
    public LeakCase leakFound(LeakCandidate finding, Evidence evidence, Action action, long now) {
        return leakFound(finding, evidence, action, null, now);
    }

    /** The same for a leak that was only reported: while that is all there is to do, it is not said again and the case stays. */
    public LeakCase judgedAgain(LeakCase before, LeakCandidate finding, Evidence evidence, Action action, long now) {
        return leakFound(finding, evidence, action, before, now);
    }

    private LeakCase leakFound(LeakCandidate finding, Evidence evidence, Action asked, LeakCase before, long now) {
        Action action = evidence.sighting().isOnlyReported() ? Action.LOG : asked;
        String link = descriptors.link(finding.socket().descriptor());
        boolean unknown = Descriptors.UNKNOWN.equals(link);
        if (link == null || !unknown && !link.startsWith("socket:")) {
            // closed this very moment
            return null;
        }
        takeCensus(finding, action, now);
        String exclusion = exclusionOf(finding);
        boolean shared = action != Action.LOG && census.shared().contains(link);
        Evidence full = evidence.with(shared, !exclusion.isEmpty());
        Verdict verdict = Judge.judge(full);
        if (verdict instanceof Verdict.Alive alive) {
            return alive.veto() != Veto.SHARED
                    ? null
                    : reported(
                            finding,
                            full,
                            link,
                            new Outcome.Spared("another descriptor of this process refers to the same socket"),
                            before,
                            now);
        }
        if (verdict instanceof Verdict.Excluded) {
            return reported(finding, full, link, new Outcome.Excluded(exclusion), before, now);
        }
        if (finding.socket().isStuck()) {
            return reported(
                    finding,
                    full,
                    link,
                    new Outcome.Spared(
                            "a thread has not come back from a read or write of it since it was closed, and only that thread can free it"),
                    before,
                    now);
        }
        if (action == Action.LOG) {
            return reported(finding, full, link, new Outcome.Logged(), before, now);
        }
        if (unknown) {
            return reported(
                    finding,
                    full,
                    link,
                    new Outcome.Spared(
                            "its descriptor cannot be looked up in /proc/self/fd, so nobody could tell whether it was released"),
                    before,
                    now);
        }
        return claim(finding, full, link, action, before, now);
    }

    private LeakCase claim(
            LeakCandidate finding, Evidence evidence, String link, Action action, LeakCase before, long now) {
        long lastActivity = finding.lastActivity();
        if (TimeUnit.NANOSECONDS.toMillis(now - lastActivity) < evidence.idleMillis()) {
            // something happened since the evidence was taken
            return null;
        }
        if (ReleaseTask.isToBeEmptied(evidence.kind(), evidence.sighting(), action)) {
            buffer.prepare();
        }
        int unacknowledged = unacknowledged(finding, evidence.sighting(), now);
        if (unacknowledged == SendQueues.UNKNOWN) {
            return reported(
                    finding,
                    evidence,
                    link,
                    new Outcome.Spared(
                            "the kernel does not list it in /proc/self/net/tcp, so an answer on its way could be lost"),
                    before,
                    now);
        }
        if (unacknowledged > 0) {
            return null;
        }
        Claim claim = finding.socket()
                .claim(sighting -> finding.lastActivity() == lastActivity
                        && !sighting.differsOnTheWire(evidence.sighting())
                        && evidence.with(sighting).grade() == evidence.grade()
                        && Judge.judge(evidence.with(sighting)) instanceof Verdict.Leak);
        if (claim == null) {
            return null;
        }
        try {
            return begin(finding, evidence.with(claim.snapshot()), link, action, claim, now);
        } catch (RuntimeException | Error failure) {
            if (!claim.withdraw()) {
                // It is condemned, and no release will follow it.
                closers.close(new CloseAttempt(claim, Claim.AS_THE_JDK, clock));
            }
            throw failure;
        }
    }

    private LeakCase begin(
            LeakCandidate finding, Evidence evidence, String link, Action action, Claim claim, long now) {
        var opened = new LeakCase(now, leak(finding, evidence, link, now), null);
        found(finding, opened.leak());
        underWay.add(new ReleaseTask(
                opened, claim, action, settings, clock, descriptors, closers, sink, buffer.get(), underPressure));
        return opened;
    }

    /**
     * How many bytes of the application are on their way to the peer, which only the table of all sockets tells;
     * {@link SendQueues#UNKNOWN} if it does not list this one.
     */
    private int unacknowledged(LeakCandidate finding, SocketSnapshot sighting, long now) {
        boolean mayHave = sighting.hold() == Holder.OPEN || sighting.hold() == Holder.UNREACHABLE;
        if (!mayHave || sighting.tcpState() != TcpState.ESTABLISHED && sighting.tcpState() != TcpState.CLOSE_WAIT) {
            return 0;
        }
        long newest =
                Math.max(now - Math.max(SEND_QUEUES_AGE, SEND_QUEUES_REST * sendQueuesTook), finding.lastActivity());
        long start = clock.nanoTime();
        int unacknowledged = descriptors.sendQueue(finding.socket().inode(), newest);
        long took = clock.nanoTime() - start;
        if (took >= SHORTEST_PASS) {
            sendQueuesTook = took;
        }
        // A unix-domain socket is not listed there; what it has written has arrived.
        return unacknowledged == SendQueues.UNKNOWN
                        && !(finding.socket().endpoints().local() instanceof InetSocketAddress)
                ? 0
                : unacknowledged;
    }

    private LeakCase reported(
            LeakCandidate finding, Evidence evidence, String link, Outcome outcome, LeakCase before, long now) {
        if (before != null && before.wasReportedAs(evidence.kind(), outcome)) {
            return before;
        }
        Leak leak = leak(finding, evidence, link, now);
        if (found(finding, leak) && outcome instanceof Outcome.Excluded) {
            leak.site().countExcluded();
        }
        sink.leak(leak, outcome);
        return new LeakCase(now, leak, outcome);
    }

    /**
     * The leak as it would be reported, which it is not, nor is it counted.
     *
     * @param gone true if the descriptor is no longer the socket's
     * @return null if the settings exclude the socket, or if it was closed this very moment
     */
    public Leak described(LeakCandidate finding, Evidence evidence, boolean gone, long now) {
        String link = gone
                ? "closed by the JDK when it collected the object"
                : descriptors.link(finding.socket().descriptor());
        boolean closed = link == null || !gone && !Descriptors.UNKNOWN.equals(link) && !link.startsWith("socket:");
        if (closed || !exclusionOf(finding).isEmpty()) {
            return null;
        }
        takeCensus(finding, Action.LOG, now);
        return leak(finding, evidence, link, now);
    }

    /** Counts and tells it, unless it was found before and is only now released, or tried again; true if not. */
    private boolean found(LeakCandidate finding, Leak leak) {
        boolean first = finding.countsAt(leak.site());
        if (first) {
            leak.site().countFound(leak.grade());
            sink.found(leak);
        }
        return first;
    }

    private Leak leak(LeakCandidate finding, Evidence evidence, String link, long now) {
        LeakSite site = sites.of(evidence.kind(), finding.sign(), finding.signStack());
        StackTraceElement[] stack = site.shared(finding.signStack());
        finding.shareStack(stack);
        SocketSnapshot sighting = evidence.sighting();
        return new Leak(
                site,
                evidence.kind(),
                evidence.grade(),
                finding.socket().endpoints(),
                finding.socket().descriptor(),
                link,
                sighting,
                evidence.use(),
                finding.sign(),
                TimeUnit.NANOSECONDS.toMillis(now - finding.signAt()),
                TimeUnit.NANOSECONDS.toMillis(now - finding.openedAt()),
                evidence.idleMillis(),
                finding.millisSinceRead(now),
                finding.signThread(),
                stack,
                endOfInput(finding, now),
                finding.socket().holder(),
                census);
    }

    private static EndOfInputRead endOfInput(LeakCandidate finding, long now) {
        long millisAgo = finding.millisSinceEndOfInput(now);
        return millisAgo < 0
                ? EndOfInputRead.NONE
                : new EndOfInputRead(millisAgo, finding.endOfInputThread(), finding.endOfInputStack());
    }

    private void takeCensus(LeakCandidate finding, Action action, long now) {
        boolean fresh = census != null && now - census.nanoTime() < Math.max(CENSUS_AGE, CENSUS_REST * censusTook);
        boolean forClaim = action != Action.LOG;
        if (!fresh || forClaim && census.nanoTime() - finding.lastActivity() <= 0) {
            long start = clock.nanoTime();
            census = descriptors.census();
            censusTook = clock.nanoTime() - start;
            censusesTook += censusTook;
        }
    }

    /** While few descriptors are left, what is released from then on waits less for its owner. */
    public void setPressure(boolean on) {
        underPressure = on;
        for (ReleaseTask releasing : underWay) {
            releasing.setPressure(on);
        }
    }

    /** What is still being drained at that nano time is closed then: nobody will be there to do it later. */
    public void endDrainsAt(long time) {
        drainsEndAt = time;
        drainsEnd = true;
    }

    /**
     * Nothing is followed any further. What waits for an event loop is withdrawn: when that comes to it, no event may have told that
     * the application uses the socket again.
     */
    public void abandon() {
        underWay.removeIf(ReleaseTask::abandon);
    }

    /** True while sockets are on their way out. */
    public boolean isReleasing() {
        return !underWay.isEmpty();
    }

    /** There is a census, made for something else. */
    public void counted(DescriptorCensus made) {
        census = made;
    }

    /** A leak that was only reported is in use again. */
    public void cameBackToLife(LeakCase openCase, long now) {
        openCase.leak().site().countReleasedAfterAll();
        sink.releasedAfterAll(openCase.leak(), false, TimeUnit.NANOSECONDS.toMillis(now - openCase.openedAt()));
    }

    /** A leak that was only reported has been closed by the application. */
    public void closedAfterAll(LeakCase openCase, long now) {
        openCase.leak().site().countReleasedAfterAll();
        sink.releasedAfterAll(openCase.leak(), true, TimeUnit.NANOSECONDS.toMillis(now - openCase.openedAt()));
    }

    /**
     * Takes every release that is due one step further, in the order of the claims. After {@link #ROUND} the rest is left to the
     * next round, which then begins with it.
     *
     * @return the nano time of the next step, or {@link #NOTHING_TO_DO}
     * @throws IllegalStateException if a step failed, after all others are done; it will be tried again
     */
    public long tick() {
        long now = clock.nanoTime();
        long next = NOTHING_TO_DO;
        Throwable failure = null;
        int left = 0;
        int i = 0;
        for (; i < underWay.size(); i++) {
            ReleaseTask releasing = underWay.get(i);
            if (i % STEPS_PER_LOOK == STEPS_PER_LOOK - 1 && clock.nanoTime() - now > ROUND) {
                next = now;
                break;
            }
            if (drainsEnd && drainsEndAt - now <= 0) {
                releasing.endDrain();
            }
            if (releasing.dueAt() - now <= 0) {
                try {
                    releasing.step();
                } catch (RuntimeException | Error failed) {
                    failure = failed;
                    releasing.tryLater();
                }
            }
            if (!releasing.isOver()) {
                underWay.set(left++, releasing);
                next = next == NOTHING_TO_DO || releasing.dueAt() - next < 0 ? releasing.dueAt() : next;
            }
        }
        underWay.subList(left, i).clear();
        Collections.rotate(underWay, -left % Math.max(1, underWay.size()));
        closers.relieve();
        if (failure != null) {
            throw new IllegalStateException("a step of a release failed and will be tried again", failure);
        }
        return next;
    }
}
