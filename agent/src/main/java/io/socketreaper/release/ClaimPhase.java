package io.socketreaper.release;

import io.socketreaper.stack.Claim;
import io.socketreaper.thread.ReaperThread;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits until the owner's event loop has condemned the socket or found it in use. A socket without an event loop is condemned
 * already.
 */
@ReaperThread
final class ClaimPhase extends ReleasePhase {
    private final boolean toBeEmptied;
    private final @Nullable ByteBuffer buffer;

    /**
     * @param toBeEmptied whether unread input is discarded before the close
     * @param buffer      for that; null if there was no memory for it
     */
    ClaimPhase(ReleaseContext release, boolean toBeEmptied, @Nullable ByteBuffer buffer) {
        super(release);
        this.toBeEmptied = toBeEmptied;
        this.buffer = buffer;
    }

    @Override
    ReleasePhase step() {
        long now = release.clock.nanoTime();
        return switch (release.claim.state()) {
            case ASKED -> {
                await(now);
                yield this;
            }
            case REFUSED -> {
                release.refuseAsInUse();
                yield this;
            }
            case CLAIMED -> claimed(now);
        };
    }

    private void await(long now) {
        if (now - release.claimedAt < TimeLimits.ANSWER) {
            release.pauseUntilNextStep(now, false);
        } else if (release.claim.withdraw()) {
            release.refuse(
                    "its event loop has not responded for " + TimeUnit.NANOSECONDS.toSeconds(TimeLimits.ANSWER) + " s");
        } else {
            // The event loop has answered just now.
            release.pauseUntilNextStep(now, true);
        }
    }

    private ReleasePhase claimed(long now) {
        release.claimed(now);
        Claim claim = release.claim;
        if (!toBeEmptied) {
            return new HandBackPhase(release);
        }
        if (claim.isReset() && claim.emptied() != null) {
            release.result.emptiedWithClose = true;
            return new HandBackPhase(release);
        }
        if (claim.tellsByUnread()) {
            return new HandBackPhase(release);
        }
        if (buffer == null) {
            release.result.withoutMemory = true;
            return new HandBackPhase(release);
        }
        return new DrainPhase(release, buffer);
    }

    @Override
    boolean mayBeCutShort() {
        return false;
    }

    @Override
    void hurry() {
        if (release.claim.withdraw()) {
            release.refuse(ReleaseTask.AGENT_ENDS);
        }
    }
}
