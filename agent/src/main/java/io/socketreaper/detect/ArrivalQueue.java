package io.socketreaper.detect;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * New suspects, found by application threads, that wait for the reaper thread to schedule them. Bounded, because each holds its
 * stack. Application threads call {@link #accepts} and {@link #add}, without a lock; the reaper thread takes.
 */
final class ArrivalQueue {
    /** Suspects with their stacks, while the reaper thread is held up: some fifty megabytes at most. */
    static final int CAPACITY = 1 << 14;
    /** From this number on the reaper thread is woken instead of left to wake by itself. */
    static final int CROWD = CAPACITY / 8;

    private final Queue<Suspect> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();

    /** Whether there is room for one more; if not, the socket counts as dropped. Threads that ask at once may exceed the bound a little. */
    boolean accepts() {
        if (size.get() < CAPACITY) {
            return true;
        }
        dropped.incrementAndGet();
        return false;
    }

    /** Adds a suspect. Returns true if that makes a {@link #CROWD}. */
    boolean add(Suspect suspect) {
        int count = size.incrementAndGet();
        boolean added = false;
        try {
            added = queue.add(suspect);
        } finally {
            if (!added) {
                size.decrementAndGet();
            }
        }
        return count == CROWD;
    }

    /** Takes the oldest; null if none waits. */
    Suspect poll() {
        Suspect suspect = queue.poll();
        if (suspect != null) {
            size.decrementAndGet();
        }
        return suspect;
    }

    boolean isEmpty() {
        return queue.isEmpty();
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
