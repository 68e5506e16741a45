package io.socketreaper.selector;

import io.socketreaper.model.Clock;
import java.lang.ref.WeakReference;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether the selection that is under way on one selector is to be repeated: it has ended only because the agent has woken it, so that
 * without the agent it would still last. In doubt it is not. Only for the thread whose selection was the last to begin: of that one it is
 * known when it began.
 */
final class Repetition {
    static final long NOT_IN_VAIN = -1;
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The thread whose selection was woken; null if none was since the last beginning. */
    private volatile @Nullable WeakReference<Thread> woken;
    /** When the last selection with a limit of time began. Written after the thread of that selection. */
    private volatile long startedAt;

    private volatile boolean hasStarted;

    /** The thread that makes it. */
    void selectionBegins() {
        if (woken != null) {
            woken = null;
        }
    }

    /** A selection with a limit of time begins. The thread that makes it. */
    void startsAt(long time) {
        startedAt = time;
        if (!hasStarted) {
            hasStarted = true;
        }
    }

    /**
     * The calling thread's selection has seen the agent's wake-up and no other.
     *
     * @param last the thread whose selection began last
     */
    void wokenByAgent(@Nullable WeakReference<Thread> last) {
        woken = last != null && last.refersTo(Thread.currentThread()) ? last : null;
    }

    /** When the last selection with a limit of time began; to be read before the thread whose selection began last. */
    long startedAt() {
        return startedAt;
    }

    /**
     * See {@link Selections#lastedInVain}. {@code Long.MAX_VALUE} if it is not known when it began.
     *
     * @param start see {@link #startedAt()}
     * @param last  the thread whose selection began last
     */
    long lastedInVain(Selector selector, long start, @Nullable WeakReference<Thread> last, Clock clock) {
        WeakReference<Thread> thread = woken;
        if (thread == null) {
            return NOT_IN_VAIN;
        }
        woken = null;
        if (!isOfCaller(thread, last) || !wouldStillLast(selector)) {
            return NOT_IN_VAIN;
        }
        if (!hasStarted) {
            return Long.MAX_VALUE;
        }
        long time = clock.nanoTime();
        long lasted = Math.max(time - start, 0);
        // What is repeated has so many whole milliseconds less; the rest counts the next time.
        startedAt = time - lasted % NANOS;
        return lasted / NANOS;
    }

    @SuppressWarnings("ReferenceEquality") // one for each change of the thread
    private static boolean isOfCaller(WeakReference<Thread> thread, @Nullable WeakReference<Thread> last) {
        return thread == last && thread.refersTo(Thread.currentThread());
    }

    /** One without keys would last for ever: the agent may have closed what it waited for. */
    private static boolean wouldStillLast(Selector selector) {
        return !Thread.currentThread().isInterrupted()
                && selector.isOpen()
                && selector.selectedKeys().isEmpty()
                && !selector.keys().isEmpty();
    }
}
