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
 * One claimed socket during its release, which is in one {@link ReleasePhase} at a time. A step never blocks, so a slow peer delays no other
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
        this.phase = new ClaimPhase(release, isToBeEmptied(leak.kind(), leak.snapshot(), action), buffer);
        noteCondemned();
    }

    /** Whether unread input is discarded before the close. */
    static boolean isToBeEmptied(LeakKind kind, SocketSnapshot snapshot, Action action) {
        boolean holdsNoInput = snapshot.hold() == Holder.CLOSED
                || snapshot.tcpState() == TcpState.SYN_SENT
                || snapshot.hold() == Holder.UNREACHABLE
                        && snapshot.tcpState() == TcpState.CLOSE
                        && snapshot.unreadBytes() == 0;
        return !holdsNoInput && (action == Action.DRAIN || kind.isAlwaysEmptied());
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

    /** Sets the nano time of the next step. */
    void dueAt(long time) {
        release.dueAt = time;
    }

    /** Sets whether few descriptors are left; valid from the next step on. */
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

    /** Handles a failure of the last step. */
    void tryLater() {
        if (++failures >= TimeLimits.MOST_FAILURES) {
            cutShort();
        }
        release.pauseUntilNextStep(release.clock.nanoTime(), false);
    }

    /** Ends the waiting: a condemned socket is closed in the next step, by the JDK's close. */
    void hurry() {
        if (cutShort()) {
            release.claim.waitsNoLonger();
            release.dueAt = release.clock.nanoTime();
        } else {
            phase.hurry();
        }
    }

    /** Returns false if this phase is that close already, or the socket is not condemned yet. */
    private boolean cutShort() {
        ReleasePhase left = phase;
        if (!left.mayBeCutShort()) {
            return false;
        }
        enter(new JdkClosePhase(release));
        left.cutShort();
        return true;
    }

    /** The agent ends: withdraws a request that its owner's thread has not begun. Returns whether the release is over now. */
    boolean abandon() {
        if (!isOver() && release.claim.withdraw()) {
            release.refuse(AGENT_ENDS);
        }
        return isOver();
    }
}
