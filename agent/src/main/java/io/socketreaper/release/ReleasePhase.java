package io.socketreaper.release;

import io.socketreaper.thread.ReaperThread;

/**
 * A phase of a release. They come in this order, and some are left out: claim, drain, hand back, close by the owner, close in a selection,
 * close as the JDK does.
 */
@ReaperThread
abstract sealed class ReleasePhase
        permits ClaimPhase, DrainPhase, HandBackPhase, OwnerClosePhase, SelectionClosePhase, JdkClosePhase {
    final ReleaseContext release;

    ReleasePhase(ReleaseContext release) {
        this.release = release;
    }

    /**
     * Takes one step, which does not block, and sets the time of the next one.
     *
     * @return this, or the phase that follows, whose first step is due at once
     */
    abstract ReleasePhase step();

    /** Whether the phases can be cut short by the JDK's close, which then replaces this phase and those after it. */
    boolean mayBeCutShort() {
        return true;
    }

    /** Prepares for that close, because the steps of this phase failed repeatedly or the agent ends. */
    void cutShort() {
        release.claim.endHandBack();
    }

    /** The agent is about to end, and this phase cannot be cut short. */
    void hurry() {}
}
