package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.probe.PeerProbe;
import io.socketreaper.probe.PeerProbes;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Asks the peers of suspects where the verdict depends on the answer: a peer that has closed looks like one that has only half-closed
 * and waits for its answer. Knows also the askings of {@link IdlePeers}, because a socket is asked for one reason at a time.
 */
@ReaperThread
final class PeerQuestions {
    /** From the first probe to the answer. */
    private static final long PROBE_TAKES = TimeUnit.SECONDS.toNanos(4);

    /**
     * What the peer of a suspect is, or was, asked by.
     *
     * @param probe        kept after the question, because it remembers which unanswered probes were the agent's own
     * @param isWanted     whether the answer is wanted
     * @param lastActivity of the suspect when the question began; a later one makes it void
     */
    record Question(PeerProbe probe, boolean isWanted, long lastActivity) {}

    private final PeerProbes probes;
    private final IdlePeers idlePeers;
    private final Policy policy;
    private final IdleTime idleTime;

    PeerQuestions(Clock clock, Policy policy, IdleTime idleTime) {
        this.probes = new PeerProbes(clock, policy.probeMode());
        this.idlePeers = new IdlePeers(clock, policy);
        this.policy = policy;
        this.idleTime = idleTime;
    }

    /** Asks the peers of connections that only are idle. */
    IdlePeers idle() {
        return idlePeers;
    }

    /** The settings have changed: what was asked for is forgotten, and asked for again if it still is. */
    void settingsChanged(Iterable<Suspect> suspects) {
        probes.mode(policy.probeMode());
        for (Suspect suspect : suspects) {
            forget(suspect);
        }
    }

    /** Withdraws a question that activity has made void. */
    void withdraw(Suspect suspect, SocketSnapshot snapshot) {
        withdrawIdle(suspect, snapshot);
        Question asked = suspect.question;
        if (asked != null && asked.lastActivity() != suspect.lastActivity()) {
            forget(suspect);
        }
    }

    /** Asks if it is time: soon enough to have the answer when the suspect's timeout has passed, which the caller has just set. */
    void ask(Suspect suspect, SocketSnapshot snapshot, long now) {
        if (!snapshot.dependsOnPeer()
                || isAsking(suspect)
                || suspect.lastSnapshot == null
                || suspect.socket().peerIsThere()) {
            return;
        }
        long ahead = Math.min(suspect.timeout / 2, PROBE_TAKES);
        if (suspect.openCase != null || idleTime.of(suspect, now) >= suspect.timeout - ahead) {
            Question earlier = suspect.question;
            PeerProbe probe = probes.ask(
                    earlier == null ? null : earlier.probe(), suspect.socket(), policy.releasesBy(snapshot.kind()));
            if (probe != null) {
                suspect.question = new Question(probe, policy.asksPeers(), suspect.lastActivity());
            }
        }
    }

    /** A suspect is asked as one, and goes on with the probe of the idle connection, which knows what is still to be put back. */
    private void withdrawIdle(Suspect suspect, SocketSnapshot snapshot) {
        if (snapshot.kind() == LeakKind.WINDOW_FULL) {
            // Its verdict does not depend on the peer, and keepalive alone finds out that the peer has vanished.
            return;
        }
        PeerProbe idle = idlePeers.withdraw(suspect, snapshot);
        if (idle != null && suspect.question == null) {
            suspect.question = new Question(idle, false, suspect.lastActivity());
        }
    }

    /**
     * The evidence of a suspect, with what its peer has answered.
     *
     * @param late whether the JVM may have been stopped just before, so that the idle time is no evidence
     */
    Evidence evidence(Suspect suspect, SocketSnapshot snapshot, long now, boolean late) {
        return new Evidence(
                        snapshot,
                        TimeUnit.NANOSECONDS.toMillis(idleTime.of(suspect, now)),
                        TimeUnit.NANOSECONDS.toMillis(suspect.timeout),
                        late)
                .with(suspect.use(answer(suspect, snapshot), readsCount(suspect, snapshot)));
    }

    /**
     * Whether reads since the sign count: of a half-closed socket, and of a unix-domain one that has ended in order. A TCP peer that has
     * closed answers probes for a minute, and until then the socket of a slow reader is left alone; a unix-domain peer is gone at once.
     * Of open sockets only unix-domain ones say that their peer is there without being asked.
     */
    private static boolean readsCount(Suspect suspect, SocketSnapshot snapshot) {
        return snapshot.outputShut() || suspect.socket().peerIsThere() && !snapshot.reset();
    }

    private PeerAnswer answer(Suspect suspect, SocketSnapshot snapshot) {
        if (!snapshot.dependsOnPeer()) {
            boolean gone = snapshot.tcpState() == TcpState.CLOSE
                    && (suspect.isPeerGone() || snapshot.reset() && wasResetByProbe(suspect));
            return gone ? PeerAnswer.GONE : PeerAnswer.NOT_ASKED;
        }
        if (suspect.socket().peerIsThere()) {
            return PeerAnswer.ANSWERS;
        }
        // The first check asks no peer, and finds no leak either.
        return isAsking(suspect)
                ? Objects.requireNonNull(suspect.question).probe().answer()
                : PeerAnswer.NOT_ASKED;
    }

    /** Whether the connection, which was reset, was so while its peer was being asked. */
    private boolean wasResetByProbe(Suspect suspect) {
        return isAsking(suspect)
                && Objects.requireNonNull(suspect.question).probe().isAskingOrWasReset();
    }

    /** Whether the answer of the suspect's peer is wanted. */
    boolean isAsking(Suspect suspect) {
        return suspect.question != null && suspect.question.isWanted();
    }

    /** Whether the peer may wait for an answer and was not asked, although probes are not off. */
    boolean isUnasked(Evidence evidence) {
        return evidence.snapshot().dependsOnPeer()
                && evidence.use().peer() == PeerAnswer.NOT_ASKED
                && policy.asksPeers();
    }

    /** The answer is not wanted any more. */
    void forget(Suspect suspect) {
        if (isAsking(suspect)) {
            Question asked = Objects.requireNonNull(suspect.question);
            probes.forget(asked.probe());
            suspect.question = new Question(asked.probe(), false, asked.lastActivity());
        }
    }

    /** Sends the probes that are due, or ends all if the detection has ended. */
    void tick() {
        if (policy.isEnded()) {
            probes.endAll();
        } else {
            probes.tick();
        }
        idlePeers.tick();
    }

    /** Nanoseconds until {@link #tick} has something to do; {@link Long#MAX_VALUE} if no probe is due. */
    long nanosToNext() {
        return Math.min(probes.nanosToNext(), idlePeers.nanosToNext());
    }
}
