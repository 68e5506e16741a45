package io.socketreaper.probe;

import io.socketreaper.model.Clock;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.ProbeMode;
import io.socketreaper.stack.SocketHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Asks the peers of all suspects, a bounded number at once; see {@link KeepaliveProbe}. It has no thread: the reaper thread calls
 * {@link #tick} when {@link #nanosToNext} says so. Reaper thread only.
 *
 * <p>Each asking sends up to {@value KeepaliveProbe#PROBES} segments within as many seconds. So with {@value #AT_ONCE} sockets asked at
 * once no more than that number of segments is sent in a second, whatever the number of suspects; and each is answered by one.
 * The socket that has waited longest comes next.
 */
public final class PeerProbes {
    /** How many sockets are asked at once. */
    public static final int AT_ONCE = 256;

    /** From the end of one asking to the next, seconds; the last one is repeated. */
    private static final int[] DISTANCES = {15, 15, 30, 60, 60, 120, 300, 600};

    private static final long SECOND = 1_000_000_000L;

    private final Clock clock;
    private final int atOnce;
    /** Those that wait for an asking, by its time. */
    private final TreeSet<PeerProbe> waiting = new TreeSet<>();

    private final List<PeerProbe> asked = new ArrayList<>();
    private ProbeMode mode;
    private long numbers;

    public PeerProbes(Clock clock, ProbeMode mode) {
        this(clock, mode, AT_ONCE);
    }

    PeerProbes(Clock clock, ProbeMode mode, int atOnce) {
        this.clock = clock;
        this.mode = mode;
        this.atOnce = atOnce;
    }

    /** From now on. With {@link ProbeMode#OFF} all askings end and are forgotten. */
    public void mode(ProbeMode now) {
        mode = now;
        if (now == ProbeMode.OFF) {
            endAll();
        }
    }

    /**
     * Begins to ask the peer of a socket, again and again until {@link #forget} or until the peer is gone.
     *
     * @param earlier            the probe of an earlier call for this socket, null for none; it knows which of the unanswered probes
     *                           were ours. If it is still wanted it is returned unchanged, otherwise it begins anew
     * @param releaseDependsOnIt false for a suspect that is only reported
     * @return what will hold the answer; {@code earlier} if there was one; null if such a socket is not to be asked
     */
    public @Nullable PeerProbe ask(@Nullable PeerProbe earlier, SocketHandle socket, boolean releaseDependsOnIt) {
        if (mode == ProbeMode.OFF
                || mode == ProbeMode.AUTO && !releaseDependsOnIt
                || earlier != null && !earlier.isUnwanted()) {
            return earlier;
        }
        long now = clock.nanoTime();
        PeerProbe probe = earlier == null ? new PeerProbe(clock, socket, numbers++, now) : earlier;
        if (earlier != null) {
            earlier.beginAnew(now);
        }
        if (!asked.contains(probe)) {
            waiting.add(probe);
        }
        return probe;
    }

    /**
     * Ends the asking of a socket: the application's options are put back now, and no further probe is sent. To be called
     * before a socket is claimed, when it shows life, and when it is gone.
     *
     * @param probe null if there is none
     */
    public void forget(PeerProbe probe) {
        if (probe != null && !probe.isUnwanted()) {
            waiting.remove(probe);
            probe.end();
            // One that could not be ended now stays among the asked, and is tried again.
            asked.remove(probe);
            if (probe.isAsking() && !probe.isStuck()) {
                asked.add(probe);
            }
        }
    }

    /** Ends all askings, puts all options back and forgets all sockets. */
    public void endAll() {
        for (PeerProbe probe : asked) {
            probe.end();
        }
        for (PeerProbe probe : waiting) {
            probe.end();
        }
        waiting.clear();
        keepAsking();
    }

    /** Keeps those only that are still being asked, or could not be ended. */
    private void keepAsking() {
        int kept = 0;
        for (int i = 0; i < asked.size(); i++) {
            PeerProbe probe = asked.get(i);
            if (probe.isAsking() && !probe.isStuck()) {
                asked.set(kept++, probe);
            }
        }
        asked.subList(kept, asked.size()).clear();
    }

    /** How many sockets are asked at this moment; no more than {@value #AT_ONCE}, and those that could not be ended. */
    int asking() {
        return asked.size();
    }

    /** How many wait to be asked, for the first time or again. */
    public int waiting() {
        return waiting.size();
    }

    /** Does what is due. Bounded: it looks at the asked sockets and begins no more askings than there may be at once. */
    public void tick() {
        long now = clock.nanoTime();
        look(now);
        for (int i = 0;
                i < atOnce
                        && asked.size() < atOnce
                        && !waiting.isEmpty()
                        && waiting.first().dueAt() - now <= 0;
                i++) {
            PeerProbe probe = waiting.pollFirst();
            probe.step();
            if (probe.isAsking() && !probe.isStuck()) {
                asked.add(probe);
            } else {
                askAgain(probe, now);
            }
        }
    }

    private void look(long now) {
        for (PeerProbe probe : asked) {
            if (probe.dueAt() - now <= 0) {
                probe.step();
                if (!probe.isAsking() || probe.isStuck()) {
                    askAgain(probe, now);
                }
            }
        }
        keepAsking();
    }

    private void askAgain(PeerProbe probe, long now) {
        if (!probe.isUnwanted() && probe.answer() != PeerAnswer.GONE) {
            int rounds = probe.rounds();
            int distance = rounds == 0 ? 0 : DISTANCES[Math.min(rounds, DISTANCES.length) - 1];
            probe.dueAt(now + distance * SECOND);
            waiting.add(probe);
        }
    }

    /** Nanoseconds until {@link #tick} has something to do, 0 if it is due; {@link Long#MAX_VALUE} if it never has. */
    public long nanosToNext() {
        long now = clock.nanoTime();
        long soonest = Long.MAX_VALUE;
        for (PeerProbe probe : asked) {
            soonest = Math.min(soonest, Math.max(0, probe.dueAt() - now));
        }
        if (asked.size() < atOnce && !waiting.isEmpty()) {
            soonest = Math.min(soonest, Math.max(0, waiting.first().dueAt() - now));
        }
        return soonest;
    }
}
