package io.socketreaper.detect;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.UnwatchedDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, with {@code track=half-closed}, whether descriptors pile up that the agent does not watch. Once a minute they are counted
 * by kind, on a thread of its own.
 */
@ReaperThread
public final class UnwatchedCensus {
    /** From one count to the next at least, nanoseconds. */
    static final long EVERY = TimeUnit.MINUTES.toNanos(1);
    /** How soon the result of a count is looked for, nanoseconds. */
    static final long SOON = TimeUnit.SECONDS.toNanos(1);
    /** A count is followed by at least so many times its length without one: at most a hundredth of one processor. */
    static final int REST = 100;
    /** So few are not reported: a busy server may have them at any moment. */
    static final int LEAST = 20;
    /** How many counts in a row must be high. */
    static final int WINDOW = 5;

    private static final DescriptorKind[] KINDS = {
        DescriptorKind.UNWATCHED_CLOSE_WAIT, DescriptorKind.UNTRACKED, DescriptorKind.SELECTORS, DescriptorKind.OTHERS
    };

    private final Clock clock;
    private final Counter counter;
    /** The counts of the last two windows by kind, the newest first. */
    private final int[][] counts = new int[KINDS.length][2 * WINDOW];
    /** What was reported last by kind, 0 if it was not. */
    private final int[] reported = new int[KINDS.length];

    private int taken;
    private boolean counting;
    private long begun;
    private long next;

    /** Counts the descriptors on another thread. */
    public interface Counter {
        /** Begins a count. */
        void begin();

        /** Whether it has not ended. */
        boolean isUnderWay();

        /** The result of the last count; null if it failed. */
        @Nullable
        DescriptorKinds result();

        /** How long the last count took, nanoseconds. */
        long length();
    }

    public UnwatchedCensus(Clock clock, Counter counter) {
        this.clock = clock;
        this.counter = counter;
        this.next = clock.nanoTime() + EVERY;
    }

    /** Nanoseconds until {@link #round} should be called again. */
    public long pause() {
        return counting ? SOON : Math.max(0, next - clock.nanoTime());
    }

    /** Begins a count if it is time, or takes the result of one that has ended. Returns what is to be reported. */
    public List<UnwatchedDescriptors> round() {
        long now = clock.nanoTime();
        if (!counting) {
            if (now - next >= 0) {
                begun = now;
                counting = true;
                counter.begin();
            }
            return List.of();
        }
        if (counter.isUnderWay()) {
            return List.of();
        }
        counting = false;
        next = Math.max(begun + EVERY, now + REST * counter.length());
        DescriptorKinds kinds = counter.result();
        return kinds == null ? List.of() : take(kinds);
    }

    private List<UnwatchedDescriptors> take(DescriptorKinds kinds) {
        taken++;
        var pilingUp = new ArrayList<UnwatchedDescriptors>();
        for (int i = 0; i < KINDS.length; i++) {
            int[] of = counts[i];
            System.arraycopy(of, 0, of, 1, of.length - 1);
            of[0] = kinds.count(KINDS[i]);
            int least = least(of, 0);
            if (taken < WINDOW || least < LEAST) {
                reported[i] = 0;
            } else if (least >= 2 * reported[i] && (isLost(KINDS[i]) || rises(of))) {
                reported[i] = least;
                pilingUp.add(new UnwatchedDescriptors(KINDS[i], of[0], least, WINDOW));
            }
        }
        return pilingUp;
    }

    private static boolean isLost(DescriptorKind kind) {
        return kind.isPartOfAnother();
    }

    /** Event loops hold selectors and io_uring instances for good: only more and more of them are a sign. */
    private boolean rises(int[] of) {
        return taken >= 2 * WINDOW && of[0] > of[WINDOW - 1] && least(of, 0) - least(of, WINDOW) >= LEAST / 2;
    }

    private static int least(int[] of, int from) {
        int least = Integer.MAX_VALUE;
        for (int i = from; i < from + WINDOW; i++) {
            least = Math.min(least, of[i]);
        }
        return least;
    }
}
