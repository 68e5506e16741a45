package io.socketreaper.detect;

import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Judge;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.release.LeakCase;
import io.socketreaper.release.Release;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;

/**
 * Checks suspects: takes a snapshot, compares it with the last one, judges the evidence, and reports a leak or begins its release.
 * Each check schedules the next one, or ends the suspect.
 */
@ReaperThread
final class SuspectCheck {
    /** So many suspects may each have a whole stack of its own; with more of them equal stacks are shared. */
    static final int MOST_OWN_STACKS = 1 << 10;
    /** Sharing one takes some ten microseconds. */
    private static final int STACKS_PER_ROUND = 1 << 8;

    private final Clock clock;
    private final Policy policy;
    private final IdleTime idleTime;
    private final Schedule schedule;
    private final SuspectStates states;
    private final SocketRegistry registry;
    private final PeerQuestions peers;
    private final ReleaseRequests requests;
    private final Release release;
    private final StackSamplers stacks;
    private final Detector.Host host;
    private int stacksShared;

    SuspectCheck(
            Clock clock,
            Policy policy,
            IdleTime idleTime,
            Schedule schedule,
            SuspectStates states,
            SocketRegistry registry,
            PeerQuestions peers,
            ReleaseRequests requests,
            Release release,
            StackSamplers stacks,
            Detector.Host host) {
        this.clock = clock;
        this.policy = policy;
        this.idleTime = idleTime;
        this.schedule = schedule;
        this.states = states;
        this.registry = registry;
        this.peers = peers;
        this.requests = requests;
        this.release = release;
        this.stacks = stacks;
        this.host = host;
    }

    /**
     * Makes the checks that are due; at least one, and no more after a nano time that is enough for this round.
     *
     * @param late whether the JVM may have been stopped just before
     */
    void checkDue(long enough, boolean late) {
        stacksShared = 0;
        long now = clock.nanoTime();
        boolean stopped = idleTime.wasStopped(now) | late;
        int checks = 0;
        long shortest = Long.MAX_VALUE;
        while (schedule.isDue(now) && (checks == 0 || now - enough < 0)) {
            long counted = release.nanosOfPasses();
            tryCheck(schedule.pollFirst(), now, stopped);
            checks++;
            long before = now;
            now = clock.nanoTime();
            // A pass over very many descriptors or sockets is the agent's own work.
            counted = release.nanosOfPasses() - counted;
            shortest = Math.min(shortest, now - before - counted);
            idleTime.ownWork(counted);
            stopped |= idleTime.wasStopped(now);
        }
        if (checks > 0) {
            schedule.measured(shortest);
        }
    }

    /**
     * Checks suspects that were closed, the first in any case: an application may close all its sockets at once. Returns whether the JVM may
     * have been stopped meanwhile.
     */
    boolean checkClosed(SocketEvents events, long now, long enough) {
        boolean stopped = false;
        long time = now;
        for (Suspect suspect = events.pollClosed();
                suspect != null;
                suspect = time - enough < 0 ? events.pollClosed() : null) {
            long counted = release.nanosOfPasses();
            if (schedule.remove(suspect)) {
                tryCheck(suspect, now, false);
            }
            time = clock.nanoTime();
            idleTime.ownWork(release.nanosOfPasses() - counted);
            stopped |= idleTime.wasStopped(time);
        }
        return stopped;
    }

    /** Checks a suspect that was taken off the schedule. A failure must cost neither the suspect nor the checks of others. */
    void tryCheck(Suspect suspect, long now, boolean late) {
        try {
            check(suspect, now, late);
        } catch (RuntimeException | Error failure) {
            host.failed(failure);
        }
    }

    /**
     * Checks a suspect that was taken off the schedule.
     *
     * @throws RuntimeException if the check failed; it is scheduled again
     */
    void check(Suspect suspect, long now, boolean late) {
        try {
            suspect.settle(now, stacks);
            if (suspect.state() == SuspectState.RELEASING) {
                followRelease(suspect, now);
            } else {
                checkSocket(suspect, now, late);
            }
        } catch (RuntimeException | Error failure) {
            schedule.add(suspect, now + Policy.LONGEST_PERIOD);
            throw failure;
        }
    }

    /** A close seen meanwhile is the agent's own, or the application's during a drain: the release tells how it ended. */
    private void followRelease(Suspect suspect, long now) {
        if (suspect.foundCase().isRefused()) {
            states.releaseRefused(suspect);
            suspect.touch(now);
            schedule.addAfter(suspect, policy.period());
        } else if (suspect.foundCase().isOver()) {
            states.end(suspect);
        } else {
            states.releasing(suspect);
            schedule.addAfter(suspect, policy.period());
        }
    }

    private void checkSocket(Suspect suspect, long now, boolean late) {
        SocketSnapshot snapshot = suspect.isClosedOrReleased()
                ? SocketSnapshot.gone()
                : suspect.socket().snapshot();
        // Asked again: what is found of a collected object counts only if no close of it was told before.
        if (snapshot.isGone() || suspect.isClosedOrReleased()) {
            descriptorIsGone(suspect, now);
            return;
        }
        ReleaseRequests.Request request = requests.take(suspect);
        if (snapshot.hold() == Holder.DYING) {
            // The socket is as it was; the collector, or the thread that may look at the socket, only needs more time.
            schedule.addAfter(
                    suspect,
                    suspect.socket().isAsking() ? Policy.SHORTEST_PERIOD : schedule.untilNextCheck(suspect, now));
        } else if (requests.begins(suspect, snapshot, request, now)) {
            schedule.addAfter(suspect, policy.period());
        } else if (!snapshot.showsSign()) {
            if (suspect.state().isReported()) {
                release.cameBackToLife(
                        suspect.foundCase(), suspect.isUsedSinceReported() ? suspect.lastActivity() : now, now);
            }
            states.end(suspect);
        } else {
            judgeSocket(suspect, snapshot, now, late);
        }
    }

    private void descriptorIsGone(Suspect suspect, long now) {
        if (suspect.state().isReported()) {
            if (suspect.isClosedOrReleased()) {
                release.closedAfterAll(suspect.foundCase(), suspect.lastReadOrWrite(), now);
            } else if (suspect.state() != SuspectState.VANISHED) {
                // It is being closed in this moment, then the hook will say so; or was collected, which is no close.
                states.vanished(suspect);
                schedule.add(suspect, now + policy.period());
                return;
            } else if (suspect.isReadOrWrittenSinceReported()) {
                release.cameBackToLife(suspect.foundCase(), suspect.lastReadOrWrite(), now);
            } else {
                release.collectedAfterAll(suspect.foundCase(), now);
            }
        }
        states.end(suspect);
    }

    private void judgeSocket(Suspect suspect, SocketSnapshot snapshot, long now, boolean late) {
        boolean isFirst = suspect.lastSnapshot == null;
        states.observe(suspect, snapshot.hold() == Holder.OPEN && !snapshot.outputShut());
        noteUnseenUse(suspect, snapshot, now);
        suspect.peerEnded |= snapshot.peerMayWait();
        peers.withdraw(suspect, snapshot);
        suspect.timeout = policy.timeout(peers.evidence(suspect, snapshot, now, late), now - suspect.knownSince(now));
        peers.ask(suspect, snapshot, now);
        Evidence evidence = peers.evidence(suspect, snapshot, now, late);
        suspect.grade = evidence.grade();
        suspect.shortestTimeout = Math.min(suspect.timeout, policy.shortestTimeout(snapshot.kind()));
        reviewReport(suspect, evidence, now);

        boolean changed = !isFirst && hasChanged(suspect, snapshot);
        // What the peer does to a reported leak is no sign that the application has come back for it.
        if (!suspect.state().isReported() && (changed || isFirst && !policy.isUrgent(snapshot))) {
            suspect.touch(now);
        }
        boolean toBeJudged = !suspect.state().isReported() || suspect.isToBeJudgedAgain() && !changed;
        if (isFirst) {
            release.suspected(suspect, snapshot, suspect.grade, suspect.timeout, now);
        }
        suspect.lastSnapshot = snapshot;
        shareStack(suspect);
        boolean claimed = !toBeJudged || judge(suspect, peers.evidence(suspect, snapshot, now, late), now);
        states.checked(suspect, isInUse(snapshot));
        schedule.addAfter(suspect, claimed ? untilNextCheck(suspect, now) : policy.period());
    }

    private long untilNextCheck(Suspect suspect, long now) {
        return switch (suspect.state()) {
            case RELEASING -> policy.period();
            case REPORTED, VANISHED -> schedule.untilNextCheckOfReported(suspect);
            case UNCHECKED, IN_USE, IDLE, ENDED -> schedule.untilNextCheck(suspect, now);
        };
    }

    /** Use of which no event tells is found by comparing two snapshots. */
    private static void noteUnseenUse(Suspect suspect, SocketSnapshot snapshot, long now) {
        if (isInUse(snapshot)) {
            suspect.touch(now);
        }
        SocketSnapshot last = suspect.lastSnapshot;
        if (last != null && snapshot.isReadSince(last)) {
            suspect.touch(now);
        }
        if (last != null
                && snapshot.outputShut()
                && last.outputShut()
                && (snapshot.plaintext() != last.plaintext() || snapshot.held() < last.held())) {
            suspect.readPlaintext(now);
        }
    }

    /** A half-closed socket cannot be written any more, also if a key of it still wants OP_WRITE. */
    private static boolean isInUse(SocketSnapshot snapshot) {
        return snapshot.reading()
                || snapshot.readInterest()
                || (snapshot.writing() || snapshot.sending()) && !snapshot.outputShut();
    }

    /** Whether the network or a reader has done something since the last check, other than a reset in answer to the agent's own probe. */
    private boolean hasChanged(Suspect suspect, SocketSnapshot snapshot) {
        SocketSnapshot last = Objects.requireNonNull(suspect.lastSnapshot);
        return snapshot.differsOnTheWire(last) && !(peers.isAsking(suspect) && snapshot.wasReset(last));
    }

    /** A reported leak is one no longer when it was used since; and it is judged anew if more can be done about it now. */
    private void reviewReport(Suspect suspect, Evidence evidence, long now) {
        if (!suspect.state().isReported()) {
            return;
        }
        LeakCase reported = suspect.foundCase();
        if (suspect.isUsedSinceReported()) {
            release.cameBackToLife(reported, suspect.lastActivity(), now);
            states.cameBackToLife(suspect);
        } else if (evidence.use().peer() != PeerAnswer.PENDING
                && policy.action(evidence) != Action.LOG
                && (reported.kind() != evidence.kind() || reported.grade().compareTo(evidence.grade()) > 0)) {
            // Now it is lost for good, or surer to be.
            if (reported.isAcknowledged()) {
                suspect.acknowledged();
            }
            states.judgeAnew(suspect);
        }
    }

    /** Reports a leak, or begins its release. Returns false if it could not be claimed just now. */
    private boolean judge(Suspect suspect, Evidence evidence, long now) {
        if (!policy.findsLeaks() || Judge.judge(evidence).isAlive()) {
            return true;
        }
        if (evidence.snapshot().hold() == Holder.UNREACHABLE && registry.hasAnother(suspect.socket())) {
            suspect.isAnothers();
            return true;
        }
        Action action = policy.action(evidence);
        LeakCase found = suspect.openCase == null
                ? release.leakFound(suspect, evidence, action, now)
                : release.judgedAgain(suspect.openCase, suspect, evidence, action, now);
        if (found == null) {
            return false;
        }
        states.leakFound(suspect, found);
        // Where a sample shows no frame of the application, as on the threads of many frameworks, more of them would
        // not either.
        if (found.lacksBlame() && suspect.lastUse(now).stack().length == 0) {
            stacks.uses().want(suspect.openedIn(), now);
        }
        suspect.toBeJudgedAgain = false;
        return true;
    }

    private void shareStack(Suspect suspect) {
        if (schedule.size() >= MOST_OWN_STACKS
                && stacksShared < STACKS_PER_ROUND
                && suspect.shareStack(stacks.openings())) {
            stacksShared++;
        }
    }
}
