package io.socketreaper.detect;

import io.socketreaper.thread.AnyThread;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A queue without a lock that counts the elements which found no room. Its bound is checked before an element is made; threads that do so
 * at the same moment may exceed it by their number.
 */
@AnyThread
final class BoundedQueue<E> {
    private final int capacity;
    private final Queue<E> queue = new ConcurrentLinkedQueue<>();
    /** At least the number of elements. */
    private final AtomicInteger size = new AtomicInteger();

    private final AtomicLong dropped = new AtomicLong();

    BoundedQueue(int capacity) {
        this.capacity = capacity;
    }

    boolean isFull() {
        return size.get() >= capacity;
    }

    /** Adds an element. Returns how many there are now. */
    int add(E element) {
        int count = size.incrementAndGet();
        boolean added = false;
        try {
            added = queue.add(element);
        } finally {
            if (!added) {
                size.decrementAndGet();
            }
        }
        return count;
    }

    /** Takes the oldest element; null if there is none. */
    E poll() {
        E element = queue.poll();
        if (element != null) {
            size.decrementAndGet();
        }
        return element;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    int size() {
        return size.get();
    }

    /** An element found no room. */
    void drop() {
        dropped.incrementAndGet();
    }

    /** Whether elements were dropped since the last {@link #takeDropped}. */
    boolean hasDropped() {
        return dropped.get() > 0;
    }

    /** How many elements were dropped since the last call. */
    long takeDropped() {
        return dropped.getAndSet(0);
    }
}
