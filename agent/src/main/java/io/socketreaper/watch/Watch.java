package io.socketreaper.watch;

import io.socketreaper.judge.Evidence;
import io.socketreaper.judge.Judge;
import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.Verdict;
import io.socketreaper.release.Case;
import io.socketreaper.release.Release;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.SocketHandle;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The suspects and their deadlines.
 *
 * <p>{@link #halfClosed}, {@link #read}, {@link #interestChanged} and {@link #closed} are called on application threads:
 * no lock, no I/O, no logging. {@link #tick} belongs to the reaper thread.
 *
 * <p>A suspect is looked at {@value #LOOKS_PER_TIMEOUT} times per timeout, because the kernel does not say <em>when</em>
 * the unread input last grew; a change counts as activity at the look that finds it, so the window errs on the long side.
 */
public final class Watch {
    private static final int LOOKS_PER_TIMEOUT = 10;
    private static final long SHORTEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_PERIOD = TimeUnit.SECONDS.toNanos(1);
    private static final long LEAST_LATENESS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MOST_LATENESS = TimeUnit.SECONDS.toNanos(5);
    /** {@link #tick} returns it when nothing is to be done until an event comes. */
    public static final long NOTHING_TO_DO = Long.MAX_VALUE;

    private final Clock clock;
    private final Function<Object, SocketHandle> handles;
    private final Release release;
    private final long timeoutNanos;
    private final long period;
    private final long lateness;

    private final SuspectTable table = new SuspectTable();
    private final Queue<Suspect> arrivals = new ConcurrentLinkedQueue<>();
    private final Queue<Suspect> departures = new ConcurrentLinkedQueue<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Runnable onArrival;

    // -- The fields below belong to the reaper thread.

    private final TreeSet<Suspect> schedule = new TreeSet<>();
    private boolean expecting;
    private long expectedTick;
    /** Nothing before this moment counts as idle time; moved when the agent itself was late. */
    private long windowsStart;

    /**
     * @param timeoutMillis how long a suspect must be idle, 100 ms and more
     * @param handles       makes the handle of a socket, null for one that is not to be watched; called on application
     *                      threads
     * @param release       where a leak goes
     * @param onArrival     called on application threads after a suspect has arrived; wakes the reaper thread
     */
    public Watch(Clock clock, long timeoutMillis, Function<Object, SocketHandle> handles, Release release,
                 Runnable onArrival) {
        this.clock = clock;
        this.handles = handles;
        this.release = release;
        this.onArrival = onArrival;
        this.windowsStart = clock.nanoTime();
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        this.period = clamp(timeoutNanos / LOOKS_PER_TIMEOUT, SHORTEST_PERIOD, LONGEST_PERIOD);
        this.lateness = clamp(timeoutNanos / 4, Math.min(LEAST_LATENESS, timeoutNanos / 2), MOST_LATENESS);
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }

    // -- Events, on application threads

    /** The application has shut the socket's output. */
    public void halfClosed(Object socket) {
        long now = clock.nanoTime();
        Suspect known = table.find(socket);
        if (known != null) {
            known.touch(now);
            return;
        }
        SocketHandle handle = handles.apply(socket);
        if (handle == null) {
            return;
        }
        var suspect = new Suspect(handle, numbers.getAndIncrement(), System.identityHashCode(socket), now,
                nameOf(Thread.currentThread()), new Throwable());
        if (table.add(suspect, socket)) {
            arrivals.add(suspect);
            onArrival.run();
        }
    }

    /** Virtual threads mostly have no name. */
    private static String nameOf(Thread thread) {
        String name = thread.getName();
        return name.isEmpty() ? thread.toString() : name;
    }

    /** A half-closed socket is known to the application by another object. */
    public void front(Object socket, Object front) {
        Suspect suspect = table.find(socket);
        if (suspect != null) {
            suspect.socket().front(front);
        }
    }

    /** A read on a half-closed socket ended. */
    public void read(Object socket) {
        Suspect suspect = table.find(socket);
        if (suspect != null) {
            suspect.touchRead(clock.nanoTime());
        }
    }

    /** The interest of one of its selection keys changed. */
    public void interestChanged(Object socket) {
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

    // -- The reaper thread

    /**
     * Does everything that is due.
     *
     * @return the nano time of the next due thing, or {@link #NOTHING_TO_DO}
     */
    public long tick() {
        long now = clock.nanoTime();
        boolean late = expecting && now - expectedTick > lateness;
        if (late) {
            windowsStart = now;
        }
        takeEvents(now);
        while (!schedule.isEmpty() && schedule.first().checkAt - now <= 0) {
            Suspect due = schedule.pollFirst();
            try {
                check(due, now, late);
            } catch (RuntimeException | Error failure) {
                schedule(due, now + timeoutNanos);
                throw failure;
            }
            long before = now;
            now = clock.nanoTime();
            if (now - before > lateness) {
                // stopped in the middle of a tick
                late = true;
                windowsStart = now;
            }
        }
        expecting = !schedule.isEmpty();
        if (!expecting) {
            return NOTHING_TO_DO;
        }
        expectedTick = Math.min(now + period, schedule.first().checkAt);
        return expectedTick;
    }

    /** True when a suspect waits that no tick has seen. Any thread. */
    public boolean hasArrivals() {
        return !arrivals.isEmpty();
    }

    private void takeEvents(long now) {
        for (Suspect suspect = arrivals.poll(); suspect != null; suspect = arrivals.poll()) {
            schedule(suspect, now + period);
        }
        for (Suspect suspect = departures.poll(); suspect != null; suspect = departures.poll()) {
            if (schedule.remove(suspect)) {
                check(suspect, now, false);
            }
        }
    }

    private void check(Suspect suspect, long now, boolean late) {
        Case openCase = suspect.openCase;
        if (openCase != null && openCase.inRelease()) {
            // A close seen meanwhile is our own, or the application's during our drain: the release tells how it ended.
            if (openCase.isOver()) {
                table.remove(suspect);
            } else {
                schedule(suspect, now + period);
            }
            return;
        }
        Sighting sighting = suspect.closed() ? Sighting.gone() : suspect.socket().sight();
        if (!sighting.open()) {
            leave(suspect, openCase, now);
            return;
        }
        if (sighting.reach() == Sighting.Reach.DYING) {
            // Nothing has happened to the socket; the collector only needs more time.
            schedule(suspect, now + untilNextLook(suspect, now));
            return;
        }
        if (sighting.reading() || sighting.readInterest()) {
            suspect.touch(now);
        }
        if (openCase != null && suspect.lastActivity() - openCase.openedAt() > 0) {
            release.cameBackToLife(openCase, now);
            suspect.openCase = null;
        }
        // What the peer does to a reported leak is no sign that the application has come back for it.
        if (suspect.openCase == null
                && (suspect.lastSighting == null || sighting.differsOnTheWire(suspect.lastSighting))) {
            suspect.touch(now);
        }
        suspect.lastSighting = sighting;
        boolean refused = suspect.openCase == null && judge(suspect, sighting, now, late);
        schedule(suspect, now + (suspect.openCase != null ? timeoutNanos : refused ? period : untilNextLook(suspect, now)));
    }

    private void leave(Suspect suspect, Case openCase, long now) {
        if (openCase != null && suspect.closed()) {
            release.closedAfterAll(openCase, now);
        } else if (openCase != null && !suspect.vanished) {
            // Being closed this very moment, then the hook will say so; or collected, which closes nothing.
            suspect.vanished = true;
            schedule(suspect, now + period);
            return;
        }
        table.remove(suspect);
    }

    /** True for a leak that could not be claimed just now. */
    private boolean judge(Suspect suspect, Sighting sighting, long now, boolean late) {
        var evidence = new Evidence(sighting.kind(), sighting,
                TimeUnit.NANOSECONDS.toMillis(now - idleSince(suspect)), TimeUnit.NANOSECONDS.toMillis(timeoutNanos), late,
                false, false);
        if (Judge.judge(evidence) instanceof Verdict.Alive) {
            return false;
        }
        suspect.openCase = release.leakFound(suspect, evidence, now);
        return suspect.openCase == null;
    }

    private long idleSince(Suspect suspect) {
        long lastActivity = suspect.lastActivity();
        return lastActivity - windowsStart > 0 ? lastActivity : windowsStart;
    }

    private long untilNextLook(Suspect suspect, long now) {
        long untilDeadline = idleSince(suspect) + timeoutNanos - now;
        long untilChangesShow = timeoutNanos / LOOKS_PER_TIMEOUT;
        // A deadline that has passed waits for a change, e.g. for input of a client that waits for its answer.
        return Math.max(period, untilDeadline > 0 ? Math.min(untilChangesShow, untilDeadline) : untilChangesShow);
    }

    private void schedule(Suspect suspect, long at) {
        suspect.checkAt = at;
        schedule.add(suspect);
    }
}
