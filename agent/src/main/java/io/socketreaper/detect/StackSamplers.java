package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;

/** What takes stacks of application threads, each with a bound of its own. */
final class StackSamplers {
    private final StackSampler openings;
    private final StackSampler endsOfInput;
    private final UseSampler uses;

    /** @param all whether openings, and reads and writes of all sockets, are told */
    StackSamplers(Clock clock, boolean all, long now) {
        this.openings = new StackSampler(now);
        this.endsOfInput = new StackSampler(now);
        this.uses = new UseSampler(clock, all, now);
    }

    /** Of sockets that are opened. */
    @AnyThread
    StackSampler openings() {
        return openings;
    }

    /** Of reads that return the end of input. */
    @AnyThread
    StackSampler endsOfInput() {
        return endsOfInput;
    }

    /** Of last reads and writes. */
    @AnyThread
    UseSampler uses() {
        return uses;
    }

    @ReaperThread
    void refill(long now) {
        openings.refill(now);
        endsOfInput.refill(now);
        uses.refill(now);
    }
}
