package io.socketreaper.detect;

import io.socketreaper.thread.ReaperThread;

/**
 * A read that returned -1: when, in which thread and in which stack the application was told that its peer has closed. Made by the
 * thread that reads, settled by the reaper thread; all fields are final, so it may be published by a plain write.
 */
final class EndOfInput {
    /** No read of the application has returned the end of input, or the hook has not told of it. */
    static final EndOfInput NOT_TOLD = new EndOfInput(0, "", CapturedStack.NOT_SAMPLED);
    /** The application was told, and neither the clock was read nor the stack taken; the reaper thread dates it. */
    static final EndOfInput UNDATED = new EndOfInput(0, "", CapturedStack.NOT_SAMPLED);

    private final long at;
    private final String thread;
    /** Only its stack counts. */
    private final CapturedStack origin;

    private EndOfInput(long at, String thread, CapturedStack origin) {
        this.at = at;
        this.thread = thread;
        this.origin = origin;
    }

    /** Told to the calling thread. */
    static EndOfInput told(long now, CapturedStack origin) {
        return new EndOfInput(
                now, origin == CapturedStack.NOT_SAMPLED ? "" : CapturedStack.nameOf(Thread.currentThread()), origin);
    }

    /**
     * With a date, and without a stack of its own where others have the same.
     *
     * @param now the date of one that has none, which errs on the late side
     */
    @ReaperThread
    EndOfInput settled(long now, StackSampler sampler) {
        if (this == UNDATED) {
            return new EndOfInput(now, "", origin);
        }
        return origin.isBulky() ? new EndOfInput(at, thread, sampler.shared(origin)) : this;
    }

    /** How long ago it was told; 0 while it has no date, -1 if it was not told. */
    long millisSince(long now) {
        if (this == NOT_TOLD) {
            return -1;
        }
        return this == UNDATED ? 0 : SocketActivity.millisBetween(at, now);
    }

    /** Whether it was told later than that nano time; false while it has no date. */
    boolean isLaterThan(long time) {
        return this != NOT_TOLD && this != UNDATED && at - time > 0;
    }

    /** Name of the thread that read; empty if it is not known. */
    String thread() {
        return thread;
    }

    /** Innermost frame first; empty if it is not known. */
    @ReaperThread
    StackTraceElement[] stack() {
        return origin.stack();
    }
}
