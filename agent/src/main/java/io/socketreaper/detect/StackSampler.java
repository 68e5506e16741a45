package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes the stacks of opened sockets, or those of ends of input: all of them while there are few, and never more than
 * {@value #PER_SECOND} a second, because a stack costs some microseconds and a server may open ten thousand sockets in that time.
 *
 * <p>Once those are used up, a thread that opens a socket, or is told the end of its input, does not read the clock either. The reaper
 * thread does, and every {@value #SELDOM}th opening, so at most {@value #SELDOM} sockets go without a stack after the second is over.
 */
final class StackSampler {
    /** At 3 microseconds a stack this is less than a thousandth of one processor. */
    private static final int PER_SECOND = 200;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A power of two. */
    private static final int SELDOM = 16;

    private static final int MOST_PLACES = 1024;
    /** How many frames of a stack of half-closes are kept beyond those places: more than a leak site is named by. */
    static final int FEW_FRAMES = 16;

    @ReaperThread
    private final Map<List<StackTraceElement>, CapturedStack> places = new HashMap<>();

    @ReaperThread
    private final Map<List<StackTraceElement>, StackTraceElement[]> stacks = new HashMap<>();

    @ReaperThread
    private long cut;

    private final AtomicInteger left = new AtomicInteger(PER_SECOND);
    private volatile long filledAt;
    /** Openings that found none left. Threads may overwrite each other's count; one that comes to a multiple of {@link #SELDOM} reads the clock. */
    private int passed;

    StackSampler(long now) {
        this.filledAt = now;
    }

    /** Whether {@link #sample} is to be called, with the time; otherwise the stack is not to be taken. */
    @AnyThread
    boolean isDue() {
        return left.get() > 0 || (++passed & SELDOM - 1) == 0;
    }

    /** Allows as many stacks again if a second has passed. Two threads that refill at once allow a few more, which is harmless. */
    @AnyThread
    void refill(long now) {
        if (now - filledAt > SECOND) {
            filledAt = now;
            left.set(PER_SECOND);
        }
    }

    /** Takes the caller's stack, if one is left. */
    @AnyThread
    CapturedStack sample(long now) {
        refill(now);
        if (left.get() <= 0 || left.getAndDecrement() <= 0) {
            return CapturedStack.NOT_SAMPLED;
        }
        return new CapturedStack(StackOrigin.OPENED, "");
    }

    /** The one stack of all sockets that were opened in the same place and, if accepted, on the same port; of {@value #MOST_PLACES} places at most. */
    @ReaperThread
    CapturedStack shared(CapturedStack origin) {
        List<StackTraceElement> stack = Arrays.asList(origin.stack());
        CapturedStack same = places.get(stack);
        if (same == null) {
            if (places.size() >= MOST_PLACES) {
                return CapturedStack.NOT_SAMPLED;
            }
            same = origin;
            places.put(stack, same);
        }
        return same.on(origin.port());
    }

    /** An equal stack that many share, or its innermost frames if too many different stacks are kept. */
    @ReaperThread
    StackTraceElement[] shared(StackTraceElement[] stack) {
        List<StackTraceElement> key = Arrays.asList(stack);
        StackTraceElement[] same = stacks.get(key);
        if (same != null) {
            return same;
        }
        if (stacks.size() < MOST_PLACES) {
            stacks.put(key, stack);
        } else if (stack.length > FEW_FRAMES) {
            cut++;
            return Arrays.copyOf(stack, FEW_FRAMES);
        }
        return stack;
    }

    /** How many stacks were cut since the last call. */
    @ReaperThread
    long takeCut() {
        long taken = cut;
        cut = 0;
        return taken;
    }

    @ReaperThread
    boolean hasCut() {
        return cut > 0;
    }
}
