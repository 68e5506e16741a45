package io.socketreaper.detect;

import io.socketreaper.config.ProbeMode;
import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.Judge;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.model.Verdict;
import io.socketreaper.probe.PeerProbes;
import io.socketreaper.release.LeakCase;
import io.socketreaper.release.Release;
import io.socketreaper.stack.HandleFactory;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The suspects and their deadlines; with {@code track=all} every socket, so that the reaper thread finds those that show a
 * sign of which no event tells.
 *
 * <p>{@link #opened}, {@link #halfClosed}, {@link #read}, {@link #wrote}, {@link #interestChanged}, {@link #closed} and
 * {@link #released} are called on application threads: no lock, no I/O, no logging. {@link #tick} belongs to the reaper
 * thread.
 *
 * <p>A suspect is looked at {@value #LOOKS_PER_TIMEOUT} times per timeout, because the kernel does not say <em>when</em>
 * the unread input last grew; a change counts as activity at the look that finds it, so the window errs on the long side.
 */
public final class Detector implements Pressure.Suspects {
    private static final int LOOKS_PER_TIMEOUT = 10;
    private static final long SHORTEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    /** A leak must be found and released within its timeout and one second more. */
    private static final long LONGEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long SHORTEST_SWEEP = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_SWEEP = LONGEST_PERIOD;
    /**
     * A delay of the reaper thread from which on the process counts as unable to work. On a machine that is not busy scheduling alone stays
     * below it, and so does a round of releases, which takes 20 ms at most.
     */
    private static final long SHORTEST_STALL = TimeUnit.MILLISECONDS.toNanos(30);
    /**
     * While a suspect's idle time counts the thread wakes at least that often: the part of a stall that lies before the next beat is not
     * seen. Linux stops a process that has used up its CPU limit once every 100 ms (cpu.cfs_period_us), and those stops must be seen.
     */
    private static final long HEARTBEAT = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long LEAST_LATENESS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MOST_LATENESS = TimeUnit.SECONDS.toNanos(5);
    /** A sweep is followed by at least so many times its length without one: a fiftieth of one processor is what it may cost. */
    private static final int SWEEP_REST = 50;

    private static final int SWEEP_REST_UNDER_PRESSURE = 20;
    /** Looks and sweeps of one round; what is left is done in the next ones, after releases and answers. */
    private static final long LONGEST_SLICE = TimeUnit.MILLISECONDS.toNanos(20);
    /** Once, when it is to be told how many sockets nobody knows: that takes a few microseconds for each that is new. */
    private static final long LONGEST_MEETING = TimeUnit.MILLISECONDS.toNanos(200);
    /** Looks at very many suspects are so far apart that they take a tenth of one processor. */
    private static final int LOOKS_REST = 10;
    /** Unless that would make them come later than this, or than the timeout: that is how late a leak may then be found. */
    private static final long LONGEST_STRETCH = TimeUnit.SECONDS.toNanos(5);
    /** From the first probe to the answer. */
    private static final long PROBE_TAKES = TimeUnit.SECONDS.toNanos(4);

    private static final long DROPPED_AGAIN = TimeUnit.SECONDS.toNanos(10);
    /** Pause between two searches for suspects that an {@link Error} has kept from the schedule: one pass over all suspects each. */
    private static final long SEARCH_AGAIN = TimeUnit.SECONDS.toNanos(1);
    /** So many suspects may each have a whole stack of its own; with more of them equal stacks are shared. */
    static final int MOST_OWN_STACKS = 1 << 10;
    /** Sharing one takes some ten microseconds. */
    private static final int STACKS_PER_TICK = 1 << 8;

    private static final int CHAINS_FOR_SUSPECTS = 1 << 12;
    private static final int CHAINS_FOR_ALL = 1 << 16;
    /** {@link #tick} returns it when nothing is to be done until an event comes. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    /** What came of a request for the release of a leak that was only reported. */
    public enum Requested {
        /** Its release has begun, or will be decided by the one thread that may look at it. */
        BEGUN,
        /** A veto or an exclusion holds, or it could not be claimed just now. */
        SPARED,
        /** Something may be lost by its release, and the request did not allow for that. */
        DOUBTFUL
    }

    /** What the watch asks of those around it. */
    public interface Host {
        /** A suspect has arrived. Application threads; wakes the reaper thread if it sleeps for longer than {@link Detector#longestArrivalWait}. */
        void arrived();

        /** So many have arrived that the next tick must not wait. Application threads; wakes the reaper thread in any case. */
        default void crowded() {
            arrived();
        }

        /** Whether reads and writes of sockets that are not half-closed are to be told. Reaper thread. */
        void wantTraffic(boolean wanted);

        /** A look at a socket failed and will be repeated, or a socket was lost. Reaper thread. */
        default void failed(Throwable why) {}

        /** Sockets were dropped for want of room; told every ten seconds at most. Reaper thread. */
        default void dropped(String what) {
            failed(new IllegalStateException(what));
        }
    }

    private Settings settings;
    private final boolean all;
    private final Clock clock;
    private final HandleFactory handles;
    private final Release release;
    private final Host host;
    private long period;
    private long sweepPeriod;
    private long normalLateness;
    private long latenessUnderPressure;
    private long pressurePeriod;

    private final SocketRegistry table;
    private final StackSampler sampler;
    /** Of reads that returned the end of input. */
    private final StackSampler ends;

    private final ArrivalQueue arrivals = new ArrivalQueue();
    private final UnidentifiedSockets unidentified;
    private final Schedule schedule = new Schedule();
    private final SocketEvents events;

    // -- The fields below belong to the reaper thread.

    private boolean expecting;
    private long expectedTick;
    /** Start of the tick that is under way: looks are due again from then. */
    private long roundStart;

    private long nextSweep;
    /** Chain that the sweep goes on with in the next round, 0 if none is under way. */
    private int sweepFrom;

    private long sweepStart;
    private long sweepLength;
    private long lastSweepLength;
    /** Nanoseconds that the shortest look of a round takes, averaged over rounds. */
    private long lookCost;
    /** How many suspects are on their way to become a leak. */
    private int pending;
    /** Nothing before this moment counts as idle time; moved when the agent itself was late. */
    private long windowsStart;

    private boolean underPressure;
    private boolean paused;
    private volatile boolean ended;
    private boolean excused;
    private final Stalls stalls = new Stalls();
    private final PeerProbes probes;
    private int observed;
    private boolean hasSearched;
    private long searchedAt;
    /** Chain that the search goes on with in the next round, 0 if none is under way. */
    private int searchFrom;

    private boolean saidDropped;
    private long saidDroppedAt;
    /** In this tick. */
    private int stacksShared;

    /**
     * @param handles makes the handles of sockets
     * @param release where a leak goes
     */
    public Detector(Clock clock, Settings settings, HandleFactory handles, Release release, Host host) {
        this.clock = clock;
        this.settings = settings;
        this.all = settings.track() == Track.ALL;
        this.handles = handles;
        this.release = release;
        this.host = host;
        this.windowsStart = clock.nanoTime();
        this.nextSweep = windowsStart;
        this.sampler = new StackSampler(windowsStart);
        this.ends = new StackSampler(windowsStart);
        this.probes = new PeerProbes(clock, mode(settings));
        this.table = all
                ? new SocketRegistry(CHAINS_FOR_SUSPECTS, CHAINS_FOR_ALL, CHAINS_FOR_ALL)
                : new SocketRegistry(CHAINS_FOR_SUSPECTS, 0, 0);
        this.unidentified = new UnidentifiedSockets(all);
        this.events =
                new SocketEvents(clock, all, handles, table, sampler, ends, arrivals, unidentified, schedule, host);
        derive();
    }

    private static PeerProbes.Mode mode(Settings settings) {
        return switch (settings.probe()) {
            case OFF -> PeerProbes.Mode.OFF;
            case AUTO -> PeerProbes.Mode.AUTO;
            case ON -> PeerProbes.Mode.ON;
        };
    }

    private void derive() {
        long shortest = TimeUnit.MILLISECONDS.toNanos(settings.shortestTimeoutMillis());
        period = clamp(shortest / LOOKS_PER_TIMEOUT, SHORTEST_PERIOD, LONGEST_PERIOD);
        sweepPeriod = clamp(shortest / LOOKS_PER_TIMEOUT, SHORTEST_SWEEP, LONGEST_SWEEP);
        normalLateness = lateness(shortest);
        long pressing = Math.min(shortest, TimeUnit.MILLISECONDS.toNanos(settings.pressureTimeoutMillis()));
        latenessUnderPressure = lateness(pressing);
        pressurePeriod = clamp(pressing / LOOKS_PER_TIMEOUT, SHORTEST_PERIOD, LONGEST_PERIOD);
    }

    /** How late a tick may be before it counts as a stop of the whole JVM. */
    private static long lateness(long shortest) {
        return clamp(shortest / 4, Math.min(LEAST_LATENESS, shortest / 2), MOST_LATENESS);
    }

    private long lateness() {
        return underPressure ? latenessUnderPressure : normalLateness;
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }

    /** What application threads tell of their sockets. */
    public SocketEvents events() {
        return events;
    }

    // -- The reaper thread

    /**
     * Other settings hold from now on, for leaks that were only reported too: they are judged again. One pass over the suspects without a
     * look at any; the looks, which are due at once, are made in the slices of the next ticks ({@code WatchBoundsTest}).
     */
    public void settings(Settings changed) {
        settings = changed;
        derive();
        probes.mode(mode(changed));
        for (Suspect suspect : schedule) {
            forgetProbe(suspect);
            suspect.toBeJudgedAgain = suspect.openCase != null;
        }
        lookAtAll();
    }

    /** While it is paused nothing is found to be a leak; after that every window begins anew. */
    public void pause(boolean on) {
        if (paused && !on) {
            windowsStart = clock.nanoTime();
        }
        paused = on;
    }

    /** Nothing is found to be a leak any more: events may no longer be told. Any thread. */
    public void end() {
        ended = true;
    }

    public boolean isPaused() {
        return paused;
    }

    /** How many sockets show a sign. */
    public int suspects() {
        return schedule.size();
    }

    /** All that show a sign, in no order. */
    public List<SuspectSnapshot> list() {
        long now = clock.nanoTime();
        var list = new ArrayList<SuspectSnapshot>(schedule.size());
        for (Suspect suspect : schedule) {
            list.add(new SuspectSnapshot(suspect, now));
        }
        return list;
    }

    /**
     * Releases a leak that was found and only reported, as if the settings asked for it: it is looked at once more, and every veto
     * holds but that of the timeout, which has passed before. One that was used since it was reported is spared, and so is one that is
     * only ever reported.
     *
     * @param doubtfulToo whether it is to be released also if something may be lost by that
     */
    public Requested release(SuspectSnapshot listed, Action action, boolean doubtfulToo) {
        Suspect suspect = listed.suspect();
        if (ended || !listed.isReported() || suspect.openCase != listed.openCase() || !schedule.remove(suspect)) {
            return Requested.SPARED;
        }
        long now = clock.nanoTime();
        long next = period();
        try {
            SocketSnapshot sighting = suspect.socket().snapshot();
            if (sighting.hold() == Holder.DYING && suspect.socket().isAsking()) {
                suspect.wanted = action;
                suspect.wantedIfDoubtful = doubtfulToo;
                next = SHORTEST_PERIOD;
                return Requested.BEGUN;
            }
            return release(suspect, sighting, action, doubtfulToo, now);
        } finally {
            schedule.add(suspect, now + next);
        }
    }

    private Requested release(Suspect suspect, SocketSnapshot sighting, Action action, boolean doubtfulToo, long now) {
        if (!sighting.isOnlyReported()
                && !suspect.isClosedOrReleased()
                && !isUsedSince(suspect, suspect.openCase)
                && (suspect.lastSnapshot == null || !sighting.differsOnTheWire(suspect.lastSnapshot))) {
            Evidence evidence = evidence(suspect, sighting, now, false).withoutTimeout();
            if (Judge.judge(evidence) instanceof Verdict.Leak) {
                if (evidence.grade() == Grade.DOUBTFUL && !doubtfulToo) {
                    return Requested.DOUBTFUL;
                }
                LeakCase opened = release.leakFound(suspect, evidence, action, now);
                if (opened != null) {
                    suspect.openCase = opened;
                    observeRelease(suspect, opened);
                }
            }
        }
        return suspect.openCase.inRelease() ? Requested.BEGUN : Requested.SPARED;
    }

    /** Whether the application, or the network, has done something since the leak was found. */
    private static boolean isUsedSince(Suspect suspect, LeakCase openCase) {
        return suspect.lastActivity() - openCase.openedAt() > 0;
    }

    /**
     * Looks at all sockets that an inspection is about now, and not when they are due. With {@code track=all} only. Not in slices: the
     * inspection is that of a test, its sockets are those opened in the test whose stacks were taken (200 a second), and what departs in the
     * loop below was a suspect once and departs once.
     */
    public void inspect(Inspection inspection) {
        long now = clock.nanoTime();
        roundStart = now;
        takeArrivals(now);
        while (events.hasClosed()) {
            takeDepartures(now, now + LONGEST_SLICE);
        }
        inspection.begin(now);
        for (int bucket = 0; bucket < table.opened().size(); bucket++) {
            for (OpenSocket tracked = table.opened().head(bucket); tracked != null; tracked = tracked.next) {
                if (inspection.isAbout(tracked, now)) {
                    glance(bucket, tracked, now);
                    tracked.socket().rememberEndpoints();
                    inspection.seen(tracked, lookedAt(tracked.suspect, now), now);
                }
            }
        }
        for (Suspect suspect : schedule) {
            // Its entries may be gone already, with its descriptor, while nobody was told of it yet.
            if (suspect.openCase != null
                    && suspect.openCase.inRelease()
                    && !suspect.openCase.isOver()
                    && inspection.isAbout(suspect, now)) {
                inspection.releasing();
            }
        }
        inspection.end(now);
    }

    /** Returns the suspect if it is one still. */
    private Suspect lookedAt(Suspect suspect, long now) {
        if (suspect == null || !schedule.remove(suspect)) {
            return null;
        }
        try {
            check(suspect, now, false);
        } catch (RuntimeException | Error failure) {
            schedule.add(suspect, now + LONGEST_PERIOD);
            throw failure;
        }
        return schedule.contains(suspect) ? suspect : null;
    }

    /** A socket was found that may have been opened before the agent came. */
    public void discovered(Object socket) {
        if (table.findAny(socket, events.number(socket)) != null) {
            return;
        }
        SocketHandle handle = handles.handle(socket);
        if (handle == null) {
            return;
        }
        long now = clock.nanoTime();
        if (all) {
            // By identity: its number may be another's by now, which nobody who opens a socket need reckon with.
            var tracked = new OpenSocket(handle, CapturedStack.BEFORE_ATTACH);
            tracked.metAt(now);
            table.addByIdentity(socket, tracked);
        } else if (handle.quickCheck() == QuickCheck.SIGN && handle.snapshot().kind() == LeakKind.HALF_CLOSED) {
            suspect(null, handle, now, CapturedStack.BEFORE_ATTACH, now);
        }
    }

    /** Has the sockets that came since the last round find out their descriptors, and lets go of their objects. */
    public void identifyArrivals() {
        unidentified.identify();
    }

    /** How many objects of sockets are held until their descriptors are known. */
    int held() {
        return unidentified.size();
    }

    @Override
    public void setPressure(boolean on) {
        if (on && !underPressure) {
            lookAtAll();
        }
        underPressure = on;
        release.setPressure(on);
    }

    @Override
    public void lookAtAll() {
        long now = clock.nanoTime();
        nextSweep = now;
        meetUnknown(now + LONGEST_MEETING);
        schedule.checkAllAt(now);
    }

    /** So that they can be told from those that nobody knows. Where they are too many the sweep, which is due now, meets the rest. */
    private void meetUnknown(long enough) {
        if (!meetUnknown(table.suspects(), enough)) {
            meetUnknown(table.opened(), enough);
        }
    }

    /** True if there was no time for all. */
    private <S extends TrackedSocket<S>> boolean meetUnknown(SocketChains<S> chains, long enough) {
        for (int chain = 0; chain < chains.size(); chain++) {
            for (S tracked = chains.head(chain); tracked != null; tracked = tracked.next) {
                if (tracked.socket().inode() == 0) {
                    meet(tracked.socket());
                    if (clock.nanoTime() - enough >= 0) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void meet(SocketHandle socket) {
        try {
            socket.quickCheck();
        } catch (RuntimeException | Error failure) {
            host.failed(failure);
        }
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
        excused = true;
    }

    @Override
    public boolean hasSuspects() {
        return !schedule.isEmpty();
    }

    @Override
    public Set<Long> knownInodes() {
        var inodes = new HashSet<Long>();
        addInodes(table.suspects(), inodes);
        addInodes(table.opened(), inodes);
        return inodes;
    }

    private static <S extends TrackedSocket<S>> void addInodes(SocketChains<S> chains, Set<Long> inodes) {
        for (int chain = 0; chain < chains.size(); chain++) {
            for (S tracked = chains.head(chain); tracked != null; tracked = tracked.next) {
                inodes.add(tracked.socket().inode());
            }
        }
    }

    /**
     * Does everything that is due.
     *
     * @return the nano time of the next due thing, or {@link #NOTHING_TO_DO}
     */
    public long tick() {
        long now = clock.nanoTime();
        roundStart = now;
        boolean late = expecting && isStop(expectedTick, now);
        if (late) {
            windowsStart = now;
        }
        long enough = now + LONGEST_SLICE;
        takeEvents(now, enough);
        sampler.refill(now);
        ends.refill(now);
        stacksShared = 0;
        if (all && (sweepFrom > 0 || nextSweep - now <= 0)) {
            late |= sweep(now);
        }
        late |= lookAtThoseDue(enough, late);
        if (ended) {
            probes.endAll();
        } else {
            probes.tick();
        }
        excused = false;
        host.wantTraffic(observed > 0);
        expecting = !schedule.isEmpty() || all;
        now = clock.nanoTime();
        if (!expecting) {
            return searchFrom > 0
                    ? now
                    : schedule.isIncomplete() ? hasSearched ? searchedAt + SEARCH_AGAIN : now : NOTHING_TO_DO;
        }
        expectedTick = now + (pending > 0 ? Math.min(HEARTBEAT, period()) : period());
        if (!schedule.isEmpty() && schedule.first().checkAt - expectedTick < 0) {
            expectedTick = schedule.first().checkAt;
        }
        if (schedule.isEmpty() || all && nextSweep - expectedTick < 0) {
            expectedTick = nextSweep;
        }
        long untilProbes = probes.nanosToNext();
        if (untilProbes < expectedTick - now) {
            expectedTick = now + untilProbes;
        }
        if (sweepFrom > 0 || searchFrom > 0 || events.hasClosed() || expectedTick - now < 0) {
            expectedTick = now;
        }
        return expectedTick;
    }

    /** True if the JVM may have been stopped in between. */
    private boolean lookAtThoseDue(long enough, boolean late) {
        boolean stopped = false;
        long now = clock.nanoTime();
        int looks = 0;
        long shortest = Long.MAX_VALUE;
        while (schedule.isDue(now) && (looks == 0 || now - enough < 0)) {
            long counted = release.nanosOfCensuses();
            look(schedule.pollFirst(), now, late || stopped);
            looks++;
            long before = now;
            now = clock.nanoTime();
            counted = release.nanosOfCensuses() - counted;
            shortest = Math.min(shortest, now - before - counted);
            if (counted > SHORTEST_STALL) {
                // Our own doing, with very many descriptors: no stop, but nobody's idle time either.
                stalls.add(before, before + counted);
            }
            if (isStop(before + counted, now)) {
                stopped = true;
                windowsStart = now;
            }
        }
        if (looks > 0) {
            // The shortest: a look that a busy machine holds up costs no more than another.
            lookCost += (shortest - lookCost) / 8;
        }
        return stopped;
    }

    /**
     * Whether the JVM may have been stopped, so that all windows must begin anew. A shorter stop, or one that has an excuse, only
     * counts for nothing.
     *
     * @param expected when the thread should have gone on
     */
    private boolean isStop(long expected, long now) {
        long by = now - expected;
        if (by <= Math.min(SHORTEST_STALL, lateness())) {
            return false;
        }
        if (by > lateness() && !excused) {
            return true;
        }
        stalls.add(expected, now);
        return false;
    }

    /** A process full of sockets must not spend its time on looking at them; a thread that was held up once has not looked. */
    private long rest(long length) {
        long usual = Math.min(length, lastSweepLength);
        lastSweepLength = length;
        return usual * (underPressure ? SWEEP_REST_UNDER_PRESSURE : SWEEP_REST);
    }

    /** The time until the next look, so that looks at all suspects together take no more than their share of a processor. */
    private long stretched(long interval, long most) {
        long fair = schedule.size() * lookCost * LOOKS_REST;
        return Math.max(interval, Math.min(fair, most));
    }

    private long period() {
        return underPressure ? pressurePeriod : period;
    }

    /** How long, in nanoseconds, a suspect may wait for the tick that sees it first. Reaper thread. */
    public long longestArrivalWait() {
        return period();
    }

    /** True when a suspect waits that no tick has seen. Any thread. */
    public boolean hasArrivals() {
        return !arrivals.isEmpty();
    }

    private void takeEvents(long now, long enough) {
        takeArrivals(now);
        searchUnscheduled(now, enough);
        sayDropped(now);
        takeDepartures(now, enough);
    }

    private void takeArrivals(long now) {
        for (Suspect suspect = arrivals.poll(); suspect != null; suspect = arrivals.poll()) {
            scheduleIfForgotten(suspect, now);
        }
    }

    /**
     * Schedules the suspects of the table that are not: an event, or a round of this thread, was cut short by an {@link Error} after it
     * had added one to the table or taken one off the schedule. Goes on in the next round where that takes too long.
     */
    private void searchUnscheduled(long now, long enough) {
        if (searchFrom == 0) {
            if (!schedule.isIncomplete() || hasSearched && now - searchedAt < SEARCH_AGAIN) {
                return;
            }
            schedule.beginSearch();
            hasSearched = true;
            searchedAt = now;
        }
        int bucket = searchFrom;
        searchFrom = 0;
        try {
            do {
                for (Suspect suspect = table.suspects().head(bucket); suspect != null; suspect = suspect.next) {
                    scheduleIfForgotten(suspect, now);
                }
                bucket++;
            } while (bucket < table.suspects().size() && clock.nanoTime() - enough < 0);
            searchFrom = bucket < table.suspects().size() ? bucket : 0;
        } catch (Error failure) {
            // Then it is searched for again; the looks at others go on.
            host.failed(failure);
        }
    }

    private void scheduleIfForgotten(Suspect suspect, long now) {
        if (!schedule.contains(suspect)) {
            schedule.add(suspect, now + period());
        }
    }

    /** An application may close all that it has at once; the first of them in any case. */
    private void takeDepartures(long now, long enough) {
        boolean first = true;
        while (first || clock.nanoTime() - enough < 0) {
            first = false;
            Suspect suspect = events.pollClosed();
            if (suspect == null) {
                return;
            }
            if (schedule.remove(suspect)) {
                look(suspect, now, false);
            }
        }
    }

    private void sayDropped(long now) {
        if (!arrivals.hasDropped() && !unidentified.hasDropped() && !sampler.hasCut()
                || saidDropped && now - saidDroppedAt < DROPPED_AGAIN) {
            return;
        }
        saidDropped = true;
        saidDroppedAt = now;
        long lost = arrivals.takeDropped();
        if (lost > 0) {
            host.dropped(lost
                    + " half-closed sockets came while the reaper thread was held up, or waited with its self-test, and are"
                    + " not watched");
        }
        lost = unidentified.takeDropped();
        if (lost > 0) {
            host.dropped(lost + " sockets were opened or half-closed while " + UnidentifiedSockets.CAPACITY
                    + " others waited for their first look; those of "
                    + "them that the program drops before they are looked at are not found");
        }
        lost = sampler.takeCut();
        if (lost > 0) {
            host.dropped("of the stacks of " + lost + " half-closed sockets the innermost " + StackSampler.FEW_FRAMES
                    + " frames were kept: too many sockets were half-closed in too many ways");
        }
    }

    /** One that fails must cost neither its suspect nor the looks at others. */
    private void look(Suspect suspect, long now, boolean late) {
        try {
            check(suspect, now, late);
        } catch (RuntimeException | Error failure) {
            schedule.add(suspect, now + LONGEST_PERIOD);
            host.failed(failure);
        }
    }

    /**
     * A short look at every socket: takes out what is gone, and makes suspects of what shows a sign. Goes on in the next round
     * where that takes too long.
     *
     * @return true if it was stopped in between
     */
    private boolean sweep(long start) {
        if (sweepFrom == 0) {
            sweepStart = start;
            sweepLength = 0;
        }
        boolean stopped = false;
        long before = start;
        int bucket = sweepFrom;
        for (; bucket < table.opened().size() && (before - start < LONGEST_SLICE || bucket == sweepFrom); bucket++) {
            OpenSocket head = table.opened().head(bucket);
            if (head == null) {
                continue;
            }
            // After the head was read, so that nothing is dated before it was opened.
            long met = clock.nanoTime();
            stopped |= isStop(before, met);
            before = met;
            for (OpenSocket tracked = head; tracked != null; tracked = tracked.next) {
                tracked.metAt(met);
                tryGlance(bucket, tracked, met);
            }
        }
        long end = clock.nanoTime();
        stopped |= isStop(before, end);
        sweepLength += end - start;
        if (bucket < table.opened().size()) {
            sweepFrom = bucket;
        } else {
            sweepFrom = 0;
            nextSweep = Math.max(sweepStart + sweepPeriod, end + rest(sweepLength));
        }
        if (stopped) {
            windowsStart = end;
        }
        return stopped;
    }

    /** One that fails must cost neither the rest of the sweep nor the looks after it. The next sweep repeats it. */
    private void tryGlance(int bucket, OpenSocket tracked, long now) {
        try {
            glance(bucket, tracked, now);
        } catch (RuntimeException | Error failure) {
            host.failed(failure);
        }
    }

    private void glance(int bucket, OpenSocket tracked, long now) {
        QuickCheck glance =
                tracked.isReleased() ? QuickCheck.GONE : tracked.socket().quickCheck();
        // Again: what is found of a collected object counts only if no close of it was told before.
        if (glance == QuickCheck.GONE || tracked.isReleased()) {
            table.opened().remove(bucket, tracked);
            return;
        }
        if (tracked.origin.isBulky()) {
            tracked.origin = sampler.shared(tracked.origin);
        }
        tracked.settleEndOfInput(now, ends);
        if (glance == QuickCheck.SIGN && tracked.suspect == null) {
            suspect(tracked, tracked.socket(), tracked.knownSince(now), tracked.origin, now);
        } else if (glance == QuickCheck.SIGN && tracked.socket().is(null)) {
            collected(tracked.suspect, now);
        }
    }

    /** A leak that was only reported is looked at once per timeout; now that nobody can reach it, something may be done about it. */
    private void collected(Suspect suspect, long now) {
        LeakCase reported = suspect == null ? null : suspect.openCase;
        if (reported != null
                && !reported.inRelease()
                && reported.kind() != LeakKind.UNREACHABLE
                && settings.action(LeakKind.UNREACHABLE) != Action.LOG
                && schedule.remove(suspect)) {
            schedule.add(suspect, now);
        }
    }

    private void suspect(OpenSocket tracked, SocketHandle handle, long knownSince, CapturedStack origin, long now) {
        Suspect suspect = table.newSuspect(handle, handle.identity(), knownSince, origin, now);
        Suspect known = table.add(suspect);
        known.join(tracked);
        if (known == suspect) {
            observe(suspect, true);
            host.wantTraffic(true);
            schedule.add(suspect, now);
        }
    }

    private void check(Suspect suspect, long now, boolean late) {
        suspect.settleEndOfInput(now, ends);
        LeakCase openCase = suspect.openCase;
        if (openCase != null && openCase.inRelease()) {
            checkReleasing(suspect, openCase, now);
            return;
        }
        SocketSnapshot sighting = suspect.isClosedOrReleased()
                ? SocketSnapshot.gone()
                : suspect.socket().snapshot();
        // Again: what is found of a collected object counts only if no close of it was told before.
        if (sighting.isGone() || suspect.isClosedOrReleased()) {
            leave(suspect, openCase, now);
            return;
        }
        Action wanted = suspect.wanted;
        if (!suspect.socket().isAsking()) {
            suspect.wanted = null;
        }
        if (sighting.hold() == Holder.DYING) {
            // Nothing has happened to the socket; the collector, or the thread that may look, only needs more time.
            again(suspect, suspect.socket().isAsking() ? SHORTEST_PERIOD : untilNextLook(suspect, now));
            return;
        }
        if (wanted != null
                && openCase != null
                && !ended
                && release(suspect, sighting, wanted, suspect.wantedIfDoubtful, now) == Requested.BEGUN) {
            again(suspect, period());
            return;
        }
        if (!sighting.showsSign()) {
            if (openCase != null) {
                release.cameBackToLife(openCase, now);
            }
            suspect.cameBackToLife();
            remove(suspect);
            return;
        }
        observe(suspect, sighting.hold() == Holder.OPEN && !sighting.outputShut());
        compareWithLastLook(suspect, sighting, now);
        askPeer(suspect, sighting, now);
        Evidence evidence = evidence(suspect, sighting, now, late);
        Grade grade = evidence.grade();
        suspect.grade = grade;
        suspect.timeout = TimeUnit.MILLISECONDS.toNanos(timeoutMillis(suspect, evidence, now));
        suspect.shortestTimeout =
                Math.min(suspect.timeout, TimeUnit.MILLISECONDS.toNanos(shortestTimeoutMillis(sighting.kind())));
        if (openCase != null && isUsedSince(suspect, openCase)) {
            release.cameBackToLife(openCase, now);
            suspect.cameBackToLife();
        } else if (openCase != null
                && action(evidence) != Action.LOG
                && (openCase.kind() != sighting.kind() || openCase.grade().compareTo(grade) > 0)) {
            // Now it is lost for good, or surer to be, and something is to be done about that.
            suspect.openCase = null;
        }
        boolean differs = suspect.lastSnapshot != null
                && sighting.differsOnTheWire(suspect.lastSnapshot)
                && !(suspect.probing && sighting.wasReset(suspect.lastSnapshot));
        // What the peer does to a reported leak is no sign that the application has come back for it.
        if (suspect.openCase == null && (suspect.lastSnapshot == null ? !isUrgent(sighting) : differs)) {
            suspect.touch(now);
        }
        boolean again =
                suspect.openCase != null && (suspect.toBeJudgedAgain || suspect.openCase.isSpared()) && !differs;
        if (suspect.lastSnapshot == null) {
            release.suspected(suspect, sighting, grade, suspect.timeout, now);
        }
        suspect.lastSnapshot = sighting;
        if (schedule.size() >= MOST_OWN_STACKS && stacksShared < STACKS_PER_TICK && suspect.shareStack(sampler)) {
            stacksShared++;
        }
        boolean refused =
                (suspect.openCase == null || again) && judge(suspect, evidence(suspect, sighting, now, late), now);
        pending(suspect, suspect.openCase == null && !isUsed(sighting));
        if (refused) {
            again(suspect, period());
        } else if (suspect.openCase == null) {
            again(suspect, untilNextLook(suspect, now));
        } else if (suspect.openCase.inRelease()) {
            observeRelease(suspect, suspect.openCase);
            again(suspect, period());
        } else {
            long interval = Math.max(suspect.shortestTimeout, period());
            again(suspect, stretched(interval, Math.max(interval, LONGEST_STRETCH)));
        }
    }

    /** Nothing is asked of its peer any more. Its reads and writes matter until it is condemned: the claim may still be to come. */
    private void observeRelease(Suspect suspect, LeakCase openCase) {
        if (openCase.inRelease()) {
            forgetProbe(suspect);
            if (openCase.isCondemned()) {
                observe(suspect, false);
            }
        }
    }

    /** A close seen meanwhile is our own, or the application's during our drain: the release tells how it ended. */
    private void checkReleasing(Suspect suspect, LeakCase openCase, long now) {
        if (openCase.isRefused()) {
            suspect.openCase = null;
            suspect.touch(now);
            again(suspect, period);
        } else if (openCase.isOver()) {
            remove(suspect);
        } else {
            observeRelease(suspect, openCase);
            again(suspect, period());
        }
    }

    /** Use that no event tells of is seen by comparing. */
    private static void compareWithLastLook(Suspect suspect, SocketSnapshot sighting, long now) {
        if (isUsed(sighting)) {
            suspect.touch(now);
        }
        SocketSnapshot last = suspect.lastSnapshot;
        if (last != null && sighting.outputShut() && last.outputShut() && sighting.plaintext() != last.plaintext()) {
            suspect.readPlaintext(now);
        }
    }

    /** Asks the peer where the verdict depends on the answer, soon enough to have it when the timeout has passed. */
    private void askPeer(Suspect suspect, SocketSnapshot sighting, long now) {
        if (suspect.lastActivity() != suspect.probedSince) {
            forgetProbe(suspect);
        }
        if (!dependsOnPeer(sighting)
                || suspect.probing
                || suspect.lastSnapshot == null
                || suspect.socket().peerIsThere()) {
            return;
        }
        long early = Math.min(suspect.timeout / 2, PROBE_TAKES);
        if (suspect.openCase != null || idle(suspect, now) >= suspect.timeout - early) {
            boolean released = settings.action(sighting.kind(), Grade.STRONG) != Action.LOG
                    || settings.action(sighting.kind(), Grade.DOUBTFUL) != Action.LOG;
            suspect.probe = probes.ask(suspect.probe, suspect.socket(), released);
            suspect.probing = suspect.probe != null && settings.probe() != ProbeMode.OFF;
            suspect.probedSince = suspect.lastActivity();
        }
    }

    /** A peer that has closed looks like one that has only half-closed and waits for its answer. */
    private static boolean dependsOnPeer(SocketSnapshot sighting) {
        return sighting.kind() == LeakKind.PEER_CLOSED
                && sighting.tcpState() == TcpState.CLOSE_WAIT
                && sighting.unreadBytes() == 0
                && sighting.plaintext() == 0;
    }

    private PeerAnswer peer(Suspect suspect, SocketSnapshot sighting) {
        if (!dependsOnPeer(sighting)) {
            return PeerAnswer.NOT_ASKED;
        }
        if (suspect.socket().peerIsThere()) {
            return PeerAnswer.ANSWERS;
        }
        if (suspect.probing) {
            return suspect.probe.answer();
        }
        // The first look sees no probe yet, but no leak either.
        return PeerAnswer.NOT_ASKED;
    }

    private void forgetProbe(Suspect suspect) {
        if (suspect.probing) {
            probes.forget(suspect.probe);
            suspect.probing = false;
        }
    }

    /** A socket that is half-closed cannot be written any more, whatever a key of it still wants. */
    private static boolean isUsed(SocketSnapshot sighting) {
        return sighting.reading()
                || sighting.readInterest()
                || (sighting.writing() || sighting.sending()) && !sighting.outputShut();
    }

    private Evidence evidence(Suspect suspect, SocketSnapshot sighting, long now, boolean late) {
        return new Evidence(
                        sighting,
                        TimeUnit.NANOSECONDS.toMillis(idle(suspect, now)),
                        TimeUnit.NANOSECONDS.toMillis(suspect.timeout),
                        late)
                .with(suspect.use(peer(suspect, sighting)));
    }

    /** What is to be done about a leak of that evidence. */
    private Action action(Evidence evidence) {
        Grade grade = evidence.grade();
        return underPressure && grade == Grade.DOUBTFUL && settings.pressureDoubtful()
                ? settings.action(evidence.kind())
                : settings.action(evidence.kind(), grade);
    }

    /** Of leaks of that kind that are sure. */
    private long shortestTimeoutMillis(LeakKind kind) {
        long normal = settings.timeoutMillis(kind, Grade.STRONG);
        return underPressure ? Math.min(normal, settings.pressureTimeoutMillis()) : normal;
    }

    private long timeoutMillis(Suspect suspect, Evidence evidence, long now) {
        SocketSnapshot sighting = evidence.sighting();
        Grade grade = evidence.grade();
        long own = settings.timeoutMillis(sighting.kind(), grade);
        long normal = sighting.isSilent() ? Math.max(own, settings.silentTimeoutMillis()) : own;
        if (!underPressure || !grade.isSure() && !(grade == Grade.DOUBTFUL && settings.pressureDoubtful())) {
            return normal;
        }
        long pressing = Math.min(normal, settings.pressureTimeoutMillis());
        return isUrgent(sighting) && now - suspect.knownSince(now) >= TimeUnit.MILLISECONDS.toNanos(pressing)
                ? 0
                : pressing;
    }

    /**
     * Whether a look under pressure is enough: nobody can have used it since it was dropped, whenever that was, and a close
     * takes nothing from the peer. It only must be old enough.
     */
    private boolean isUrgent(SocketSnapshot sighting) {
        return underPressure
                && sighting.hold() == Holder.UNREACHABLE
                && (sighting.unreadBytes() == 0 || sighting.tcpState() == TcpState.CLOSE);
    }

    private void leave(Suspect suspect, LeakCase openCase, long now) {
        boolean closed = suspect.isClosedOrReleased();
        if (openCase != null && closed) {
            release.closedAfterAll(openCase, now);
        } else if (openCase != null && !suspect.vanished) {
            // Being closed this very moment, then the hook will say so; or collected, which closes nothing.
            suspect.vanished = true;
            schedule.add(suspect, now + period());
            return;
        }
        remove(suspect);
    }

    private void remove(Suspect suspect) {
        observe(suspect, false);
        pending(suspect, false);
        forgetProbe(suspect);
        suspect.leave();
        table.remove(suspect);
    }

    /** Whether its idle time counts. */
    private void pending(Suspect suspect, boolean counts) {
        if (suspect.pending != counts) {
            suspect.pending = counts;
            pending += counts ? 1 : -1;
        }
    }

    /** Whether the reads and writes of a suspect matter that the hook does not tell by itself. */
    private void observe(Suspect suspect, boolean matter) {
        if (suspect.observed != matter) {
            suspect.observed = matter;
            observed += matter ? 1 : -1;
        }
    }

    /** True for a leak that could not be claimed just now. */
    private boolean judge(Suspect suspect, Evidence evidence, long now) {
        if (paused || ended || Judge.judge(evidence) instanceof Verdict.Alive) {
            return false;
        }
        LeakCase before = suspect.openCase;
        LeakCase judged = before == null
                ? release.leakFound(suspect, evidence, action(evidence), now)
                : release.judgedAgain(before, suspect, evidence, action(evidence), now);
        if (judged == null) {
            return true;
        }
        suspect.openCase = judged;
        suspect.toBeJudgedAgain = false;
        return false;
    }

    private long idleSince(Suspect suspect) {
        long lastActivity = suspect.lastActivity();
        return lastActivity - windowsStart > 0 ? lastActivity : windowsStart;
    }

    private long idle(Suspect suspect, long now) {
        long since = idleSince(suspect);
        return Math.max(0, now - since - stalls.since(since));
    }

    private long untilNextLook(Suspect suspect, long now) {
        long untilDeadline = suspect.timeout - idle(suspect, now);
        long untilChangesShow = suspect.shortestTimeout / LOOKS_PER_TIMEOUT;
        if (suspect.lastSnapshot != null && isUsed(suspect.lastSnapshot)) {
            // It becomes no leak before its timeout has passed once more.
            return stretched(
                    Math.max(SHORTEST_PERIOD, untilChangesShow), Math.max(suspect.shortestTimeout, LONGEST_STRETCH));
        }
        // A deadline that has passed waits for a change, e.g. for input of a client that waits for its answer.
        long interval = untilDeadline > 0
                ? Math.min(stretched(untilChangesShow, suspect.shortestTimeout / 2), untilDeadline)
                : stretched(Math.max(period(), untilChangesShow), Math.max(suspect.shortestTimeout, LONGEST_STRETCH));
        return Math.max(SHORTEST_PERIOD, interval);
    }

    /** It is looked at again after so many nanoseconds. */
    private void again(Suspect suspect, long interval) {
        schedule.add(suspect, roundStart + interval);
    }
}
