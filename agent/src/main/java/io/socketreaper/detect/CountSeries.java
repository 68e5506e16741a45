package io.socketreaper.detect;

import java.util.Arrays;

/** The last counts, or the highest of each period, in a ring that grows up to its capacity. Reaper thread only. */
final class CountSeries {
    private static final int FIRST_ROOM = 16;

    private final long period;
    private final int capacity;
    private final boolean keepsPeaks;
    private int[] ring = {};
    private long total;
    private long nextAt;
    private int peak;

    /**
     * @param period     nanoseconds from one count to the next
     * @param capacity   how many are kept
     * @param keepsPeaks whether the highest count of a period is kept instead of its last
     */
    CountSeries(long period, int capacity, boolean keepsPeaks) {
        this.period = period;
        this.capacity = capacity;
        this.keepsPeaks = keepsPeaks;
    }

    long period() {
        return period;
    }

    /**
     * Takes a count if it is time. A count that comes late stands for the periods that were left out, too.
     *
     * @return true if it was time
     */
    boolean offer(long now, int count) {
        peak = Math.max(peak, count);
        if (total == 0) {
            nextAt = now;
        }
        if (now - nextAt < 0) {
            return false;
        }
        long periods = Math.min(capacity, (now - nextAt) / period + 1);
        for (long i = 0; i < periods; i++) {
            add(keepsPeaks ? peak : count);
        }
        peak = 0;
        nextAt += Math.max(periods, (now - nextAt) / period + 1) * period;
        return true;
    }

    private void add(int count) {
        int at = (int) (total % capacity);
        if (at >= ring.length) {
            ring = Arrays.copyOf(ring, Math.min(capacity, Math.max(FIRST_ROOM, 2 * ring.length)));
        }
        ring[at] = count;
        total++;
    }

    /** How many counts there are. */
    int size() {
        return (int) Math.min(total, capacity);
    }

    /** How many there can be. */
    int capacity() {
        return capacity;
    }

    /** The count of so many periods ago, 0 for the last; less than {@link #size}. */
    int ago(int periods) {
        return ring[(int) ((total - 1 - periods) % capacity)];
    }

    /** The last counts, the oldest first; no more than there are. */
    int[] last(int count) {
        var last = new int[count];
        for (int i = 0; i < count; i++) {
            last[i] = ago(count - 1 - i);
        }
        return last;
    }

    /** The highest of the counts that are kept and older than the last so many; 0 if there is none. */
    int peakBefore(int periods) {
        int highest = 0;
        for (int i = periods; i < size(); i++) {
            highest = Math.max(highest, ago(i));
        }
        return highest;
    }
}
