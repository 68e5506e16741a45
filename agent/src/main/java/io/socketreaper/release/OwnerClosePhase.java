package io.socketreaper.release;

import io.socketreaper.thread.ReaperThread;

/** Has the owner close the socket in its own ways, one after the other. Skipped if the owner has none. */
@ReaperThread
final class OwnerClosePhase extends ReleasePhase {
    private final long offeredAt;
    /** The last that was tried; 0 before the first. */
    private int way;

    /** @param offeredAt when the socket was handed back, nano time */
    OwnerClosePhase(ReleaseContext release, long offeredAt) {
        super(release);
        this.offeredAt = offeredAt;
    }

    @Override
    ReleasePhase step() {
        long now = release.clock.nanoTime();
        CloseAttempt attempt = release.attempt;
        if (attempt != null && release.claim.mayBeGone() && release.isGone()) {
            release.finish(now);
            return this;
        }
        if (attempt != null && !isTried(attempt, now)) {
            release.pauseUntilNextStep(now, false);
            return this;
        }
        if (attempt != null && release.attempts < way) {
            release.attempts++;
            release.closedAt = now;
        }
        if (attempt != null && now - release.closedAt < TimeLimits.PATIENCE) {
            release.pauseUntilNextStep(now, false);
            return this;
        }
        if (way >= release.claim.ways()) {
            return new SelectionClosePhase(release, offeredAt);
        }
        release.beginClose(way + 1, now);
        way++;
        return this;
    }

    /** Whether the owner's thread has handled the close, or its time is over. */
    private boolean isTried(CloseAttempt attempt, long now) {
        return attempt.hasBegun() && (release.claim.hasBegun() || now - attempt.begunAt() >= TimeLimits.ANSWER);
    }
}
