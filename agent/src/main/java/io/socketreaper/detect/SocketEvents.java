package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.HandleFactory;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.ReaperThread;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Records what application threads do with their sockets. No lock, no I/O, no logging; and no allocation, except for a socket that is
 * opened or half-closed, for an end of input that is dated, and for a stack that is taken.
 *
 * <p>Most events are of sockets that are no suspects; they find no entry in the {@link SocketRegistry} and have no effect.
 */
@ApplicationThread
public final class SocketEvents {
    /** Half-closed sockets, each with its stack, that wait while the reaper thread is held up: some fifty megabytes at most. */
    static final int MOST_ARRIVALS = 1 << 14;
    /** From this number on the reaper thread is woken instead of left to wake by itself. */
    static final int MANY_ARRIVALS = MOST_ARRIVALS / 8;

    private final Clock clock;
    /** Whether every socket is watched. */
    private volatile boolean all;

    private final HandleFactory handles;
    private final SocketRegistry registry;
    private final StackSampler openings;
    private final StackSampler endsOfInput;
    private final UseSampler uses;
    private final BoundedQueue<Suspect> arrivals;
    private final UnidentifiedSockets unidentified;
    private final Schedule schedule;
    private final Detector.Host host;
    /** Whether reads and writes of open sockets are to be noted. Plain: a few that are missed do no harm. */
    private boolean observesOpen;

    private final Queue<Suspect> closed = new ConcurrentLinkedQueue<>();

    SocketEvents(
            Clock clock,
            boolean all,
            HandleFactory handles,
            SocketRegistry registry,
            StackSamplers stacks,
            BoundedQueue<Suspect> arrivals,
            UnidentifiedSockets unidentified,
            Schedule schedule,
            Detector.Host host) {
        this.clock = clock;
        this.all = all;
        this.handles = handles;
        this.registry = registry;
        this.openings = stacks.openings();
        this.endsOfInput = stacks.endsOfInput();
        this.uses = stacks.uses();
        this.arrivals = arrivals;
        this.unidentified = unidentified;
        this.schedule = schedule;
        this.host = host;
    }

    /** From now on every socket is watched; the registry has room for them. */
    @ReaperThread
    void watchAll() {
        all = true;
    }

    /** A socket was opened or accepted; told with {@code track=all} only. */
    public void opened(Object socket) {
        SocketHandle handle = handles.handle(socket);
        if (handle == null) {
            return;
        }
        handle.opened(socket);
        OpenSocket tracked = tracked(handle);
        unidentified.holdUntilKnown(tracked, socket);
        int number = number(socket);
        if (number < 0) {
            registry.addByIdentity(socket, tracked);
        } else {
            registry.addOpened(number, tracked);
        }
    }

    /** A socket was found that no event had told of when it was opened. Tracked with {@code track=all} only. Any thread. */
    public void openedEarly(Object socket) {
        SocketHandle handle = all ? handles.handle(socket) : null;
        if (handle != null) {
            // By identity: its number may be another's by now, and threads that open sockets do not expect it there.
            var tracked = new OpenSocket(handle, CapturedStack.BEFORE_ATTACH);
            tracked.metAt(clock.nanoTime());
            registry.addByIdentity(socket, tracked);
        }
    }

    /** Whether no event has told of the socket yet. */
    public boolean isUnknown(Object socket) {
        return registry.findAny(socket, number(socket)) == null;
    }

    /** The number of the socket's descriptor, if it is found by that; otherwise -1. */
    int number(Object socket) {
        return all ? handles.number(socket) : -1;
    }

    /** With its stack and its date, or without both while many sockets are opened: the next sweep will date it. */
    private OpenSocket tracked(SocketHandle handle) {
        if (!openings.isDue()) {
            return new OpenSocket(handle, CapturedStack.NOT_SAMPLED);
        }
        long now = clock.nanoTime();
        var tracked = new OpenSocket(handle, openings.sample(now));
        tracked.metAt(now);
        return tracked;
    }

    /** The application has shut the socket's output, which makes it a suspect. */
    public void halfClosed(Object socket) {
        try {
            suspectHalfClosed(socket);
        } catch (Error error) {
            // Out of memory, or of stack: a field can be set all the same.
            schedule.mayMissSuspects();
            host.arrived();
            throw error;
        }
    }

    private void suspectHalfClosed(Object socket) {
        long now = clock.nanoTime();
        Suspect known = registry.find(socket);
        if (known != null) {
            halfClosedAgain(known, socket, now);
            return;
        }
        OpenSocket tracked = registry.findOpen(socket, number(socket));
        SocketHandle handle = tracked != null ? tracked.socket() : handles.handle(socket);
        if (handle == null) {
            return;
        }
        handle.halfClosed(socket);
        if (arrivals.isFull()) {
            arrivals.drop();
            return;
        }
        Suspect suspect = registry.newSuspect(
                handle,
                System.identityHashCode(socket),
                tracked != null ? tracked.knownSince(now) : now,
                CapturedStack.halfClosed(),
                now);
        known = registry.add(suspect);
        if (known != suspect) {
            // The reaper thread has found another sign of it in this moment.
            halfClosedAgain(known, socket, now);
            return;
        }
        suspect.join(tracked);
        unidentified.holdUntilKnown(suspect, socket);
        if (arrivals.add(suspect) == MANY_ARRIVALS) {
            host.crowded();
        } else {
            host.arrived();
        }
    }

    private static void halfClosedAgain(Suspect known, Object socket, long now) {
        known.socket().halfClosed(socket);
        known.halfClosed(now);
    }

    /**
     * The application holds the socket by another object.
     *
     * @param holder such as the {@code Socket} around the implementation that the other events name
     */
    public void heldThrough(Object socket, Object holder) {
        TrackedSocket<?> tracked = registry.findAny(socket, number(socket));
        if (tracked != null) {
            tracked.socket().heldThrough(holder);
        }
    }

    /** A read brought bytes; told of half-closed sockets, and while traffic is wanted of all. */
    public void read(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            long now = clock.nanoTime();
            suspect.delivered(now, leavesInput(suspect, socket, now));
        }
        if (observesOpen) {
            touch(socket, false);
        }
    }

    /** From now on reads and writes of open sockets are noted, or not. Returns which. */
    @ReaperThread
    boolean observeOpen(boolean on) {
        if (observesOpen != on) {
            observesOpen = on;
        }
        return on;
    }

    private void touch(Object socket, boolean wrote) {
        OpenSocket open = registry.findOpen(socket, number(socket));
        if (open != null) {
            if (!open.touched) {
                open.touched = true;
            }
            uses.used(open, wrote);
        }
    }

    /** A read brought no bytes: no input, the end of it, a failure. Told as {@link #read}. */
    public void readNothing(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.readInVain(clock.nanoTime());
        }
        if (observesOpen) {
            OpenSocket open = registry.findOpen(socket, number(socket));
            if (open != null) {
                uses.used(open, false);
            }
        }
    }

    /** A layer above the socket that keeps what it has read, such as TLS, gave bytes to the application. Told as {@link #read}. */
    public void layerDelivered(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            long now = clock.nanoTime();
            suspect.deliveredByLayer(now, leavesInput(suspect, socket, now));
        }
        if (observesOpen) {
            touch(socket, false);
        }
    }

    /** Asked only where the answer matters, because it costs a system call. */
    private static boolean leavesInput(Suspect suspect, Object socket, long now) {
        return suspect.mayHaveReadAtOnce(now) && suspect.socket().leavesInput(socket);
    }

    /** A half-closed socket is read by a layer above it, which may need several reads for one of the application's. */
    public void readByLayer(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.belowALayer();
        }
    }

    /** The input of the layer above has ended, and that of the socket has not: from here on the application reads the socket itself. */
    public void layerEnded(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.layerEnded();
        }
    }

    /** The application asks how much input there is. Told as {@link #read}. */
    public void polledInput(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.polled(clock.nanoTime());
        }
    }

    /**
     * A read returned -1; told of all sockets with {@code track=all}, otherwise of half-closed ones. That happens once for nearly every
     * connection, and most of them are closed at once: so the stack is sampled, as that of an opening is, and the clock is read only
     * with a sample.
     */
    public void endOfInput(Object socket) {
        TrackedSocket<?> tracked = registry.findAny(socket, number(socket));
        if (tracked != null && tracked.endOfInput == null) {
            if (endsOfInput.isDue()) {
                long now = clock.nanoTime();
                tracked.endOfInput = EndOfInput.told(now, endsOfInput.sample(now));
            } else {
                tracked.endOfInput = EndOfInput.UNDATED;
            }
        }
    }

    /** A read of the layer above the socket returned -1; told as {@link #endOfInput}. */
    public void layerEndOfInput(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.endOfLayersInput(clock.nanoTime());
        }
        endOfInput(socket);
    }

    /** A write has ended; told while traffic is wanted. */
    public void wrote(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.wrote(clock.nanoTime());
        }
        if (observesOpen) {
            touch(socket, true);
        }
    }

    /** The interest of one of the socket's selection keys changed. */
    public void interestChanged(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null) {
            suspect.interestChanged(clock.nanoTime());
        }
    }

    /** The socket is being closed. */
    public void closed(Object socket) {
        Suspect suspect = registry.find(socket);
        if (suspect != null && suspect.close()) {
            closed.add(suspect);
        }
    }

    /** The socket's descriptor is gone; told with {@code track=all} only. */
    public void released(Object socket) {
        OpenSocket open = registry.release(socket, number(socket));
        if (open != null) {
            // One that no sweep has met tells no more than that it was short-lived: the clock is not read for it.
            OpenSite site = open.origin.openSite;
            if (site != null) {
                site.leave(open, clock.nanoTime());
            }
        }
    }

    /** Takes a suspect that was closed; null if there is none. */
    @ReaperThread
    Suspect pollClosed() {
        return closed.poll();
    }

    /** Whether {@link #pollClosed} has one to give. */
    @AnyThread
    boolean hasClosed() {
        return !closed.isEmpty();
    }
}
