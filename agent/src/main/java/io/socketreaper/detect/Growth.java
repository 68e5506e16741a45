package io.socketreaper.detect;

/**
 * Judges whether the open sockets of a line of code pile up, from their number over time. Compares a site with its own past only: a
 * leak raises the floor, the number that is open at quiet moments, above everything that was seen before, and goes on doing so. Load,
 * a pool that fills and a plateau do not. docs/open.md has the series of days that the tests judge.
 */
final class Growth {
    /** A window is cut into so many parts; the floor must rise from each to the next. */
    static final int PARTS = 5;

    /** A smaller rise is noise, however few sockets there are. */
    private static final int LEAST_RISE = 5;
    /**
     * The standard deviations of a number of sockets that come and go independently (its square root) which a rise must exceed: three are
     * passed once in 740 windows by chance, and the floors of five parts seldom line up then.
     */
    private static final int DEVIATIONS = 3;
    /** The last part must have at least this share (one of so many) of what a part rises on average; a pool that is full has none. */
    private static final int SHARE_OF_LAST = 4;

    private Growth() {}

    /**
     * By how much the floor rises, if the numbers rise steadily to where they have never been.
     *
     * @param counts     open sockets at equal intervals, the oldest first; at least {@link #PARTS}
     * @param peakBefore the most that were open before, 0 if that is not known
     * @return from the first part to the last; 0 if they do not rise, or not steadily
     */
    static int rise(int[] counts, int peakBefore) {
        int[] floors = floors(counts);
        for (int i = 1; i < PARTS; i++) {
            if (floors[i] <= floors[i - 1]) {
                return 0;
            }
        }
        int rise = floors[PARTS - 1] - floors[0];
        int last = floors[PARTS - 1] - floors[PARTS - 2];
        boolean risen = rise >= Math.max(LEAST_RISE, DEVIATIONS * Math.sqrt(floors[0]))
                && last * SHARE_OF_LAST * (PARTS - 1) >= rise
                && floors[PARTS - 1] > peakBefore;
        return risen ? rise : 0;
    }

    /** Whether numbers that have risen do so no more: the floor of the last part is not above the one three parts before. */
    static boolean hasStopped(int[] counts) {
        int[] floors = floors(counts);
        return floors[PARTS - 1] <= floors[PARTS - 4];
    }

    /** The share of the counts that lies between the first and the last floor. */
    static double shareOfRise() {
        return (PARTS - 1) / (double) PARTS;
    }

    /** The lowest number of each part. */
    private static int[] floors(int[] counts) {
        var floors = new int[PARTS];
        for (int part = 0; part < PARTS; part++) {
            int floor = Integer.MAX_VALUE;
            for (int i = part * counts.length / PARTS; i < (part + 1) * counts.length / PARTS; i++) {
                floor = Math.min(floor, counts[i]);
            }
            floors[part] = floor;
        }
        return floors;
    }
}
