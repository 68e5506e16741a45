package io.socketreaper.control;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the agent that is asked for at most once a second, however many clients read it. Any thread; a thread that asks waits for
 * one that is asking already.
 */
public final class CachedAnswer<T> {
    private static final long FRESH = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<T> source;
    /** Null if the source must be asked. Guarded by this. */
    private @Nullable T answer;

    private long askedAt;

    /** @param source makes the answer; {@link #get} passes its exceptions on */
    public CachedAnswer(Supplier<T> source) {
        this.source = source;
    }

    /** The answer, at most a second old. */
    public synchronized T get() {
        if (answer == null || System.nanoTime() - askedAt >= FRESH) {
            answer = source.get();
            askedAt = System.nanoTime();
        }
        return answer;
    }

    /** Makes the next {@link #get} ask again, because something was changed. */
    public synchronized void forget() {
        answer = null;
    }
}
