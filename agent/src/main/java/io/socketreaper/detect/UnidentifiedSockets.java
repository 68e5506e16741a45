package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.ReaperThread;

/**
 * Holds the objects of sockets whose handles do not know their descriptors yet: if such an object were collected, the descriptor that
 * it leaves behind could not be found. Each is held until its handle is known, until it is closed, or until it has to make room.
 */
final class UnidentifiedSockets {
    /** Sockets, closed ones among them: some megabytes, and what the application has tied to them. */
    static final int CAPACITY = 1 << 13;
    /** How many of the oldest a thread that finds the queue full examines for one that is over. */
    private static final int EXAMINED_FOR_ROOM = 4;

    private record Held(TrackedSocket<?> tracked, Object socket) {}

    /** Whether the hook tells of releases, so that a close alone does not end a socket; true with {@code track=all}. */
    private volatile boolean releasesAreTold;

    private final BoundedQueue<Held> queue = new BoundedQueue<>(CAPACITY);

    UnidentifiedSockets(boolean releasesAreTold) {
        this.releasesAreTold = releasesAreTold;
    }

    /** From now on the hook tells of releases. */
    void releasesAreTold() {
        releasesAreTold = true;
    }

    /** Keeps the object from being collected until {@link #identify} finds that its handle is known. */
    @ApplicationThread
    void holdUntilKnown(TrackedSocket<?> tracked, Object socket) {
        if (tracked.socket().isKnown()) {
            return;
        }
        if (queue.isFull() && !makesRoom()) {
            queue.drop();
            return;
        }
        queue.add(new Held(tracked, socket));
    }

    /** Sockets that come and go while the reaper thread is held up must not take the place of those that stay. */
    private boolean makesRoom() {
        for (int i = 0; i < EXAMINED_FOR_ROOM; i++) {
            Held oldest = queue.poll();
            if (oldest == null || oldest.tracked().isOver(releasesAreTold)) {
                return true;
            }
            queue.add(oldest);
        }
        return false;
    }

    /** Has each handle find out its descriptor, and lets go of the objects whose handles are known or that are over. */
    @ReaperThread
    void identify() {
        for (int left = queue.size(); left > 0; left--) {
            Held next = queue.poll();
            if (next == null) {
                return;
            }
            if (isUnknown(next.tracked())) {
                queue.add(next);
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

    /** Whether sockets found no room since the last {@link #takeDropped}. */
    boolean hasDropped() {
        return queue.hasDropped();
    }

    /** How many sockets found no room since the last call. */
    long takeDropped() {
        return queue.takeDropped();
    }
}
