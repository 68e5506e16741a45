package io.socketreaper.leak;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * What became of the leaks of one site and grade that were reported and not released, because the action is {@code log}, since the timeout
 * that holds for them was last changed. Durations are milliseconds, times are nano times of the agent's clock. Belongs to the reaper thread.
 */
public final class DryRun {
    /** So many times are kept apart; reports in between count as of the next of them. */
    static final int MOST_TIMES = 128;

    private final ArrayDeque<Reports> times = new ArrayDeque<>();
    /** Reports within the same span of this length are summed up, nanoseconds. It doubles as the dry run goes on. */
    private long span = TimeUnit.SECONDS.toNanos(1);

    private long used;
    private long closed;
    private long reported;
    private long firstAt;
    private long leastIdle = Long.MAX_VALUE;
    private long shortest = Long.MAX_VALUE;
    private long longest;

    /** Leaks that were reported until then and not after the entry before, and what is left of them untouched. */
    private static final class Reports {
        private long until;
        private long untouched;

        private Reports(long until, long untouched) {
            this.until = until;
            this.untouched = untouched;
        }
    }

    /** One leak that is counted here. */
    public final class Counted {
        private final long at;
        private boolean over;

        private Counted(long at) {
            this.at = at;
        }

        /**
         * The application has come back for it.
         *
         * @param close      true if it has closed the socket, false if it has read or written, and perhaps closed it then
         * @param idleMillis how long the socket had been idle by then
         */
        public void cameBack(boolean close, long idleMillis) {
            if (end()) {
                if (close) {
                    closed++;
                } else {
                    used++;
                }
                shortest = Math.min(shortest, idleMillis);
                longest = Math.max(longest, idleMillis);
            }
        }

        /** It is released now, is another leak, or was dropped: it says no more about this one. */
        public void withdraw() {
            if (end()) {
                reported--;
            }
        }

        private boolean end() {
            boolean first = !over;
            over = true;
            if (first) {
                untouchedLess(at);
            }
            return first;
        }
    }

    private void untouchedLess(long at) {
        for (Reports reports : times) {
            if (reports.until - at >= 0 && reports.untouched > 0) {
                reports.untouched--;
                return;
            }
        }
    }

    /** One more leak was reported, which had been idle for so long. */
    public Counted countReported(long idleMillis, long now) {
        if (reported + used + closed == 0) {
            firstAt = now;
        }
        reported++;
        leastIdle = Math.min(leastIdle, idleMillis);
        add(new Reports(now, 1));
        while (times.size() > MOST_TIMES) {
            span *= 2;
            Reports[] all = times.toArray(new Reports[0]);
            times.clear();
            for (Reports each : all) {
                add(each);
            }
        }
        return new Counted(now);
    }

    /** What is summed up counts as reported later than it was, never as earlier. */
    private void add(Reports reports) {
        Reports last = times.peekLast();
        if (last != null && Math.floorDiv(last.until, span) == Math.floorDiv(reports.until, span)) {
            last.until = Math.max(last.until, reports.until);
            last.untouched += reports.untouched;
        } else {
            times.addLast(reports);
        }
    }

    /** Leaks that were reported. */
    public long reported() {
        return reported;
    }

    /** Of these: read or written by the application later. */
    public long used() {
        return used;
    }

    /** Of these: closed by the application later, without a read or write in between. */
    public long closed() {
        return closed;
    }

    /** Of these: reported at that nano time or before it, and not touched since; if there are very many, on the small side. */
    public long untouchedSince(long time) {
        long untouched = 0;
        for (Reports reports : times) {
            if (reports.until - time <= 0) {
                untouched += reports.untouched;
            }
        }
        return untouched;
    }

    /** When the first of them was reported; 0 if none was. */
    public long firstAt() {
        return firstAt;
    }

    /** The shortest time for which a socket was idle when it was reported; 0 if none was. */
    public long leastIdleMillis() {
        return leastIdle == Long.MAX_VALUE ? 0 : leastIdle;
    }

    /** The shortest time for which a socket was idle until the application came back for it; 0 if it never has. */
    public long shortestMillis() {
        return shortest == Long.MAX_VALUE ? 0 : shortest;
    }

    /** The longest such time; 0 if the application never came back. */
    public long longestMillis() {
        return longest;
    }
}
