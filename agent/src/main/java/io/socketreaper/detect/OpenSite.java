package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A line of code that opens sockets, how many of them are open, and how that number has changed. Two servers whose connections are accepted
 * by one line are two sites, told apart by the port that they listen on.
 */
@ReaperThread
public final class OpenSite {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** One minute of seconds, an hour of ten seconds, and a day of ten minutes: some two kilobytes a site. */
    private static final int SECONDS = 61;

    private static final int TENS = 361;
    private static final int DAY = 144;
    private static final int TENS_PER_MINUTE = 6;
    private static final long MINUTE = 60 * SECOND;
    /** A slow leak does not rise above the noise in one window; it is looked for in so many together, too. */
    private static final int MORE_WINDOWS = 6;
    /** An observation lasts for this share of a window (one of so many). */
    private static final int OBSERVED_SHARE = 4;

    private final String id;
    private final String location;
    private final StackTraceElement[] stack;
    private final StackOrigin stackOrigin;
    private final int port;

    private final CountSeries seconds = new CountSeries(SECOND, SECONDS, false);
    private final CountSeries tens = new CountSeries(10 * SECOND, TENS, false);
    private final CountSeries day = new CountSeries(600 * SECOND, DAY, true);

    private final CountSeries openedInTens = new CountSeries(10 * SECOND, TENS_PER_MINUTE + 1, false);

    private long opened;
    private int open;
    /** What the sweep under way has met so far. */
    private int met;

    /** How many of these are only counted, and how many descriptors these have. */
    private int metOnlyCounted;

    private int metTheirDescriptors;
    private int onlyCounted;
    private int descriptors;

    private int metUntouched;
    private int untouched;
    /** Nano time from which on reads and writes of its sockets are told, 0 while they are not. */
    private long observedSince;
    /** From which on sockets count that are to explain a rise. */
    private long risesSince;
    /** The first sweep of an observation only marks the sockets. */
    private boolean marked;

    /**
     * Whether the last reads and writes of its sockets are to be sampled, see {@link UseSampler}. Plain, set by the reaper thread: a few that
     * are missed do no harm.
     */
    boolean usesWanted;

    private final Lifetimes lifetimes = new Lifetimes();
    private long usualLifetime;
    /** By how many it had risen when the observation began. */
    private int rise;
    /** Nano time of the end of the last observation of this rise, 0 before the first. */
    private long observedUntil;

    private boolean growing;
    private boolean rising;
    private long growingSince;
    private double perMinute;

    /**
     * @param id       eight hex digits, or a word for sockets without a stack
     * @param location the first application frame, or words for sockets without a stack
     * @param port     the listening port of accepted sockets, -1 of others
     */
    OpenSite(String id, String location, StackTraceElement[] stack, StackOrigin stackOrigin, int port) {
        this.id = id;
        this.location = location;
        this.stack = stack;
        this.stackOrigin = stackOrigin;
        this.port = port;
    }

    /** Eight hex digits, the same in every run of the same code; or a word for sockets whose stack is not known. */
    public String id() {
        return id;
    }

    /** The first application frame, {@code Class.method(File:line)}; words for sockets whose stack is not known. */
    public String location() {
        return location;
    }

    /** The stack of its first socket, innermost frame first; empty if it is not known. Not to be changed. */
    public StackTraceElement[] stack() {
        return stack;
    }

    /** Whether its sockets have a stack. */
    public StackOrigin stackOrigin() {
        return stackOrigin;
    }

    /** The listening port of accepted sockets; -1 of others. */
    public int port() {
        return port;
    }

    /** Sockets open at the last sweep. */
    public int open() {
        return open;
    }

    /** How many of these are no sockets that are judged, see {@link io.socketreaper.model.CountedState}. */
    public int onlyCounted() {
        return onlyCounted;
    }

    /** How many descriptors its open sockets, selectors and the like have: a selector has two. */
    public int descriptors() {
        return descriptors;
    }

    /** Sockets that a sweep has met here so far; those that were closed before a sweep saw them are not among them. */
    public long opened() {
        return opened;
    }

    /** How many a sweep has met here for the first time in the last minute; null if it is not known that long, or without a stack. */
    public @Nullable Integer openedPerMinute() {
        return openedInTens.size() > TENS_PER_MINUTE && stackOrigin == StackOrigin.OPENED
                ? (Integer) ((int) opened - openedInTens.ago(TENS_PER_MINUTE))
                : null;
    }

    /** How many more are open than a minute ago, ten or sixty; null if it is not known that long. */
    public @Nullable Integer growth(int minutes) {
        int periods = minutes * TENS_PER_MINUTE;
        return tens.size() > periods ? (Integer) (open - tens.ago(periods)) : null;
    }

    /** Whether it was found to be growing, and is. */
    public boolean isGrowing() {
        return growing;
    }

    /** Nano time at which the rise began; only while it is growing. */
    public long growingSince() {
        return growingSince;
    }

    /** Sockets a minute by which it grows; 0 while it is not growing, and while a growing one has not risen in the last window. */
    public double perMinute() {
        return growing && rising ? perMinute : 0;
    }

    /** Descriptors a minute by which it grows, as {@link #perMinute}. */
    double descriptorsPerMinute() {
        return open == 0 ? 0 : perMinute() * descriptors / open;
    }

    // -- A sweep

    /**
     * A sweep has met one of its sockets.
     *
     * @param counted its descriptors if it is only counted, otherwise 0
     */
    void meet(OpenSocket socket, int counted, long now) {
        met++;
        if (counted > 0) {
            metOnlyCounted++;
            metTheirDescriptors += counted;
        }
        if (observedSince == 0) {
            return;
        }
        if (!marked) {
            socket.touched = false;
        } else if (!socket.touched) {
            long since = socket.knownSince(now);
            if (since - risesSince >= 0 && since - observedSince <= 0 && now - since > usualLifetime) {
                metUntouched++;
            }
        }
    }

    /** One of its sockets was closed; any thread. */
    @AnyThread
    void leave(OpenSocket socket, long now) {
        lifetimes.add(now - socket.knownSince(now));
    }

    void countOpened() {
        opened++;
    }

    /**
     * A sweep has met all sockets.
     *
     * @param stopped whether the JVM may have been stopped meanwhile: an observation begins anew then
     */
    void endSweep(long now, long window, boolean stopped) {
        open = met;
        onlyCounted = metOnlyCounted;
        descriptors = met - metOnlyCounted + metTheirDescriptors;
        met = 0;
        metOnlyCounted = 0;
        metTheirDescriptors = 0;
        usualLifetime = Math.min(lifetimes.usual(), longestLook(window) / 2);
        untouched = metUntouched;
        metUntouched = 0;
        if (observedSince != 0 && (!marked || stopped)) {
            marked = !stopped;
            observedSince = now;
        }
        boolean time = seconds.offer(now, open);
        time |= tens.offer(now, open);
        openedInTens.offer(now, (int) opened);
        day.offer(now, open);
        if (time && stackOrigin == StackOrigin.OPENED) {
            judge(now, window);
        }
    }

    // -- Growth

    private void judge(long now, long window) {
        CountSeries series = seriesOf(window);
        int periods = (int) (window / series.period());
        int more = Math.min(series.capacity() - 1, MORE_WINDOWS * periods);
        int risen = usualLifetime > window / 2 ? 0 : rise(series, periods);
        rising = risen > 0;
        if (risen == 0) {
            risen = rise(series, more);
            rising = risen > 0;
            periods = more;
        }
        if (risen == 0) {
            if (!growing || hasStopped(series, more)) {
                stop();
            }
        } else if (observedSince == 0) {
            observe(now, window, risen, periods * series.period());
        } else if (marked && now - observedSince >= window / OBSERVED_SHARE) {
            conclude(now);
        }
    }

    private static boolean hasStopped(CountSeries series, int periods) {
        int known = Math.min(periods, series.size() - 1);
        return known >= Growth.PARTS && Growth.hasStopped(series.last(known + 1));
    }

    /** Begins to observe its sockets, unless that has been done lately. */
    private void observe(long now, long window, int risen, long length) {
        if (observedUntil == 0 || now - observedUntil >= window) {
            observedSince = now;
            risesSince = now - length;
            rise = risen;
            marked = false;
        }
    }

    /** How far back a rise is looked for, nanoseconds. */
    private long longestLook(long window) {
        CountSeries series = seriesOf(window);
        return Math.min((series.capacity() - 1) * series.period(), MORE_WINDOWS * window);
    }

    private CountSeries seriesOf(long window) {
        return window < SECONDS * SECOND ? seconds : tens;
    }

    private int rise(CountSeries series, int periods) {
        if (series.size() <= periods) {
            return 0;
        }
        int daysBefore = 2 + (int) (periods * series.period() / day.period());
        return Growth.rise(
                series.last(periods + 1), Math.max(series.peakBefore(periods + 1), day.peakBefore(daysBefore)));
    }

    /**
     * At least half of what it has risen by must be sockets that were not used since, and are older than those that the site closes become;
     * otherwise the load grows, and not a leak. A quarter is enough for one that grows already.
     */
    private void conclude(long now) {
        boolean before = growing;
        growing = (before ? 4L : 2L) * untouched >= rise;
        if (growing) {
            if (!before) {
                growingSince = risesSince;
            }
            perMinute = rise * (double) MINUTE / ((observedSince - risesSince) * Growth.shareOfRise());
        }
        observedSince = 0;
        observedUntil = now == 0 ? 1 : now;
    }

    private void stop() {
        growing = false;
        observedSince = 0;
        observedUntil = 0;
    }

    /** Whether the reads and writes of its sockets matter. */
    boolean isObserved() {
        return observedSince != 0;
    }
}
