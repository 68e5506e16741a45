package io.socketreaper.detect;

import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.Judge;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.release.LeakCase;
import io.socketreaper.release.Release;
import io.socketreaper.thread.ReaperThread;
import org.jspecify.annotations.Nullable;

/** Releases leaks on demand that were only reported. */
@ReaperThread
final class ReleaseRequests {
    /**
     * What an operator asks for.
     *
     * @param doubtfulToo whether the socket is released also if that may lose something
     */
    record Request(Action action, boolean doubtfulToo) {}

    private final Clock clock;
    private final Policy policy;
    private final Schedule schedule;
    private final SuspectStates states;
    private final PeerQuestions peers;
    private final Release release;

    ReleaseRequests(
            Clock clock, Policy policy, Schedule schedule, SuspectStates states, PeerQuestions peers, Release release) {
        this.clock = clock;
        this.policy = policy;
        this.schedule = schedule;
        this.states = states;
        this.peers = peers;
        this.release = release;
    }

    /** Checks the suspect and begins its release; or leaves the request with it, if another thread must be asked about the socket. */
    ReleaseReply release(SuspectSnapshot listed, Request request) {
        Suspect suspect = listed.suspect();
        if (policy.isEnded()
                || !listed.isReported()
                || suspect.openCase != listed.openCase()
                || !schedule.remove(suspect)) {
            return ReleaseReply.SPARED;
        }
        long now = clock.nanoTime();
        long next = policy.period();
        try {
            SocketSnapshot snapshot = suspect.socket().snapshot();
            if (snapshot.hold() == Holder.DYING && suspect.socket().isAsking()) {
                suspect.request = request;
                next = Policy.SHORTEST_PERIOD;
                return ReleaseReply.BEGUN;
            }
            return release(suspect, snapshot, request, now);
        } finally {
            schedule.add(suspect, now + next);
        }
    }

    /** The request that waits for this check of a suspect; null if there is none. It waits on while another thread is asked. */
    @Nullable
    Request take(Suspect suspect) {
        Request request = suspect.request;
        if (!suspect.socket().isAsking()) {
            suspect.request = null;
        }
        return request;
    }

    /** Whether a request that has waited makes the release of a suspect begin. */
    boolean begins(Suspect suspect, SocketSnapshot snapshot, @Nullable Request request, long now) {
        return request != null
                && suspect.state().isReported()
                && !policy.isEnded()
                && release(suspect, snapshot, request, now) == ReleaseReply.BEGUN;
    }

    private ReleaseReply release(Suspect suspect, SocketSnapshot snapshot, Request request, long now) {
        if (isUntouched(suspect, snapshot)) {
            Evidence evidence = peers.evidence(suspect, snapshot, now, false).withoutTimeout();
            if (Judge.judge(evidence).isLeak()) {
                boolean mayLose = evidence.grade() == Grade.DOUBTFUL || peers.isUnasked(evidence);
                if (mayLose && !request.doubtfulToo()) {
                    return ReleaseReply.DOUBTFUL;
                }
                LeakCase opened = suspect.openCase == null
                        ? release.leakFound(suspect, evidence, request.action(), now)
                        : release.judgedAgain(suspect.openCase, suspect, evidence, request.action(), now);
                if (opened != null) {
                    states.leakFound(suspect, opened);
                }
            }
        }
        return suspect.state() == SuspectState.RELEASING ? ReleaseReply.BEGUN : ReleaseReply.SPARED;
    }

    /** Whether the socket may be released, and neither the application nor the network has used it since it was reported. */
    private static boolean isUntouched(Suspect suspect, SocketSnapshot snapshot) {
        return !snapshot.isOnlyReported()
                && !suspect.isClosedOrReleased()
                && !suspect.isUsedSinceReported()
                && (suspect.lastSnapshot == null || !snapshot.differsOnTheWire(suspect.lastSnapshot));
    }
}
