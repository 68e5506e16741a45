package io.socketreaper.release;

import io.socketreaper.model.Action;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.thread.ReaperThread;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One claimed socket on its way out, which is in one {@link ReleasePhase} at a time. A step never blocks, so a slow peer delays no other
 * socket; a socket that makes no progress is looked at at growing intervals.
 */
@ReaperThread
final class ReleaseTask {
    static final String AGENT_ENDS = "the agent is about to end";

    private final ReleaseContext release;
    private ReleasePhase phase;
    /** Steps of this phase that have failed. */
    private int failures;

    /**
     * @param action what is done to unread input
     * @param buffer for that; null if there was no memory for it
     */
    ReleaseTask(ReleaseContext release, Action action, @Nullable ByteBuffer buffer) {
        this.release = release;
        var leak = release.openCase.leak();
        this.phase = new ClaimPhase(release, isToBeEmptied(leak.kind(), leak.sighting(), action), buffer);
        noteCondemned();
    }

    /**
     * Whether unread input is discarded before the close. What a peer that has ended its side has sent is finite and all here: taking it off
     * costs nothing, and spares the peer a reset that could overtake the end of our reply.
     */
    static boolean isToBeEmptied(LeakKind kind, SocketSnapshot sighting, Action action) {
        boolean holdsNoInput = sighting.hold() == Holder.CLOSED
                || sighting.hold() == Holder.UNREACHABLE
                        && sighting.tcpState() == TcpState.CLOSE
                        && sighting.unreadBytes() == 0;
        return !holdsNoInput && (action == Action.DRAIN || kind == LeakKind.PEER_CLOSED);
    }

    private void noteCondemned() {
        LeakCase openCase = release.openCase;
        if (!openCase.isCondemned() && release.claim.isCondemned()) {
            openCase.condemned();
        }
    }

    /** Nano time of the next step. */
    long dueAt() {
        return release.dueAt;
    }

    /** Holds from its next step on. */
    void setPressure(boolean on) {
        release.underPressure = on;
    }

    boolean isOver() {
        return release.isOver();
    }

    /** Takes one step, and the first one of every phase that begins with it. */
    void step() {
        noteCondemned();
        ReleasePhase before = null;
        while (phase != before && !release.isOver()) {
            before = phase;
            enter(phase.step());
        }
    }

    private void enter(ReleasePhase next) {
        if (next != phase) {
            phase = next;
            release.resetPause();
            failures = 0;
        }
    }

    /** The step before this has failed. */
    void tryLater() {
        if (++failures >= TimeLimits.MOST_FAILURES) {
            cutShort();
        }
        release.pauseUntilNextStep(release.clock.nanoTime(), false);
    }

    /** There is no more time: what is condemned is closed in the next step, as the JDK closes it. */
    void hurry() {
        if (cutShort()) {
            release.claim.waitsNoLonger();
            release.dueAt = release.clock.nanoTime();
        } else {
            phase.hurry();
        }
    }

    /** False if that is this phase's part anyway, or the socket is not condemned yet. */
    private boolean cutShort() {
        ReleasePhase left = phase;
        if (!left.mayBeCutShort()) {
            return false;
        }
        enter(new JdkClosePhase(release));
        left.cutShort();
        return true;
    }

    /** The agent ends. What its owner's thread has not begun is withdrawn. True if it is over now. */
    boolean abandon() {
        if (!isOver() && release.claim.withdraw()) {
            release.refuse(AGENT_ENDS);
        }
        return isOver();
    }
}
