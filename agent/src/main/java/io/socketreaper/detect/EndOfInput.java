package io.socketreaper.detect;

/**
 * A read that returned -1: when, in which thread and in which stack the application was told that its peer has closed. Made by the
 * thread that reads, settled by the reaper thread; all fields are final, so it may be published by a plain write.
 */
final class EndOfInput {
    /** The application was told, and neither the clock nor the stack was looked at; the reaper thread dates it. */
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
     * With a date, and without a stack of its own where others have the same. Reaper thread only.
     *
     * @param now the date of one that has none, which errs on the late side
     */
    EndOfInput settled(long now, StackSampler sampler) {
        if (this == UNDATED) {
            return new EndOfInput(now, "", origin);
        }
        return origin.isBulky() ? new EndOfInput(at, thread, sampler.shared(origin)) : this;
    }

    /** Nano time; of one that has no date yet, {@code now}. */
    long at(long now) {
        return this == UNDATED ? now : at;
    }

    /** Name of the thread that read; empty if it is not known. */
    String thread() {
        return thread;
    }

    /** Innermost frame first; empty if it is not known. Reaper thread only. */
    StackTraceElement[] stack() {
        return origin.stack();
    }
}
