package io.socketreaper.text;

import java.util.Locale;

/** Numbers as people read them. */
public final class HumanText {
    private static final long SECOND = 1000;
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final int PERCENT = 100;
    private static final double SLOW = 0.1;

    private HumanText() {}

    /** Milliseconds in the one unit that fits, e.g. {@code 12 ms}, {@code 1.5 s}, {@code 3 min}; negative ones as {@code 0 ms}. */
    public static String duration(long millis) {
        long seconds = millis / SECOND;
        if (seconds < 1) {
            return Math.max(0, millis) + " ms";
        }
        if (seconds < 2 * MINUTE) {
            return String.format(Locale.ROOT, "%.1f s", millis / (double) SECOND);
        }
        if (seconds < 2 * HOUR) {
            return seconds / MINUTE + " min";
        }
        return seconds < 2 * DAY ? seconds / HOUR + " h" : seconds / DAY + " days";
    }

    /** Seconds in two units, e.g. {@code 45 s}, {@code 3 min 10 s}, {@code 1 d 2 h}. */
    public static String longDuration(long seconds) {
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        return seconds < HOUR
                ? two(seconds, MINUTE, "min", 1, "s")
                : seconds < DAY ? two(seconds, HOUR, "h", MINUTE, "min") : two(seconds, DAY, "d", HOUR, "h");
    }

    private static String two(long seconds, long large, String largeUnit, long small, String smallUnit) {
        long rest = seconds % large / small;
        return seconds / large + " " + largeUnit + (rest == 0 ? "" : " " + rest + " " + smallUnit);
    }

    /** E.g. {@code +3.2/s}, {@code +1.5/min}. */
    public static String rate(double perSecond) {
        return Math.abs(perSecond) < SLOW
                ? String.format(Locale.ROOT, "%+.1f/min", perSecond * MINUTE)
                : String.format(Locale.ROOT, "%+.1f/s", perSecond);
    }

    /** E.g. {@code 1 socket}, {@code 2 sockets}. */
    public static String count(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }

    /** E.g. {@code 1 byte}, {@code 12 bytes}. */
    public static String bytes(long count) {
        return count(count, "byte", "bytes");
    }

    /** A share of a limit in whole percent, rounded down; 0 of a limit of 0. */
    public static long percent(long part, long limit) {
        return limit == 0 ? 0 : PERCENT * part / limit;
    }
}
