package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds the objects of sockets whose handles do not know their descriptors yet: if such an object were collected, the descriptor that
 * it leaves behind could not be found. Each is held until its handle is known, until it is closed, or until it has to make room.
 * Application threads call {@link #holdUntilKnown}, without a lock; the reaper thread calls the rest.
 */
final class UnidentifiedSockets {
    /** Sockets, closed ones among them: some megabytes, and what the application has tied to them. */
    static final int CAPACITY = 1 << 13;
    /** How many of the oldest a thread that finds the queue full examines for one that is over. */
    private static final int EXAMINED_FOR_ROOM = 4;

    private record Held(TrackedSocket<?> tracked, Object socket) {}

    /** Whether the hook tells of releases, so that a close alone does not end a socket; true with {@code track=all}. */
    private final boolean releasesAreTold;

    private final Queue<Held> queue = new ConcurrentLinkedQueue<>();
    /** At least the number of entries in the queue. */
    private final AtomicInteger size = new AtomicInteger();

    private final AtomicLong dropped = new AtomicLong();

    UnidentifiedSockets(boolean releasesAreTold) {
        this.releasesAreTold = releasesAreTold;
    }

    /** Keeps the object from being collected until {@link #identify} finds that its handle is known. */
    void holdUntilKnown(TrackedSocket<?> tracked, Object socket) {
        if (tracked.socket().isKnown()) {
            return;
        }
        if (size.incrementAndGet() > CAPACITY && !makesRoom()) {
            size.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        boolean added = false;
        try {
            added = queue.add(new Held(tracked, socket));
        } finally {
            if (!added) {
                size.decrementAndGet();
            }
        }
    }

    /** Sockets that come and go while the reaper thread is held up must not take the place of those that stay. */
    private boolean makesRoom() {
        for (int i = 0; i < EXAMINED_FOR_ROOM; i++) {
            Held oldest = queue.poll();
            if (oldest == null) {
                return false;
            }
            boolean kept = false;
            try {
                kept = !oldest.tracked().isOver(releasesAreTold) && queue.add(oldest);
            } finally {
                if (!kept) {
                    size.decrementAndGet();
                }
            }
            if (!kept) {
                return true;
            }
        }
        return false;
    }

    /** Has each handle find out its descriptor, and lets go of the objects whose handles are known or that are over. */
    void identify() {
        for (int left = size.get(); left > 0; left--) {
            Held next = queue.poll();
            if (next == null) {
                return;
            }
            boolean kept = false;
            try {
                if (isUnknown(next.tracked())) {
                    queue.add(next);
                    kept = true;
                }
            } finally {
                if (!kept) {
                    size.decrementAndGet();
                }
            }
        }
    }

    private boolean isUnknown(TrackedSocket<?> tracked) {
        SocketHandle handle = tracked.socket();
        return !tracked.isOver(releasesAreTold)
                && !handle.isKnown()
                && handle.quickCheck() != QuickCheck.GONE
                && !handle.isKnown();
    }

    /** How many objects are held. */
    int size() {
        return queue.size();
    }

    /** Whether {@link #takeDropped} has sockets to tell of. */
    boolean hasDropped() {
        return dropped.get() > 0;
    }

    /** How many sockets found no room since the last call. */
    long takeDropped() {
        return dropped.getAndSet(0);
    }
}
