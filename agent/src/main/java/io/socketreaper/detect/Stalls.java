package io.socketreaper.detect;

import io.socketreaper.thread.ReaperThread;

/**
 * Adds up the time in which the process could not work, although it was not stopped for long: its CPU limit was used up, the machine was
 * busy, or it was stopped again and again for moments. Such time is no idle time of a socket.
 *
 * <p>Keeps the last {@value #MOST} stalls. Since a moment before those it gives all time that was ever lost: a socket then counts as less
 * idle than it is, which errs on the safe side.
 */
@ReaperThread
final class Stalls {
    static final int MOST = 4096;

    /** Ring of the ends of the stalls, nano times, in ascending order. */
    private long[] ends = {};
    /** For each of them the time that was lost from the start up to its end, nanoseconds. */
    private long[] totals = {};

    private int next;
    private int kept;
    private long total;

    /** The process could not work between two nano times. */
    void add(long from, long to) {
        if (ends.length == 0) {
            ends = new long[MOST];
            totals = new long[MOST];
        }
        total += to - from;
        ends[next] = to;
        totals[next] = total;
        next = (next + 1) % MOST;
        kept = Math.min(MOST, kept + 1);
    }

    /** How much of the time since that moment was lost, nanoseconds; a stall counts if it has ended after it. */
    long since(long moment) {
        if (kept == 0 || ends[at(kept - 1)] - moment <= 0) {
            return 0;
        }
        int low = 0;
        int high = kept - 1;
        // The first stall that has ended after the moment.
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[at(middle)] - moment > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low == 0 && kept == MOST) {
            return total;
        }
        return total - (low == 0 ? 0 : totals[at(low - 1)]);
    }

    /** Index of the n-th oldest that is kept. */
    private int at(int n) {
        return (next - kept + n + MOST) % MOST;
    }
}
