package io.socketreaper.detect;

import io.socketreaper.leak.LastUse;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import org.jspecify.annotations.Nullable;

/** A socket from its opening to its release, with {@code track=all}. There is one for every open socket, so it is small. */
final class OpenSocket extends TrackedSocket<OpenSocket> {
    /** The suspect of the same socket; null if there is none. See {@link Suspect#join}. */
    volatile @Nullable Suspect suspect;
    /** A sweep has found that it is gone and has taken it out of its chain: later events do not find it. Set by the reaper thread. */
    volatile boolean takenOut;
    /**
     * It was read or written since a sweep has cleared this, see {@link OpenSite#meet}. Plain, and set by any thread: an update that is lost
     * is made good by the next read.
     */
    boolean touched;
    /** When its peer may be asked next, by {@link IdlePeers}: seconds of nano time, 0 if it was not asked. Reaper thread. */
    int askAt;
    /** The connection was reset while its peer was being asked by a probe; whether in answer to that cannot be known. Reaper thread. */
    boolean peerIsGone;

    /** Its last read or write, where that was sampled; otherwise null. Plain, as the end of its input. */
    @Nullable
    SampledUse lastUse;

    OpenSocket(SocketHandle socket, CapturedStack origin) {
        super(socket, origin);
    }

    @Override
    void settle(long now, StackSamplers stacks) {
        super.settle(now, stacks);
        SampledUse use = lastUse;
        if (use != null && !stacks.uses().settle(use) && !isReported()) {
            lastUse = null;
        }
    }

    /** Then its line to blame, and what excludes it, must stay as they were reported. */
    private boolean isReported() {
        return suspect != null && suspect.openCase != null;
    }

    /** Its last read or write. */
    @ReaperThread
    LastUse lastUse(long now) {
        SampledUse use = lastUse;
        return use == null ? LastUse.NOT_SAMPLED : use.asOf(now);
    }
}
