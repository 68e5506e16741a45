package io.socketreaper.release;

import io.socketreaper.stack.Claim;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;

/** Closes the socket as the JDK does, again and again at growing intervals, until its descriptor is gone. */
@ReaperThread
final class JdkClosePhase extends ReleasePhase {
    private int attempts;
    private boolean saidHeld;
    private long patience = TimeLimits.PATIENCE;

    JdkClosePhase(ReleaseContext release) {
        super(release);
    }

    @Override
    ReleasePhase step() {
        long now = release.clock.nanoTime();
        boolean due = isNextAttemptDue(now);
        if ((due || release.claim.mayBeGone()) && release.isGone()) {
            release.finish(now);
        } else if (release.claim.isRefused()) {
            release.refuseAsInUse();
        } else if (due) {
            closeOrGiveUp(now);
        } else {
            release.pauseUntilNextStep(now, false);
        }
        return this;
    }

    private void closeOrGiveUp(long now) {
        boolean givenUp = attempts >= TimeLimits.MOST_ATTEMPTS;
        if (release.underPressure) {
            release.claim.hurry();
        }
        // An attempt that was put off has not failed.
        boolean wasPutOff = release.claim.wasPutOff();
        if (!givenUp) {
            // First, because no thread may be available; then this step is repeated.
            release.beginClose(Claim.AS_THE_JDK, now);
        }
        boolean failed = attempts > 0 && !saidHeld && !wasPutOff;
        if (failed) {
            saidHeld = true;
            release.openCase.site().countStillHeld();
        }
        if (givenUp) {
            release.giveUp(now);
            return;
        }
        if (failed) {
            release.stillHeld(false, now);
        }
        if (attempts > 0) {
            patience = Math.min(2 * patience, TimeLimits.LONGEST_PATIENCE);
        }
        attempts++;
        release.attempts++;
    }

    /**
     * An attempt that waits for a thread has not begun, so its result is unknown. If a close by the application or the owner does not
     * free the descriptor, the agent closes the socket itself, which also wakes the selectors.
     */
    private boolean isNextAttemptDue(long now) {
        if (attempts > 0) {
            CloseAttempt last = Objects.requireNonNull(release.attempt);
            return last.hasBegun() && now - last.begunAt() >= patience;
        }
        boolean closedByOther = release.result.closedByApplication || release.result.closedByOwner;
        return !closedByOther || now - release.closedAt >= patience;
    }

    @Override
    boolean mayBeCutShort() {
        return false;
    }

    @Override
    void hurry() {
        if (release.claim.waitsNoLonger()) {
            release.beginClose(Claim.AS_THE_JDK, release.clock.nanoTime());
        }
    }
}
