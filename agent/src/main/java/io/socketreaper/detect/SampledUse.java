package io.socketreaper.detect;

import io.socketreaper.leak.LastUse;
import io.socketreaper.thread.ReaperThread;

/** A read or write of a socket whose stack was taken. All fields are final, so it may be published by a plain write;
 * the reaper thread alone looks into the stack. */
final class SampledUse {
    private final boolean wrote;
    private final long at;
    private final String thread;
    private final CapturedStack origin;

    private SampledUse(boolean wrote, long at, String thread, CapturedStack origin) {
        this.wrote = wrote;
        this.at = at;
        this.thread = thread;
        this.origin = origin;
    }

    /** Of the calling thread. */
    static SampledUse now(boolean wrote, long at, CapturedStack origin) {
        return new SampledUse(wrote, at, CapturedStack.nameOf(Thread.currentThread()), origin);
    }

    /** Nano time at which it was taken. */
    long at() {
        return at;
    }

    /** Lets go of a stack of its own, some kilobytes, for one that many share. */
    @ReaperThread
    void share(StackSampler sampler) {
        if (origin.isBulky()) {
            origin.shareStack(sampler.shared(origin.stack()));
        }
    }

    @ReaperThread
    LastUse asOf(long now) {
        return new LastUse(wrote, SocketActivity.millisBetween(at, now), thread, origin.stack());
    }
}
