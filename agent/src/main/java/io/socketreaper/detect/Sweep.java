package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.model.LeakKind;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.thread.ReaperThread;

/**
 * Finds the signs of which no event tells, with {@code track=all}: a quick check of every open socket takes out those that are gone, and
 * makes suspects of those that show a sign. A long sweep goes on over several rounds.
 */
@ReaperThread
final class Sweep {
    /** What one round sweeps at most; the rest is left to the next ones, after releases and answers. */
    private static final long LONGEST_SLICE = Detector.LONGEST_SLICE;
    /** A sweep is followed by at least so many times its length without one: a fiftieth of one processor is what it may cost. */
    private static final int REST = 50;

    private static final int REST_UNDER_PRESSURE = 20;

    private final Clock clock;
    private final SocketRegistry registry;
    private final Policy policy;
    private final IdleTime idleTime;
    private final Schedule schedule;
    private final SuspectStates states;
    private final StackSamplers stacks;
    private final OpenSites sites;
    private final PeerQuestions peers;
    private final Detector.Host host;

    private long nextSweep;
    /** Chain that the sweep goes on with in the next round, 0 if none is under way. */
    private int nextChain;

    private long sweepStart;
    private long length;
    private long lastLength;

    Sweep(
            Clock clock,
            SocketRegistry registry,
            Policy policy,
            IdleTime idleTime,
            Schedule schedule,
            SuspectStates states,
            StackSamplers stacks,
            OpenSites sites,
            PeerQuestions peers,
            Detector.Host host,
            long now) {
        this.clock = clock;
        this.registry = registry;
        this.policy = policy;
        this.idleTime = idleTime;
        this.schedule = schedule;
        this.states = states;
        this.stacks = stacks;
        this.sites = sites;
        this.peers = peers;
        this.host = host;
        this.nextSweep = now;
    }

    /** The next sweep begins at that nano time. */
    void beginAt(long now) {
        nextSweep = now;
    }

    /** The nano time at which the next sweep begins. */
    long nextSweep() {
        return nextSweep;
    }

    /** Whether the next round goes on with a sweep. */
    boolean isUnderWay() {
        return nextChain > 0;
    }

    /**
     * Sweeps if it is time.
     *
     * @return true if the JVM may have been stopped in between
     */
    boolean run(long now) {
        if (isUnderWay() || nextSweep - now <= 0) {
            return sweepSlice(now);
        }
        return false;
    }

    private boolean sweepSlice(long start) {
        if (!isUnderWay()) {
            sweepStart = start;
            length = 0;
            peers.idle().beginSweep();
        }
        SocketChains<OpenSocket> chains = registry.opened();
        boolean stopped = false;
        long before = start;
        int first = chains.nextUsed(nextChain);
        int chain = first;
        for (;
                chain < chains.size() && (before - start < LONGEST_SLICE || chain == first);
                chain = chains.nextUsed(chain + 1)) {
            OpenSocket head = chains.head(chain);
            if (head == null) {
                continue;
            }
            // Read after the head, so that no socket is dated before it was opened.
            long met = clock.nanoTime();
            stopped |= idleTime.wasStopped(met);
            before = met;
            for (OpenSocket tracked = head; tracked != null; tracked = tracked.next) {
                tracked.metAt(met);
                if (tryQuickCheck(chain, tracked, met)) {
                    int counted = tracked.socket().onlyCounted();
                    sites.of(tracked.origin).meet(tracked, counted, met);
                    if (counted == 0) {
                        askIfIdle(chain, tracked, met);
                    }
                }
            }
        }
        long end = clock.nanoTime();
        stopped |= idleTime.wasStopped(end);
        length += end - start;
        nextChain = chain < chains.size() ? chain : 0;
        if (!isUnderWay()) {
            sites.endSweep(end, stopped);
            nextSweep = Math.max(sweepStart + policy.sweepPeriod(), end + rest());
        }
        if (stopped) {
            idleTime.beginAnew(end);
        }
        return stopped;
    }

    private void askIfIdle(int chain, OpenSocket tracked, long now) {
        try {
            peers.idle().meet(chain, tracked, now);
        } catch (RuntimeException | Error failed) {
            host.failed(failed);
        }
    }

    /**
     * Sets the pause so that a process with very many sockets does not spend its time on sweeps. Uses the shorter of two sweeps,
     * because one may have been delayed.
     */
    private long rest() {
        long usual = Math.min(length, lastLength);
        lastLength = length;
        return usual * (policy.isUnderPressure() ? REST_UNDER_PRESSURE : REST);
    }

    /** A quick check that fails must cost neither the rest of the sweep nor the checks after it. The next sweep repeats it. */
    private boolean tryQuickCheck(int chain, OpenSocket tracked, long now) {
        try {
            return check(
                    chain,
                    tracked,
                    tracked.isReleased() ? QuickCheck.GONE : tracked.socket().quickCheck(),
                    now);
        } catch (RuntimeException | Error failure) {
            host.failed(failure);
            return true;
        }
    }

    /**
     * Checks one open socket for every sign.
     *
     * @param chain its chain in {@link SocketRegistry#opened}
     */
    void fullCheck(int chain, OpenSocket tracked, long now) {
        check(
                chain,
                tracked,
                tracked.isReleased() ? QuickCheck.GONE : tracked.socket().fullCheck(),
                now);
    }

    /** Returns false if it is gone. */
    private boolean check(int chain, OpenSocket tracked, QuickCheck found, long now) {
        // Asked again: what is found of a collected object counts only if no close of it was told before.
        if (found == QuickCheck.GONE || tracked.isReleased()) {
            tracked.takenOut = true;
            registry.opened().remove(chain, tracked);
            return false;
        }
        if (tracked.origin.isWithoutSite()) {
            settleOrigin(tracked);
        } else if (tracked.origin.lacksPort()) {
            moveToPort(tracked);
        }
        tracked.settle(now, stacks);
        Suspect suspect = tracked.suspect;
        if (found != QuickCheck.SIGN) {
            return true;
        }
        if (suspect == null) {
            states.add(tracked, tracked.socket(), tracked.knownSince(now), tracked.origin, now);
        } else if (tracked.socket().is(null)) {
            checkCollected(suspect, now);
        }
        return true;
    }

    /** Lets go of its stack where others have the same, and counts it at its site. */
    private void settleOrigin(OpenSocket tracked) {
        CapturedStack origin = tracked.origin;
        if (OpenSites.isAccepted(origin.stack())) {
            if (tracked.socket().tellsEndpoints()) {
                origin.acceptedOn(tracked.socket().findEndpoints().localPort());
            } else {
                origin.acceptedOnUntoldPort();
            }
        }
        tracked.origin = stacks.openings().shared(origin);
        sites.of(tracked.origin).countOpened();
    }

    /** The first sockets of a server may be swept before the self-test of their stack. Until they tell their port, they have a site without. */
    private void moveToPort(OpenSocket tracked) {
        CapturedStack onPort =
                tracked.origin.on(tracked.socket().findEndpoints().localPort());
        if (onPort != tracked.origin) {
            tracked.origin = onPort;
            sites.of(onPort).countOpened();
        }
    }

    /** A leak that was only reported is checked once per timeout; now that its object was collected, a release may be asked for. */
    private void checkCollected(Suspect suspect, long now) {
        if (suspect.state().isReported()
                && suspect.foundCase().kind() != LeakKind.UNREACHABLE
                && policy.releasesUnreachable()
                && schedule.remove(suspect)) {
            schedule.add(suspect, now);
        }
    }
}
