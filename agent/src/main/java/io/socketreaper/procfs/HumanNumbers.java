package io.socketreaper.procfs;

import java.util.Locale;

/** Numbers as people read them. */
public final class HumanNumbers {
    private static final int MINUTE = 60;
    private static final int HOUR = 3600;
    private static final int DAY = 86_400;
    private static final double SLOW = 0.1;

    private HumanNumbers() {}

    /** E.g. {@code 3 min 10 s}. */
    public static String time(long seconds) {
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        return seconds < HOUR
                ? two(seconds, MINUTE, "min", 1, "s")
                : seconds < DAY ? two(seconds, HOUR, "h", MINUTE, "min") : two(seconds, DAY, "d", HOUR, "h");
    }

    private static String two(long seconds, int large, String largeUnit, int small, String smallUnit) {
        long rest = seconds % large / small;
        return seconds / large + " " + largeUnit + (rest == 0 ? "" : " " + rest + " " + smallUnit);
    }

    /** E.g. {@code +3.2/s}, {@code +1.5/min}. */
    public static String rate(double perSecond) {
        return Math.abs(perSecond) < SLOW
                ? String.format(Locale.ROOT, "%+.1f/min", perSecond * MINUTE)
                : String.format(Locale.ROOT, "%+.1f/s", perSecond);
    }

    public static String count(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }
}
