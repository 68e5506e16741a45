package io.socketreaper.release;

import io.socketreaper.stack.Claim.Back;
import io.socketreaper.thread.ReaperThread;

/** Makes the owner read the socket: the read fails, and the owner then closes the socket itself. */
@ReaperThread
final class HandBackPhase extends ReleasePhase {
    private long offeredAt;
    private long toldAt;
    /** Since when its thread has been at work outside a selection; only while that is so. */
    private long busySince;

    HandBackPhase(ReleaseContext release) {
        super(release);
    }

    @Override
    ReleasePhase step() {
        long now = release.clock.nanoTime();
        ReleaseResult result = release.result;
        if (result.back == Back.NOT_NEEDED) {
            result.back = release.claim.handBack();
            offeredAt = now;
            toldAt = now;
            if (!result.wasHandedBack()) {
                return new OwnerClosePhase(release, offeredAt);
            }
        }
        boolean closed = release.claim.isClosed();
        if (result.back != Back.TOLD) {
            Back before = result.back;
            result.back = release.claim.back();
            toldAt = now;
            busySince = isBusy(before) ? busySince : now;
        }
        if (result.back == Back.IMPOSSIBLE) {
            return impossible();
        }
        if (closed) {
            result.closedByOwner = true;
            release.claim.endHandBack();
            release.closedAt = now;
            return new JdkClosePhase(release);
        }
        long end = end();
        if (now - end >= 0) {
            release.claim.endHandBack();
            return new OwnerClosePhase(release, offeredAt);
        }
        release.pauseUntilNextStep(now, end);
        return this;
    }

    private ReleasePhase impossible() {
        release.claim.endHandBack();
        if (release.claim.isClosed()) {
            // by the claim, for a thread that has begun to select meanwhile
            release.attempts++;
            return new JdkClosePhase(release);
        }
        return new OwnerClosePhase(release, offeredAt);
    }

    /** The nano time until which the release waits for the owner. */
    private long end() {
        Back back = release.result.back;
        if (back == Back.TOLD) {
            return later(offeredAt + TimeLimits.HANDED_BACK, toldAt + TimeLimits.AFTER_TOLD);
        }
        if (back == Back.ASKED) {
            return offeredAt + TimeLimits.HANDED_BACK;
        }
        long end = offeredAt + TimeLimits.selection(release.claim, release.underPressure);
        // Its next selection is to close what it has not read by then.
        boolean closesNext = isBusy(back) && release.claim.ways() == 0;
        return closesNext ? earlier(end, busySince + TimeLimits.HANDED_BACK) : end;
    }

    private static boolean isBusy(Back back) {
        return back == Back.BUSY || back == Back.REPORTED;
    }

    private static long earlier(long one, long other) {
        return one - other < 0 ? one : other;
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }
}
