package io.socketreaper.detect;

import java.util.concurrent.TimeUnit;

/**
 * How old sockets of one place became, in classes of which each is twice as long as the one before. Any thread adds, without a lock: of two
 * that come in the same moment one may be lost.
 */
final class Lifetimes {
    /** The last class begins at 97 days. */
    private static final int CLASSES = 24;
    /** All but one of so many sockets count as usual. */
    private static final int ONE_OF = 100;
    /** From here on all counts are halved, so that the recent past counts for more. */
    private static final int MOST = 1 << 20;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final int[] counts = new int[CLASSES];
    private int total;

    /** A socket was closed at that age, nanoseconds. */
    void add(long age) {
        int found = 0;
        for (long seconds = age / SECOND; seconds > 0 && found < CLASSES - 1; seconds >>= 1) {
            found++;
        }
        counts[found]++;
        if (++total >= MOST) {
            total = 0;
            for (int i = 0; i < CLASSES; i++) {
                counts[i] /= 2;
                total += counts[i];
            }
        }
    }

    /** The age that 99 of 100 closed sockets did not reach, at most twice as long as it really is; 0 if none was closed. Nanoseconds. */
    long usual() {
        int older = 0;
        for (int i = CLASSES - 1; i >= 0; i--) {
            older += counts[i];
            if (older > total / ONE_OF) {
                return (1L << i) * SECOND;
            }
        }
        return 0;
    }
}
