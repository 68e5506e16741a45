package io.socketreaper.detect;

import io.socketreaper.release.LeakCase;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import org.jspecify.annotations.Nullable;

/** Adds suspects, moves them from state to state, and ends them; the one place where states change. */
@ReaperThread
final class SuspectStates {
    private final SocketRegistry registry;
    private final Schedule schedule;
    private final PeerQuestions peers;
    private final Detector.Host host;
    private int idle;
    private int observed;

    SuspectStates(SocketRegistry registry, Schedule schedule, PeerQuestions peers, Detector.Host host) {
        this.registry = registry;
        this.schedule = schedule;
        this.peers = peers;
        this.host = host;
    }

    /**
     * A socket shows a sign: makes it a suspect that is checked at once, unless it is one already.
     *
     * @param open the open socket; null if it is not known as one
     */
    void add(@Nullable OpenSocket open, SocketHandle socket, long knownSince, CapturedStack origin, long now) {
        Suspect suspect = registry.newSuspect(socket, socket.identity(), knownSince, origin, now);
        Suspect known = registry.add(suspect);
        known.join(open);
        if (known == suspect) {
            observe(suspect, true);
            host.wantTraffic(true);
            schedule.add(suspect, now);
        }
    }

    /** The socket is there and shows its sign; if it is no leak, it is in use or idle. */
    void checked(Suspect suspect, boolean inUse) {
        switch (suspect.state()) {
            case UNCHECKED, IN_USE, IDLE -> become(suspect, inUse ? SuspectState.IN_USE : SuspectState.IDLE);
            case VANISHED -> become(suspect, SuspectState.REPORTED);
            case REPORTED, RELEASING, ENDED -> {}
        }
    }

    /** Its leak was reported, or its release has begun. */
    void leakFound(Suspect suspect, LeakCase openCase) {
        suspect.openCase = openCase;
        if (openCase.inRelease()) {
            become(suspect, SuspectState.RELEASING);
            releasing(suspect);
        } else {
            become(suspect, SuspectState.REPORTED);
        }
    }

    /** Its release goes on. Its reads and writes matter until it is condemned: the claim may still be to come. */
    void releasing(Suspect suspect) {
        peers.forget(suspect);
        if (suspect.foundCase().isCondemned()) {
            observe(suspect, false);
        }
    }

    /** The owner of the socket has found it in use, and refused its release. */
    void releaseRefused(Suspect suspect) {
        suspect.openCase = null;
        become(suspect, SuspectState.UNCHECKED);
    }

    /** A reported leak is in use again: should it be lost once more, that is another leak. */
    void cameBackToLife(Suspect suspect) {
        suspect.forgetCount();
        judgeAnew(suspect);
    }

    /** A reported leak is of another kind now, or surer to be one: it is judged anew, and not counted again. */
    void judgeAnew(Suspect suspect) {
        suspect.foundCase().replaced();
        suspect.openCase = null;
        become(suspect, SuspectState.UNCHECKED);
    }

    /** The descriptor of a reported leak is gone, and the hook has told of no close. */
    void vanished(Suspect suspect) {
        become(suspect, SuspectState.VANISHED);
    }

    /** It is no suspect any more. */
    void end(Suspect suspect) {
        become(suspect, SuspectState.ENDED);
        observe(suspect, false);
        peers.forget(suspect);
        suspect.leave();
        registry.remove(suspect);
    }

    private void become(Suspect suspect, SuspectState next) {
        SuspectState before = suspect.state();
        if (before == next) {
            return;
        }
        if (!before.mayBecome(next)) {
            throw new IllegalStateException("a suspect that is " + before + " cannot become " + next);
        }
        suspect.state(next);
        idle += next == SuspectState.IDLE ? 1 : 0;
        idle -= before == SuspectState.IDLE ? 1 : 0;
    }

    /** Sets whether those reads and writes of a suspect matter that the hook tells of only while traffic is wanted. */
    void observe(Suspect suspect, boolean matter) {
        if (suspect.observed != matter) {
            suspect.observed = matter;
            observed += matter ? 1 : -1;
        }
    }

    /** Whether the idle time of any suspect counts. */
    boolean anyIdle() {
        return idle > 0;
    }

    /** Whether the reads and writes of any suspect matter. */
    boolean anyObserved() {
        return observed > 0;
    }
}
