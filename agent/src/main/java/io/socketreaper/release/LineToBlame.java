package io.socketreaper.release;

import io.socketreaper.leak.Blame;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.LastUse;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.BlameKind;
import io.socketreaper.model.LeakKind;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;

/**
 * Chooses the line of code to blame for a leak: where the application was told the end of input and did not close; else where it shut
 * the output; else where it last read or wrote. A stack without a frame of the application names no line, because it would be the same
 * for all bugs of one framework.
 */
@ReaperThread
final class LineToBlame {
    private LineToBlame() {}

    static Blame of(LeakKind kind, LeakCandidate candidate, EndOfInputRead end, long now) {
        if (kind.isClosed()) {
            return Blame.none("the application has closed it, and the agent takes no stack of a close");
        }
        StackTraceElement[] origin = candidate.originStack();
        boolean halfClosed = candidate.stackOrigin() == StackOrigin.HALF_CLOSED;
        long age = TimeUnit.NANOSECONDS.toMillis(now - candidate.signAt());
        if (kind == LeakKind.NEVER_CONNECTED && origin.length > 0) {
            return new Blame(BlameKind.OPENING, age, candidate.signThread(), origin, "");
        }
        if (candidate.isEndOfInputLast() && LeakSites.hasApplicationFrame(end.stack())) {
            return new Blame(BlameKind.END_OF_INPUT, end.millisAgo(), end.thread(), end.stack(), "");
        }
        if (halfClosed) {
            return origin.length > 0
                    ? new Blame(BlameKind.HALF_CLOSE, age, candidate.signThread(), origin, "")
                    : Blame.none("it was half-closed by code without a Java stack");
        }
        LastUse use = candidate.lastUse(now);
        if (LeakSites.hasApplicationFrame(use.stack())) {
            return new Blame(
                    use.wrote() ? BlameKind.LAST_WRITE : BlameKind.LAST_READ,
                    use.millisAgo(),
                    use.thread(),
                    use.stack(),
                    "");
        }
        return Blame.none(whyNot(end, use));
    }

    private static String whyNot(EndOfInputRead end, LastUse use) {
        if (end.isKnown()) {
            return end.stack().length == 0
                    ? "the stack of the read of the end of input was not sampled"
                    : "no frame of the application is on the stack of the read of the end of input";
        }
        return use.isKnown()
                ? "no frame of the application is on the stack of its last " + (use.wrote() ? "write" : "read")
                : "the application has not read the end of input, and its last read or write was not sampled";
    }
}
