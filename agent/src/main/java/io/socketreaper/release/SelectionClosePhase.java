package io.socketreaper.release;

import io.socketreaper.thread.ReaperThread;

/**
 * Leaves the close to the next selection on a selector that holds the socket, so that no thread meets a cancelled key in its own
 * walk.
 */
@ReaperThread
final class SelectionClosePhase extends ReleasePhase {
    private final long offeredAt;
    private boolean begun;
    private long endsAt;
    /** The thread that selects may be waited for longer. */
    private boolean mayWaitForBusyThread;
    /** It was. One selection need not reach all sockets, and the next walk is as slow. */
    private boolean waitsForBusyThread;

    /** @param offeredAt when the socket was handed back, nano time */
    SelectionClosePhase(ReleaseContext release, long offeredAt) {
        super(release);
        this.offeredAt = offeredAt;
    }

    @Override
    ReleasePhase step() {
        long now = release.clock.nanoTime();
        if (!begun) {
            begun = true;
            if (release.attempt == null && release.claim.mayBeGone() && release.isGone()) {
                if (!release.wasClosedBefore()) {
                    release.result.closedByApplication = true;
                }
                release.finish(now);
                return this;
            }
            if (!release.claim.closeInSelection()) {
                return new JdkClosePhase(release);
            }
            release.attempts++;
            endsAt = end(now);
            mayWaitForBusyThread = !release.wasClosedBefore();
        } else if (release.claim.mayBeGone() && release.isGone()) {
            release.finish(now);
            return this;
        }
        return await(now);
    }

    /** The nano time until which the close waits for a selection. */
    private long end(long now) {
        long least = now + TimeLimits.SELECTION_ITSELF;
        if (release.wasClosedBefore()) {
            // Its key is cancelled already: a walk through the keys meets that anyway, so a flush does no harm.
            return least;
        }
        long usual = (release.result.wasHandedBack() ? offeredAt : now)
                + TimeLimits.selection(release.claim, release.underPressure);
        return usual - least > 0 ? usual : least;
    }

    private ReleasePhase await(long now) {
        if (now - endsAt < 0) {
            release.pauseUntilNextStep(now, endsAt);
            return this;
        }
        if (mayWaitForBusyThread
                && !release.underPressure
                && now - offeredAt < TimeLimits.SELECTION_OF_BUSY_THREAD
                && release.claim.isSelectorsThreadBusy(waitsForBusyThread)) {
            waitsForBusyThread = true;
            release.dueAt = now + TimeLimits.BUSY_PAUSE;
            return this;
        }
        return new JdkClosePhase(release);
    }
}
