package io.socketreaper.detect;

import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.LeakKind;
import io.socketreaper.release.Release;
import io.socketreaper.stack.HandleFactory;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Finds leaked sockets. Application threads tell {@link #events} of their sockets; the reaper thread calls {@link #tick}, which takes
 * what they told, sweeps all open sockets with {@code track=all}, and checks the suspects that are due.
 */
@ReaperThread
public final class Detector implements Pressure.Suspects {
    /** {@link #tick} returns it if no more is to be done before an event comes. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    /** Sweeps and checks of one round, nanoseconds; the rest is left to the next ones, after releases and answers. */
    static final long LONGEST_SLICE = TimeUnit.MILLISECONDS.toNanos(20);
    /**
     * While a suspect's idle time counts the thread wakes at least that often: the part of a stall that lies before the next beat is not
     * seen. Linux stops a process that has used up its CPU limit once every 100 ms (cpu.cfs_period_us), and those stops must be seen.
     */
    private static final long HEARTBEAT = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int CHAINS_FOR_SUSPECTS = 1 << 12;
    private static final int CHAINS_FOR_ALL = 1 << 16;

    /** What the detector asks of its surroundings. */
    public interface Host {
        /** A suspect has arrived. Wakes the reaper thread if it sleeps for longer than {@link #longestArrivalWait}. */
        @ApplicationThread
        void arrived();

        /** So many suspects have arrived that the next tick must not wait. Wakes the reaper thread in any case. */
        @ApplicationThread
        default void crowded() {
            arrived();
        }

        /** Whether the hook is to tell of reads and writes of sockets that are not half-closed. */
        @ReaperThread
        void wantTraffic(boolean wanted);

        /** A check of a socket failed and will be repeated, or a socket was lost. */
        @ReaperThread
        default void failed(Throwable why) {}

        /** Sockets were dropped for want of room; told every ten seconds at most. */
        @ReaperThread
        default void dropped(String what) {
            failed(new IllegalStateException(what));
        }
    }

    /** Whether every socket is watched. */
    private boolean all;

    private final Clock clock;
    private final HandleFactory handles;
    private final Release release;
    private final Host host;

    private final Policy policy;
    private final IdleTime idleTime;
    private final SocketRegistry registry;
    private final StackSamplers stacks;
    private final OpenSites sites;
    private final BoundedQueue<Suspect> arrivals = new BoundedQueue<>(SocketEvents.MOST_ARRIVALS);
    private final UnidentifiedSockets unidentified;
    private final Schedule schedule;
    private final MissingSuspects missing;
    private final PeerQuestions peers;
    private final SuspectStates states;
    private final ReleaseRequests requests;
    private final SuspectCheck check;
    private final Sweep sweep;
    private final DropReport drops;
    private final KnownInodes inodes;
    private final SocketEvents events;
    private final SocketInspector inspector;

    /** Whether a tick was due at {@link #expectedTick}. */
    private boolean expecting;

    private long expectedTick;
    /** The JVM may have been stopped after the last check of the last tick. */
    private boolean stoppedAtEnd;

    /**
     * @param handles makes the handles of sockets
     * @param release where a leak goes
     */
    public Detector(Clock clock, Settings settings, HandleFactory handles, Release release, Host host) {
        long now = clock.nanoTime();
        this.clock = clock;
        this.all = settings.track() == Track.ALL;
        this.handles = handles;
        this.release = release;
        this.host = host;
        this.policy = new Policy(settings);
        this.idleTime = new IdleTime(policy, now);
        this.registry = all
                ? new SocketRegistry(CHAINS_FOR_SUSPECTS, CHAINS_FOR_ALL, CHAINS_FOR_ALL)
                : new SocketRegistry(CHAINS_FOR_SUSPECTS, 0, 0);
        this.stacks = new StackSamplers(clock, all, now);
        this.sites = new OpenSites(clock, policy, registry.opened());
        this.unidentified = new UnidentifiedSockets(all);
        this.schedule = new Schedule(policy, idleTime);
        this.missing = new MissingSuspects(clock, registry, schedule, host);
        this.peers = new PeerQuestions(clock, policy, idleTime);
        this.states = new SuspectStates(registry, schedule, peers, host);
        this.requests = new ReleaseRequests(clock, policy, schedule, states, peers, release);
        this.check = new SuspectCheck(
                clock, policy, idleTime, schedule, states, registry, peers, requests, release, stacks, host);
        this.sweep = new Sweep(clock, registry, policy, idleTime, schedule, states, stacks, sites, peers, host, now);
        this.inspector = new SocketInspector(registry, schedule, sweep, check);
        this.drops = new DropReport(arrivals, unidentified, stacks.openings(), host);
        this.inodes = new KnownInodes(clock, registry, host);
        this.events = new SocketEvents(clock, all, handles, registry, stacks, arrivals, unidentified, schedule, host);
    }

    /** What application threads tell of their sockets. */
    @AnyThread
    public SocketEvents events() {
        return events;
    }

    // -- A round

    /**
     * Does everything that is due.
     *
     * @return the nano time of the next due thing, or {@link #NOTHING_TO_DO}
     */
    public long tick() {
        long now = clock.nanoTime();
        schedule.beginRound(now);
        boolean late = stoppedAtEnd;
        if (expecting && idleTime.isStop(expectedTick, now)) {
            idleTime.beginAnew(now);
            late = true;
        }
        idleTime.workedUntil(now);
        long enough = now + LONGEST_SLICE;
        takeArrivals(now);
        missing.search(now, enough);
        late |= idleTime.wasStopped(clock.nanoTime());
        drops.tell(now);
        late |= check.checkClosed(events, now, enough);
        stacks.refill(now);
        if (all) {
            late |= sweep.run(now);
        }
        check.checkDue(enough, late);
        peers.tick();
        boolean observes = sites.observeAny() | stacks.uses().areWanted(now);
        host.wantTraffic(events.observeOpen(observes) || states.anyObserved());
        long end = clock.nanoTime();
        stoppedAtEnd = idleTime.wasStopped(end);
        idleTime.endExcuse();
        return nextTick(end);
    }

    private long nextTick(long now) {
        expecting = !schedule.isEmpty() || all;
        if (!expecting) {
            return missing.nextSearch(now);
        }
        long next = now + (states.anyIdle() ? Math.min(HEARTBEAT, policy.period()) : policy.period());
        next = schedule.nextCheckBefore(next);
        if (schedule.isEmpty() || all && sweep.nextSweep() - next < 0) {
            next = sweep.nextSweep();
        }
        long untilProbes = peers.nanosToNext();
        if (untilProbes < next - now) {
            next = now + untilProbes;
        }
        boolean hasMore = sweep.isUnderWay() || missing.isUnderWay() || events.hasClosed();
        expectedTick = hasMore || next - now < 0 ? now : next;
        return expectedTick;
    }

    private void takeArrivals(long now) {
        for (Suspect suspect = arrivals.poll(); suspect != null; suspect = arrivals.poll()) {
            schedule.addNew(suspect, now);
        }
    }

    /** How long, in nanoseconds, a new suspect may wait for the tick that sees it first. */
    public long longestArrivalWait() {
        return policy.period();
    }

    /** Whether a suspect waits that no tick has seen. */
    @AnyThread
    public boolean hasArrivals() {
        return !arrivals.isEmpty();
    }

    /** Has the sockets that came since the last round find out their descriptors, and lets go of their objects. */
    public void identifyArrivals() {
        unidentified.identify();
    }

    /** How many objects of sockets are held until their descriptors are known. */
    int held() {
        return unidentified.size();
    }

    /** A socket was found that may have been opened before the agent was attached. */
    public void discovered(Object socket) {
        if (registry.findAny(socket, events.number(socket)) != null) {
            return;
        }
        if (all) {
            events.openedEarly(socket);
            return;
        }
        SocketHandle handle = handles.handle(socket);
        if (handle == null) {
            return;
        }
        long now = clock.nanoTime();
        if (handle.quickCheck() == QuickCheck.SIGN && handle.snapshot().kind() == LeakKind.HALF_CLOSED) {
            states.add(null, handle, now, CapturedStack.BEFORE_ATTACH, now);
        }
    }

    // -- Requests of an operator or a test

    /**
     * Other settings hold from now on, for leaks that were only reported too: they are judged again. One pass over the suspects without a
     * check of any; the checks, which are due at once, are made in the slices of the next ticks ({@code DetectorBoundsTest}).
     */
    public void settings(Settings changed) {
        policy.settings(changed);
        peers.settingsChanged(schedule);
        for (Suspect suspect : schedule) {
            suspect.toBeJudgedAgain = suspect.openCase != null;
        }
        checkAll();
    }

    /** Whether every socket is watched. */
    public boolean watchesAll() {
        return all;
    }

    /** From now on every socket is watched and not only those that the application half-closes. No effect if it is so. */
    public void watchAll() {
        if (all) {
            return;
        }
        registry.makeRoom(CHAINS_FOR_ALL, CHAINS_FOR_ALL);
        unidentified.releasesAreTold();
        stacks.uses().watchAll();
        events.watchAll();
        all = true;
    }

    /** While it is paused no suspect is found to be a leak; after that every window begins anew. */
    public void pause(boolean on) {
        if (policy.isPaused() && !on) {
            idleTime.beginAnew(clock.nanoTime());
        }
        policy.pause(on);
    }

    public boolean isPaused() {
        return policy.isPaused();
    }

    /** From now on no suspect is found to be a leak: events may no longer be told. */
    @AnyThread
    public void end() {
        policy.end();
    }

    /** After {@link #end}, with the last round: puts back the options of sockets whose peers are being asked. */
    public void endProbes() {
        peers.tick();
    }

    /** How many sockets show a sign. */
    public int suspects() {
        return schedule.size();
    }

    /** Where sockets are opened, with {@code track=all}. */
    @Override
    public OpenSites openSites() {
        return sites;
    }

    /** All suspects as they are now, in no order. */
    public List<SuspectSnapshot> list() {
        long now = clock.nanoTime();
        var list = new ArrayList<SuspectSnapshot>(schedule.size());
        for (Suspect suspect : schedule) {
            list.add(SuspectSnapshot.of(suspect, now));
        }
        return list;
    }

    /**
     * Releases a leak that was only reported, as if the settings asked for it: it is checked once more, and every veto holds but that of
     * the timeout, which has passed before. One that was used since it was reported is spared, and so is one that is only ever reported.
     *
     * @param doubtfulToo whether it is released also if that may lose something
     */
    public ReleaseReply release(SuspectSnapshot listed, Action action, boolean doubtfulToo) {
        return requests.release(listed, new ReleaseRequests.Request(action, doubtfulToo));
    }

    /**
     * Checks all sockets that an inspection is about now, and not when they are due. With {@code track=all} only. Not in slices: the
     * inspection is that of a test, its sockets are those opened in the test whose stacks were taken (200 a second), and the suspects in the
     * loop below are closed once each.
     */
    public void inspect(Inspection inspection) {
        long now = clock.nanoTime();
        idleTime.workedUntil(now);
        schedule.beginRound(now);
        takeArrivals(now);
        while (events.hasClosed()) {
            check.checkClosed(events, now, now + LONGEST_SLICE);
        }
        inspector.inspect(inspection, now);
    }

    // -- What the pressure of a descriptor limit asks for

    @Override
    public void setPressure(boolean on) {
        if (on && !policy.isUnderPressure()) {
            checkAll();
        }
        policy.setPressure(on);
        release.setPressure(on);
    }

    @Override
    public void checkAll() {
        long now = clock.nanoTime();
        sweep.beginAt(now);
        inodes.findOut(now);
        schedule.checkAllAt(now);
    }

    @Override
    public boolean isBusy() {
        return release.isReleasing() || schedule.isDue(clock.nanoTime());
    }

    @Override
    public void counted(DescriptorCensus census) {
        release.counted(census);
    }

    @Override
    public void excuseLateness() {
        idleTime.excuse();
    }

    @Override
    public boolean hasSuspects() {
        return !schedule.isEmpty();
    }

    @Override
    @AnyThread
    public Set<Long> knownInodes() {
        return inodes.known();
    }
}
