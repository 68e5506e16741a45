package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Clock;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.ReaperThread;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Takes the stacks of reads and writes where the line to blame is missed: a leak was found whose application was not told the end of
 * input, so the next leaks of sockets of the same opening site are to be blamed on what used them last. Before the first such leak no stack
 * is taken, and none later than {@link #WANTED} after the last one.
 *
 * <p>While sites are wanted each read and write of an open socket either becomes the socket's sample or takes an earlier one away, so a
 * sample is always that of the last use.
 */
final class UseSampler {
    /** How long after a leak without a line to blame: as long as the usual window of growing, and ten times the usual timeout. */
    static final long WANTED = TimeUnit.MINUTES.toNanos(10);
    /** So many sites at once; the leaks of another one are left without a line to blame until one is over. */
    static final int MOST_SITES = 64;

    private final Clock clock;
    private boolean all;
    private final StackSampler stacks;

    /** Until when sites are wanted, nano time. */
    @ReaperThread
    private final Map<OpenSite, Long> sites = new HashMap<>();

    /** The same for all sockets without a site together: their opening was not seen, or its stack was not taken. */
    @ReaperThread
    private long withoutSiteUntil;

    /** Samples that were taken earlier may not be of the last use. */
    @ReaperThread
    private long wantedSince;

    /** Whether any site is wanted. Plain, as the next. */
    private boolean on;

    private boolean withoutSite;

    /** @param all whether reads and writes of all sockets can be told */
    UseSampler(Clock clock, boolean all, long now) {
        this.clock = clock;
        this.all = all;
        this.stacks = new StackSampler(now);
    }

    // -- Application threads

    /** A read or write of an open socket has ended. */
    @ApplicationThread
    void used(OpenSocket socket, boolean wrote) {
        if (!on) {
            return;
        }
        if (!isWanted(socket.origin) || !stacks.isDue()) {
            forget(socket);
            return;
        }
        long now = clock.nanoTime();
        CapturedStack stack = stacks.sample(now);
        if (stack == CapturedStack.NOT_SAMPLED) {
            forget(socket);
        } else {
            socket.lastUse = SampledUse.now(wrote, now, stack);
        }
    }

    private static void forget(OpenSocket socket) {
        if (socket.lastUse != null) {
            socket.lastUse = null;
        }
    }

    /** The site of a socket is known once a sweep has named it, and until then it may be a wanted one. */
    private boolean isWanted(CapturedStack origin) {
        // Read once: a sweep may name it in this moment.
        OpenSite site = origin.openSite;
        return site != null ? site.usesWanted : withoutSite || origin.stackOrigin() == StackOrigin.OPENED;
    }

    // -- The reaper thread

    /** From now on reads and writes of all sockets can be told. */
    @ReaperThread
    void watchAll() {
        all = true;
    }

    /** A leak of a socket that was opened there has no line to blame. */
    @ReaperThread
    void want(CapturedStack opening, long now) {
        OpenSite site = opening.openSite;
        if (!all || site != null && !sites.containsKey(site) && sites.size() >= MOST_SITES) {
            return;
        }
        if (!on) {
            wantedSince = now;
            on = true;
        }
        if (site != null) {
            sites.put(site, now + WANTED);
            site.usesWanted = true;
        } else {
            withoutSiteUntil = now + WANTED;
            withoutSite = true;
        }
    }

    /** Whether any site is wanted; those whose time is over are not any more. */
    @ReaperThread
    boolean areWanted(long now) {
        if (!on) {
            return false;
        }
        for (Iterator<Map.Entry<OpenSite, Long>> each = sites.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<OpenSite, Long> site = each.next();
            if (site.getValue() - now <= 0) {
                site.getKey().usesWanted = false;
                each.remove();
            }
        }
        withoutSite = withoutSite && withoutSiteUntil - now > 0;
        on = withoutSite || !sites.isEmpty();
        return on;
    }

    /** How many sites are wanted. */
    @ReaperThread
    int sites() {
        return sites.size();
    }

    /** Lets go of a stack that others have, too. Returns false if the sample may not be of the last use. */
    @ReaperThread
    boolean settle(SampledUse use) {
        if (!on || use.at() - wantedSince < 0) {
            return false;
        }
        use.share(stacks);
        return true;
    }

    @ReaperThread
    void refill(long now) {
        stacks.refill(now);
    }
}
