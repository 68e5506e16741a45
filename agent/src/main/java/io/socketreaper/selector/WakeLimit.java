package io.socketreaper.selector;

import java.util.concurrent.TimeUnit;

/** How often one selector is woken in a row. Reaper thread. */
final class WakeLimit {
    /** Netty takes a selector that returns 512 times in a row without a reason for broken, and replaces it. */
    private static final int MOST = 256;
    /** After so long without a wake, nanoseconds, the row is over. */
    private static final long AGAIN = TimeUnit.SECONDS.toNanos(1);

    private int wakes;
    private long wokenAt;

    /** Whether the selector may be woken at that nano time; then it counts as woken. */
    boolean allows(long time) {
        if (wakes > 0 && time - wokenAt >= AGAIN) {
            wakes = 0;
        }
        if (wakes >= MOST) {
            return false;
        }
        wakes++;
        wokenAt = time;
        return true;
    }
}
