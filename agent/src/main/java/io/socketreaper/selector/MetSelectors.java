package io.socketreaper.selector;

import java.lang.ref.WeakReference;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Selectors that were met and that the reaper thread has not asked for yet. Without a lock; any thread. */
final class MetSelectors {
    /** More come only while the reaper thread is blocked, or channels are not watched. */
    static final int MOST = 1 << 12;

    private final Queue<WeakReference<Object>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** The oldest is dropped if there are too many: a program that opens a selector per request has closed that one by now. */
    void add(Object selector) {
        waiting.add(new WeakReference<>(selector));
        if (count.incrementAndGet() > MOST) {
            take();
        }
    }

    private @Nullable WeakReference<Object> take() {
        WeakReference<Object> oldest = waiting.poll();
        if (oldest != null) {
            count.decrementAndGet();
        }
        return oldest;
    }

    /** The oldest that still exists; null if there is none. */
    @Nullable
    Selector next() {
        for (WeakReference<Object> reference = take(); reference != null; reference = take()) {
            if (reference.get() instanceof Selector selector) {
                return selector;
            }
        }
        return null;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    int size() {
        return waiting.size();
    }
}
