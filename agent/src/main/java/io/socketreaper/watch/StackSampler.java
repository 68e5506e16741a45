package io.socketreaper.watch;

import io.socketreaper.report.Sign;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes the stacks of opened sockets: all of them while few are opened, and never more than {@value #PER_SECOND} a second,
 * because a stack costs some microseconds and a server may open ten thousand sockets in that time.
 */
final class StackSampler {
    /** At 3 microseconds a stack this is less than a thousandth of one processor. */
    private static final int PER_SECOND = 200;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static final int MOST_PLACES = 1024;

    /** Reaper thread only. */
    private final Map<List<StackTraceElement>, Origin> places = new HashMap<>();
    private final AtomicInteger left = new AtomicInteger(PER_SECOND);
    private volatile long filledAt;

    StackSampler(long now) {
        this.filledAt = now;
    }

    /** Any thread. Two threads that fill at once give a few stacks more, which is harmless. */
    Origin opened(long now) {
        if (now - filledAt > SECOND) {
            filledAt = now;
            left.set(PER_SECOND);
        }
        if (left.get() <= 0 || left.getAndDecrement() <= 0) {
            return Origin.NOT_SAMPLED;
        }
        return new Origin(Sign.OPENED, "");
    }

    /** One for all sockets opened in the same place, bounded. Reaper thread only. */
    Origin shared(Origin origin) {
        List<StackTraceElement> stack = Arrays.asList(origin.stack());
        Origin same = places.get(stack);
        if (same != null) {
            return same;
        }
        if (places.size() >= MOST_PLACES) {
            return Origin.NOT_SAMPLED;
        }
        places.put(stack, origin);
        return origin;
    }
}
