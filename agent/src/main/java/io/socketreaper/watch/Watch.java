package io.socketreaper.watch;

import io.socketreaper.config.Action;
import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.judge.Evidence;
import io.socketreaper.judge.Grade;
import io.socketreaper.judge.Judge;
import io.socketreaper.judge.LeakKind;
import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.Sighting.Hold;
import io.socketreaper.judge.TcpState;
import io.socketreaper.judge.Verdict;
import io.socketreaper.release.Case;
import io.socketreaper.release.Release;
import io.socketreaper.socket.Census;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.Handles;
import io.socketreaper.socket.SocketHandle;
import io.socketreaper.socket.SocketHandle.Glance;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

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
public final class Watch implements Pressure.Suspects {
    private static final int LOOKS_PER_TIMEOUT = 10;
    private static final long SHORTEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    /** A leak must be found and released within its timeout and one second more. */
    private static final long LONGEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long SHORTEST_SWEEP = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_SWEEP = LONGEST_PERIOD;
    private static final long LEAST_LATENESS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MOST_LATENESS = TimeUnit.SECONDS.toNanos(5);
    /** A sweep is followed by at least so many times its length without one: a fiftieth of one processor is what it may cost. */
    private static final int SWEEP_REST = 50;
    private static final int SWEEP_REST_UNDER_PRESSURE = 20;
    /** Under pressure what was claimed is released before more is claimed. */
    private static final long LONGEST_CHECKS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long FORGET_MISSED = TimeUnit.MINUTES.toNanos(1);
    /** Half-closed sockets, each with its stack, that wait for a reaper thread which is held up: some fifty megabytes at most. */
    static final int MOST_ARRIVALS = 1 << 14;
    /** Sockets that are held until they are known, closed ones among them: some megabytes, and what the application has tied to them. */
    static final int MOST_UNKNOWN = 1 << 13;
    /** How many of them whoever finds no room looks at for one that is gone. */
    private static final int LOOKS_FOR_ROOM = 4;
    private static final long DROPPED_AGAIN = TimeUnit.SECONDS.toNanos(10);
    /** So many suspects may each have a whole stack of its own; with more of them equal stacks are shared. */
    static final int MOST_OWN_STACKS = 1 << 10;
    /** Sharing one takes some ten microseconds. */
    private static final int STACKS_PER_TICK = 1 << 8;
    private static final int CHAINS_FOR_SUSPECTS = 1 << 12;
    private static final int CHAINS_FOR_ALL = 1 << 16;
    /** {@link #tick} returns it when nothing is to be done until an event comes. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    /** What the watch asks of those around it. */
    public interface Host {
        /** A suspect has arrived. Application threads; wakes the reaper thread. */
        void arrived();

        /** Whether reads and writes of sockets that are not half-closed are to be told. Reaper thread. */
        void wantTraffic(boolean wanted);

        /** A look at a socket failed and will be repeated, or a socket was lost. Reaper thread. */
        default void failed(Throwable why) {
        }

        /** Sockets were dropped for want of room; told every ten seconds at most. Reaper thread. */
        default void dropped(String what) {
            failed(new IllegalStateException(what));
        }
    }

    private record Unknown(Tracked tracked, Object socket) {
    }

    private Settings settings;
    private final boolean all;
    private final Clock clock;
    private final Handles handles;
    private final Release release;
    private final Host host;
    private long period;
    private long sweepPeriod;
    private long normalLateness;
    private long latenessUnderPressure;
    private long pressurePeriod;

    private final SocketTable table;
    private final StackSampler sampler;
    private final Queue<Suspect> arrivals = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong turnedAway = new AtomicLong();
    private final Queue<Suspect> departures = new ConcurrentLinkedQueue<>();
    /** Sockets of which nothing is known but the object: were that collected now, nobody could tell what it leaves behind. */
    private final Queue<Unknown> unknown = new ConcurrentLinkedQueue<>();
    /** Not below the number of those. */
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicLong letGo = new AtomicLong();
    private final AtomicLong numbers = new AtomicLong();

    // -- The fields below belong to the reaper thread.

    private final TreeSet<Suspect> schedule = new TreeSet<>();
    private boolean expecting;
    private long expectedTick;
    private long nextSweep;
    private long sweptAt;
    private long lastSweepLength;
    /** Nothing before this moment counts as idle time; moved when the agent itself was late. */
    private long windowsStart;
    private boolean underPressure;
    private boolean paused;
    private volatile boolean ended;
    private boolean excused;
    /** Time in which nobody may have worked, although the windows go on: it ended then, and is no idle time. */
    private long missed;
    private long missedUntil;
    private int observed;
    private boolean saidDropped;
    private long saidDroppedAt;
    /** In this tick. */
    private int stacksShared;

    /**
     * @param handles makes the handles of sockets
     * @param release where a leak goes
     */
    public Watch(Clock clock, Settings settings, Handles handles, Release release, Host host) {
        this.clock = clock;
        this.settings = settings;
        this.all = settings.track() == Track.ALL;
        this.handles = handles;
        this.release = release;
        this.host = host;
        this.windowsStart = clock.nanoTime();
        this.nextSweep = windowsStart;
        this.sampler = new StackSampler(windowsStart);
        this.table = all ? new SocketTable(CHAINS_FOR_SUSPECTS, CHAINS_FOR_ALL, CHAINS_FOR_ALL)
                : new SocketTable(CHAINS_FOR_SUSPECTS, 0, 0);
        derive();
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

    // -- Events, on application threads

    /** A socket was opened or accepted; with {@code track=all} only. */
    public void opened(Object socket) {
        SocketHandle handle = handles.handle(socket);
        if (handle != null) {
            handle.opened(socket);
            Tracked tracked = tracked(handle);
            keepUntilKnown(tracked, socket);
            int number = number(socket);
            if (number < 0) {
                table.addNew(ofIdentity(socket), tracked);
            } else {
                table.addOpened(number, tracked);
            }
        }
    }

    /** Of its descriptor, if it is found by that; else -1. */
    private int number(Object socket) {
        return all ? handles.number(socket) : -1;
    }

    private int ofIdentity(Object socket) {
        return table.ofIdentity(System.identityHashCode(socket));
    }

    /** With its stack and its date, or without both while many are opened: the next sweep will date it. */
    private Tracked tracked(SocketHandle handle) {
        if (!sampler.isDue()) {
            return new Tracked(handle, Origin.NOT_SAMPLED);
        }
        long now = clock.nanoTime();
        var tracked = new Tracked(handle, sampler.opened(now));
        tracked.metAt(now);
        return tracked;
    }

    /** The application has shut the socket's output. */
    public void halfClosed(Object socket) {
        long now = clock.nanoTime();
        Suspect known = table.find(socket);
        if (known != null) {
            known.halfClosed(now);
            return;
        }
        Tracked tracked = table.findAny(socket, number(socket));
        SocketHandle handle = tracked != null ? tracked.socket() : handles.handle(socket);
        if (handle == null) {
            return;
        }
        if (waiting.get() >= MOST_ARRIVALS) {
            turnedAway.incrementAndGet();
            return;
        }
        var suspect = new Suspect(handle, table.ofSuspect(System.identityHashCode(socket)), tracked != null ? tracked.knownSince(now) : now,
                Origin.halfClosed(), numbers.getAndIncrement(), now);
        known = table.add(suspect);
        if (known != suspect) {
            // The reaper thread has found another sign of it in this moment.
            known.halfClosed(now);
            return;
        }
        suspect.join(tracked);
        keepUntilKnown(suspect, socket);
        waiting.incrementAndGet();
        arrivals.add(suspect);
        host.arrived();
    }

    private void keepUntilKnown(Tracked tracked, Object socket) {
        if (tracked.socket().isKnown()) {
            return;
        }
        if (held.incrementAndGet() > MOST_UNKNOWN && !makesRoom()) {
            held.decrementAndGet();
            letGo.incrementAndGet();
            return;
        }
        unknown.add(new Unknown(tracked, socket));
    }

    /** Those that come and go while the reaper thread is held up must not take the place of those that stay. */
    private boolean makesRoom() {
        for (int i = 0; i < LOOKS_FOR_ROOM; i++) {
            Unknown first = unknown.poll();
            if (first == null) {
                return false;
            }
            if (isOver(first.tracked())) {
                held.decrementAndGet();
                return true;
            }
            unknown.add(first);
        }
        return false;
    }

    /** Its descriptor is gone, as far as anybody is told. */
    private boolean isOver(Tracked tracked) {
        return tracked.isReleased() || !all && tracked instanceof Suspect suspect && suspect.closed();
    }

    /** A socket is known to the application by another object. */
    public void front(Object socket, Object front) {
        Tracked tracked = table.findAny(socket, number(socket));
        if (tracked != null) {
            tracked.socket().front(front);
        }
    }

    /** A read on a half-closed socket ended, or while traffic is wanted on any. */
    public void read(Object socket) {
        Suspect suspect = table.find(socket);
        if (suspect != null) {
            suspect.touchRead(clock.nanoTime());
        }
    }

    /** A write ended, while traffic is wanted. */
    public void wrote(Object socket) {
        touch(socket);
    }

    /** The interest of one of its selection keys changed. */
    public void interestChanged(Object socket) {
        touch(socket);
    }

    private void touch(Object socket) {
        Suspect suspect = table.find(socket);
        if (suspect != null) {
            suspect.touch(clock.nanoTime());
        }
    }

    /** Somebody closes it. */
    public void closed(Object socket) {
        Suspect suspect = table.find(socket);
        if (suspect != null && suspect.close()) {
            departures.add(suspect);
        }
    }

    /** Its descriptor is gone; with {@code track=all} only. */
    public void released(Object socket) {
        table.release(socket, number(socket));
    }

    // -- The reaper thread

    /** Other settings hold from now on, for leaks that were only reported too: they are judged again. */
    public void settings(Settings changed) {
        settings = changed;
        derive();
        for (Suspect suspect : schedule) {
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
    public List<Listed> list() {
        long now = clock.nanoTime();
        var list = new ArrayList<Listed>(schedule.size());
        for (Suspect suspect : schedule) {
            list.add(new Listed(suspect.number(), suspect, suspect.lastSighting, suspect.openCase,
                    TimeUnit.NANOSECONDS.toMillis(now - suspect.signAt()), TimeUnit.NANOSECONDS.toMillis(now - suspect.lastActivity()),
                    TimeUnit.NANOSECONDS.toMillis(suspect.timeout)));
        }
        return list;
    }

    /**
     * Releases a leak that was found and only reported, as if the settings asked for it: it is looked at once more, and every veto
     * holds but that of the timeout, which has passed before.
     *
     * @return true if its release has begun, or will be decided by the one thread that may look at it
     */
    public boolean release(Listed listed, Action action) {
        Suspect suspect = (Suspect) listed.finding();
        if (ended || !listed.isReported() || suspect.openCase != listed.openCase() || !schedule.remove(suspect)) {
            return false;
        }
        long now = clock.nanoTime();
        long next = period();
        try {
            Sighting sighting = suspect.socket().sight();
            if (sighting.hold() == Hold.DYING && suspect.socket().isAsking()) {
                suspect.wanted = action;
                next = SHORTEST_PERIOD;
                return true;
            }
            return release(suspect, sighting, action, now);
        } finally {
            schedule(suspect, now + next);
        }
    }

    private boolean release(Suspect suspect, Sighting sighting, Action action, long now) {
        if (!suspect.closed() && !suspect.isReleased()
                && (suspect.lastSighting == null || !sighting.differsOnTheWire(suspect.lastSighting))) {
            var evidence = new Evidence(sighting, TimeUnit.NANOSECONDS.toMillis(idle(suspect, now)),
                    TimeUnit.NANOSECONDS.toMillis(suspect.timeout), false);
            if (Judge.judge(evidence) instanceof Verdict.Leak) {
                Case opened = release.leakFound(suspect, evidence, action, now);
                if (opened != null) {
                    suspect.openCase = opened;
                }
            }
        }
        return suspect.openCase.inRelease();
    }

    /** Looks at all sockets that an inspection is about now, and not when they are due. With {@code track=all} only. */
    public void look(Inspection inspection) {
        long now = clock.nanoTime();
        takeEvents(now);
        inspection.begin(now);
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            for (Tracked tracked = table.chain(bucket); tracked != null; tracked = tracked.next) {
                if (!(tracked instanceof Suspect) && inspection.isAbout(tracked, now)) {
                    glance(bucket, tracked, now);
                    tracked.socket().rememberEndpoints();
                    inspection.seen(tracked, lookedAt(tracked.suspect, now), now);
                }
            }
        }
        for (Suspect suspect : schedule) {
            // Its entries may be gone already, with its descriptor, while nobody was told of it yet.
            if (suspect.openCase != null && suspect.openCase.inRelease() && !suspect.openCase.isOver()
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
            schedule(suspect, now + LONGEST_PERIOD);
            throw failure;
        }
        return schedule.contains(suspect) ? suspect : null;
    }

    /** A socket was found that may have been opened before the agent came. */
    public void discovered(Object socket) {
        if (table.findAny(socket, number(socket)) != null) {
            return;
        }
        SocketHandle handle = handles.handle(socket);
        if (handle == null) {
            return;
        }
        long now = clock.nanoTime();
        if (all) {
            // By identity: its number may be another's by now, which nobody who opens a socket need reckon with.
            var tracked = new Tracked(handle, Origin.BEFORE_ATTACH);
            tracked.metAt(now);
            table.addNew(ofIdentity(socket), tracked);
        } else if (handle.glance() == Glance.SIGN && handle.sight().kind() == LeakKind.HALF_CLOSED) {
            suspect(null, handle, now, Origin.BEFORE_ATTACH, now);
        }
    }

    /** Finds out what must be known of the sockets that came since the last round, and lets go of their objects. */
    public void meetArrivals() {
        for (int left = held.get(); left > 0; left--) {
            Unknown next = unknown.poll();
            if (next == null) {
                return;
            }
            boolean kept = false;
            try {
                SocketHandle handle = next.tracked().socket();
                if (!isOver(next.tracked()) && !handle.isKnown() && handle.glance() != Glance.GONE && !handle.isKnown()) {
                    unknown.add(next);
                    kept = true;
                }
            } finally {
                if (!kept) {
                    held.decrementAndGet();
                }
            }
        }
    }

    /** How many sockets are held until they are known. */
    int held() {
        return unknown.size();
    }

    @Override
    public void setPressure(boolean on) {
        if (on && !underPressure) {
            lookAtAll();
        }
        underPressure = on;
    }

    @Override
    public void lookAtAll() {
        long now = clock.nanoTime();
        nextSweep = now;
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            for (Tracked tracked = table.chain(bucket); tracked != null; tracked = tracked.next) {
                if (tracked.socket().inode() == 0) {
                    // so that it can be told from those that nobody knows
                    tracked.socket().glance();
                }
            }
        }
        var suspects = new ArrayList<>(schedule);
        schedule.clear();
        for (Suspect suspect : suspects) {
            schedule(suspect, now);
        }
    }

    @Override
    public boolean isBusy() {
        return release.isReleasing() || !schedule.isEmpty() && schedule.first().checkAt - clock.nanoTime() <= 0;
    }

    @Override
    public void counted(Census census) {
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
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            for (Tracked tracked = table.chain(bucket); tracked != null; tracked = tracked.next) {
                inodes.add(tracked.socket().inode());
            }
        }
        return inodes;
    }

    /**
     * Does everything that is due.
     *
     * @return the nano time of the next due thing, or {@link #NOTHING_TO_DO}
     */
    public long tick() {
        long now = clock.nanoTime();
        boolean late = expecting && isStop(expectedTick, now);
        if (late) {
            windowsStart = now;
        }
        takeEvents(now);
        sampler.refill(now);
        stacksShared = 0;
        if (all && nextSweep - now <= 0) {
            long start = now;
            if (sweep(now)) {
                late = true;
                windowsStart = sweptAt;
            }
            now = sweptAt;
            nextSweep = Math.max(start + sweepPeriod, now + rest(now - start));
        }
        long enough = now + LONGEST_CHECKS;
        while (!schedule.isEmpty() && schedule.first().checkAt - now <= 0 && (!underPressure || now - enough < 0)) {
            look(schedule.pollFirst(), now, late);
            long before = now;
            now = clock.nanoTime();
            if (isStop(before, now)) {
                // in the middle of a tick
                late = true;
                windowsStart = now;
            }
        }
        excused = false;
        host.wantTraffic(observed > 0);
        expecting = !schedule.isEmpty() || all;
        if (!expecting) {
            return NOTHING_TO_DO;
        }
        expectedTick = now + period();
        if (!schedule.isEmpty() && schedule.first().checkAt - expectedTick < 0) {
            expectedTick = schedule.first().checkAt;
        }
        if (schedule.isEmpty() || all && nextSweep - expectedTick < 0) {
            expectedTick = nextSweep;
        }
        if (expectedTick - now < 0) {
            expectedTick = now;
        }
        return expectedTick;
    }

    /**
     * Whether the JVM may have been stopped between two moments, so that all windows must begin anew. After an excuse it was
     * not for long: then that time only counts for nothing.
     */
    private boolean isStop(long from, long now) {
        long by = now - from;
        if (by <= lateness()) {
            return false;
        }
        if (!excused) {
            return true;
        }
        missed = by + (now - missedUntil < FORGET_MISSED ? missed : 0);
        missedUntil = now;
        return false;
    }

    /** A process full of sockets must not spend its time on looking at them; a thread that was held up once has not looked. */
    private long rest(long sweepLength) {
        long usual = Math.min(sweepLength, lastSweepLength);
        lastSweepLength = sweepLength;
        return usual * (underPressure ? SWEEP_REST_UNDER_PRESSURE : SWEEP_REST);
    }

    private long period() {
        return underPressure ? pressurePeriod : period;
    }

    /** True when a suspect waits that no tick has seen. Any thread. */
    public boolean hasArrivals() {
        return !arrivals.isEmpty();
    }

    private void takeEvents(long now) {
        for (Suspect suspect = arrivals.poll(); suspect != null; suspect = arrivals.poll()) {
            waiting.decrementAndGet();
            schedule(suspect, now + period());
        }
        sayDropped(now);
        for (Suspect suspect = departures.poll(); suspect != null; suspect = departures.poll()) {
            if (schedule.remove(suspect)) {
                look(suspect, now, false);
            }
        }
    }

    private void sayDropped(long now) {
        if (turnedAway.get() + letGo.get() == 0 && !sampler.hasCut() || saidDropped && now - saidDroppedAt < DROPPED_AGAIN) {
            return;
        }
        saidDropped = true;
        saidDroppedAt = now;
        long lost = turnedAway.getAndSet(0);
        if (lost > 0) {
            host.dropped(lost + " half-closed sockets came while the reaper thread was held up, and are not watched");
        }
        lost = letGo.getAndSet(0);
        if (lost > 0) {
            host.dropped(lost + " sockets were opened or half-closed while " + MOST_UNKNOWN + " others waited for their first look; those of "
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
            schedule(suspect, now + LONGEST_PERIOD);
            host.failed(failure);
        }
    }

    /**
     * A short look at every socket: takes out what is gone, and makes suspects of what shows a sign.
     *
     * @return true if it was stopped in between
     */
    private boolean sweep(long start) {
        boolean stopped = false;
        long before = start;
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            Tracked head = table.chain(bucket);
            if (head == null) {
                continue;
            }
            // After the head was read, so that nothing is dated before it was opened.
            long met = clock.nanoTime();
            stopped |= isStop(before, met);
            before = met;
            for (Tracked tracked = head; tracked != null; tracked = tracked.next) {
                if (!(tracked instanceof Suspect)) {
                    tracked.metAt(met);
                    glance(bucket, tracked, met);
                }
            }
        }
        sweptAt = clock.nanoTime();
        return stopped | isStop(before, sweptAt);
    }

    private void glance(int bucket, Tracked tracked, long now) {
        Glance glance = tracked.isReleased() ? Glance.GONE : tracked.socket().glance();
        // Again: what is found of a collected object counts only if no close of it was told before.
        if (glance == Glance.GONE || tracked.isReleased()) {
            table.remove(bucket, tracked);
            return;
        }
        if (tracked.origin.isBulky()) {
            tracked.origin = sampler.shared(tracked.origin);
        }
        if (glance == Glance.SIGN && tracked.suspect == null) {
            suspect(tracked, tracked.socket(), tracked.knownSince(now), tracked.origin, now);
        } else if (glance == Glance.SIGN && tracked.socket().is(null)) {
            collected(tracked.suspect, now);
        }
    }

    /** A leak that was only reported is looked at once per timeout; now that nobody can reach it, something may be done about it. */
    private void collected(Suspect suspect, long now) {
        Case reported = suspect == null ? null : suspect.openCase;
        if (reported != null && !reported.inRelease() && reported.kind() != LeakKind.UNREACHABLE
                && settings.action(LeakKind.UNREACHABLE) != Action.LOG && schedule.remove(suspect)) {
            schedule(suspect, now);
        }
    }

    private void suspect(Tracked tracked, SocketHandle handle, long knownSince, Origin origin, long now) {
        int bucket = table.ofSuspect(handle.identity());
        var suspect = new Suspect(handle, bucket, knownSince, origin, numbers.getAndIncrement(), now);
        Suspect known = table.add(suspect);
        known.join(tracked);
        if (known == suspect) {
            observe(suspect, true);
            host.wantTraffic(true);
            schedule(suspect, now);
        }
    }

    private void check(Suspect suspect, long now, boolean late) {
        Case openCase = suspect.openCase;
        if (openCase != null && openCase.inRelease()) {
            // A close seen meanwhile is our own, or the application's during our drain: the release tells how it ended.
            if (openCase.isRefused()) {
                suspect.openCase = null;
                suspect.touch(now);
                schedule(suspect, now + period);
            } else if (openCase.isOver()) {
                remove(suspect);
            } else {
                schedule(suspect, now + period());
            }
            return;
        }
        Sighting sighting = suspect.closed() || suspect.isReleased() ? Sighting.gone() : suspect.socket().sight();
        // Again: what is found of a collected object counts only if no close of it was told before.
        if (sighting.isGone() || suspect.closed() || suspect.isReleased()) {
            leave(suspect, openCase, now);
            return;
        }
        Action wanted = suspect.wanted;
        if (!suspect.socket().isAsking()) {
            suspect.wanted = null;
        }
        if (sighting.hold() == Hold.DYING) {
            // Nothing has happened to the socket; the collector, or the thread that may look, only needs more time.
            schedule(suspect, now + (suspect.socket().isAsking() ? SHORTEST_PERIOD : untilNextLook(suspect, now)));
            return;
        }
        if (wanted != null && openCase != null && !ended && release(suspect, sighting, wanted, now)) {
            schedule(suspect, now + period());
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
        observe(suspect, sighting.hold() == Hold.OPEN && !sighting.outputShut());
        suspect.timeout = TimeUnit.MILLISECONDS.toNanos(timeoutMillis(suspect, sighting, now));
        // A socket that is half-closed cannot be written any more, whatever a key of it still wants.
        if (sighting.reading() || sighting.readInterest() || sighting.writing() && !sighting.outputShut()) {
            suspect.touch(now);
        }
        if (openCase != null && suspect.lastActivity() - openCase.openedAt() > 0) {
            release.cameBackToLife(openCase, now);
            suspect.cameBackToLife();
        } else if (openCase != null && openCase.kind() != sighting.kind() && settings.action(sighting.kind()) != Action.LOG) {
            // Now it is lost for good, and something is to be done about that.
            suspect.openCase = null;
        }
        boolean differs = suspect.lastSighting != null && sighting.differsOnTheWire(suspect.lastSighting);
        // What the peer does to a reported leak is no sign that the application has come back for it.
        if (suspect.openCase == null && (suspect.lastSighting == null ? !isUrgent(sighting) : differs)) {
            suspect.touch(now);
        }
        boolean again = suspect.openCase != null && (suspect.toBeJudgedAgain || suspect.openCase.isSpared()) && !differs;
        if (suspect.lastSighting == null) {
            release.suspected(suspect, sighting, suspect.timeout, now);
        }
        suspect.lastSighting = sighting;
        if (schedule.size() >= MOST_OWN_STACKS && stacksShared < STACKS_PER_TICK && suspect.shareStack(sampler)) {
            stacksShared++;
        }
        boolean refused = (suspect.openCase == null || again) && judge(suspect, sighting, now, late);
        if (refused) {
            schedule(suspect, now + period());
        } else if (suspect.openCase == null) {
            schedule(suspect, now + untilNextLook(suspect, now));
        } else if (suspect.openCase.inRelease()) {
            observe(suspect, false);
            schedule(suspect, now + period());
        } else {
            schedule(suspect, now + Math.max(suspect.timeout, period()));
        }
    }

    private long timeoutMillis(Suspect suspect, Sighting sighting, long now) {
        Grade grade = Grade.of(sighting);
        long normal = settings.timeoutMillis(sighting.kind(), grade);
        if (!underPressure || grade == Grade.WEAK) {
            return normal;
        }
        long pressing = Math.min(normal, settings.pressureTimeoutMillis());
        return isUrgent(sighting) && now - suspect.knownSince(now) >= TimeUnit.MILLISECONDS.toNanos(pressing) ? 0 : pressing;
    }

    /**
     * Whether a look under pressure is enough: nobody can have used it since it was dropped, whenever that was, and a close
     * takes nothing from the peer. It only must be old enough.
     */
    private boolean isUrgent(Sighting sighting) {
        return underPressure && sighting.hold() == Hold.UNREACHABLE
                && (sighting.unreadBytes() == 0 || sighting.tcpState() == TcpState.CLOSE);
    }

    private void leave(Suspect suspect, Case openCase, long now) {
        boolean closed = suspect.closed() || suspect.isReleased();
        if (openCase != null && closed) {
            release.closedAfterAll(openCase, now);
        } else if (openCase != null && !suspect.vanished) {
            // Being closed this very moment, then the hook will say so; or collected, which closes nothing.
            suspect.vanished = true;
            schedule(suspect, now + period());
            return;
        }
        remove(suspect);
    }

    private void remove(Suspect suspect) {
        observe(suspect, false);
        suspect.leave();
        table.remove(suspect);
    }

    /** Whether the reads and writes of a suspect matter that the hook does not tell by itself. */
    private void observe(Suspect suspect, boolean matter) {
        if (suspect.observed != matter) {
            suspect.observed = matter;
            observed += matter ? 1 : -1;
        }
    }

    /** True for a leak that could not be claimed just now. */
    private boolean judge(Suspect suspect, Sighting sighting, long now, boolean late) {
        var evidence = new Evidence(sighting, TimeUnit.NANOSECONDS.toMillis(idle(suspect, now)),
                TimeUnit.NANOSECONDS.toMillis(suspect.timeout), late);
        if (paused || ended || Judge.judge(evidence) instanceof Verdict.Alive) {
            return false;
        }
        Case before = suspect.openCase;
        Case judged = before == null ? release.leakFound(suspect, evidence, now)
                : release.judgedAgain(before, suspect, evidence, now);
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
        return missed > 0 && since - missedUntil < 0 ? Math.max(0, now - since - missed) : now - since;
    }

    private long untilNextLook(Suspect suspect, long now) {
        long untilDeadline = suspect.timeout - idle(suspect, now);
        long untilChangesShow = suspect.timeout / LOOKS_PER_TIMEOUT;
        // A deadline that has passed waits for a change, e.g. for input of a client that waits for its answer.
        return untilDeadline > 0 ? Math.max(SHORTEST_PERIOD, Math.min(untilChangesShow, untilDeadline))
                : Math.max(period(), untilChangesShow);
    }

    private void schedule(Suspect suspect, long at) {
        suspect.checkAt = at;
        schedule.add(suspect);
    }
}
