package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.probe.IdleProbes;
import io.socketreaper.probe.PeerProbe;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the peers of ESTABLISHED connections that are idle, with {@code keepalive} and {@code track=all}. A peer that no longer knows its
 * connection answers with a reset; the next sweep then finds the sign of a peer-closed socket. Any other answer changes nothing.
 *
 * <p>Whether a connection is idle the kernel decides: it sends a probe only if it has heard no segment of the peer for that long, and
 * every segment of ours is acknowledged by one.
 */
@ReaperThread
final class IdlePeers {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** A silent peer is asked again after so many times the idle time, at most. */
    private static final int LONGEST_PAUSE = 64;
    /** So many probes are unanswered after the first asking of a silent peer, and one more after each further one. */
    private static final int UNANSWERED_AT_FIRST = 3;

    private final Policy policy;
    private final IdleProbes probes;
    /** The sweep under way asks from this chain on. */
    private int firstChain;
    /** The first chain of this sweep in which one found no room, -1 if all did. */
    private int refusedChain = -1;

    IdlePeers(Clock clock, Policy policy) {
        this.policy = policy;
        this.probes = new IdleProbes(clock);
    }

    /** A sweep begins at the first chain. */
    void beginSweep() {
        firstChain = Math.max(refusedChain, 0);
        refusedChain = -1;
    }

    /**
     * A sweep has met an open socket. Asks its peer if it is time; if too many are asked at this moment a later sweep does.
     *
     * @param chain in which it was met: those that found no room in one sweep come first in the next
     * @param now   nano time
     */
    void meet(int chain, OpenSocket open, long now) {
        int idle = policy.keepaliveSeconds();
        if (idle == 0 || chain < firstChain || isLookedAt(open.suspect) || !isDue(open, idle, now)) {
            return;
        }
        if (!probes.hasRoom()) {
            refusedChain = refusedChain < 0 ? chain : refusedChain;
            return;
        }
        if (open.socket().tcpState() == TcpState.ESTABLISHED) {
            askAgainAfter(open, idle, now);
            probes.ask(open.socket(), idle, (answer, unanswered) -> {
                open.peerIsGone = answer == PeerAnswer.GONE;
                if (answer == PeerAnswer.SILENT) {
                    askAgainAfter(open, (long) idle * pauses(unanswered), now);
                }
            });
        }
    }

    /** Whether it is a suspect of a kind that may be asked for another reason. The peer of one whose receive window is full may vanish. */
    private static boolean isLookedAt(@Nullable Suspect suspect) {
        return suspect != null && !suspect.isWindowFull();
    }

    private static boolean isDue(OpenSocket open, int idle, long now) {
        return open.askAt == 0 ? now - open.knownSince(now) >= idle * SECOND : open.askAt - seconds(now) <= 0;
    }

    private static void askAgainAfter(OpenSocket open, long pause, long now) {
        // Rounded up: the answer has come a little later than the question.
        int at = seconds(now + pause * SECOND) + 1;
        open.askAt = at == 0 ? 1 : at;
    }

    private static int seconds(long nanos) {
        return (int) (nanos / SECOND);
    }

    /** 1, 2, 4 ... {@value #LONGEST_PAUSE} times the idle time. */
    private static int pauses(int unanswered) {
        int silences = Math.max(0, unanswered - UNANSWERED_AT_FIRST);
        return silences < Integer.numberOfTrailingZeros(LONGEST_PAUSE) ? 1 << silences : LONGEST_PAUSE;
    }

    /**
     * A suspect is looked at, and may be asked for another reason, or released: ends an asking of its socket.
     *
     * @return what it was asked by; null if it is not being asked
     */
    @Nullable
    PeerProbe withdraw(Suspect suspect, SocketSnapshot snapshot) {
        PeerProbe probe = probes.withdraw(suspect.socket());
        if (probe != null && snapshot.tcpState() == TcpState.CLOSE && snapshot.reset()) {
            // The sweep has seen the reset sooner than the asking.
            suspect.peerIsGone();
        }
        return probe;
    }

    /** Sends the probes that are due, or ends all if no peer is to be asked any more. */
    void tick() {
        if (policy.keepaliveSeconds() == 0) {
            probes.endAll();
        }
        probes.tick();
    }

    /** Nanoseconds until {@link #tick} has something to do; {@link Long#MAX_VALUE} if no probe is due. */
    long nanosToNext() {
        return probes.nanosToNext();
    }
}
