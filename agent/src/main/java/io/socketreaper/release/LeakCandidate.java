package io.socketreaper.release;

import io.socketreaper.leak.LastUse;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;

/** A socket that {@code detect} hands on as a leak, with what is known of its use. Times are nano times of the agent's clock. */
public interface LeakCandidate {
    SocketHandle socket();

    /** When it was half-closed, or found to show another sign. */
    long signAt();

    /** When it was opened, or first seen by the agent. */
    long openedAt();

    /** What is known of the code that lost it. */
    StackOrigin stackOrigin();

    /** Name of the thread that half-closed it; empty if the stack shows no half-close. */
    String signThread();

    /** The stack of the half-close, else of the opening, innermost frame first; empty if neither is known. */
    StackTraceElement[] originStack();

    /** Hands back an equal array that many findings share; thousands of leaks of one site then cost one stack. */
    void shareStack(StackTraceElement[] same);

    /** Whether this leak is to be counted at the site: true once, until {@link #lastActivity} says that the socket came back. */
    boolean countsAt(LeakSite site);

    /** Last activity of the application or the network; application threads may move it at any time. */
    long lastActivity();

    /** Milliseconds since the last read on the half-closed socket, -1 if there was none. */
    long millisSinceRead(long now);

    /** How many reads have brought bytes since the sign; at most {@link Integer#MAX_VALUE}. */
    default int deliveries() {
        return 0;
    }

    /**
     * Whether the application has read on since the sign: more than one read brought bytes, or one did, or the application asked how
     * much input there is, later than 100 ms after it. A read without bytes does not count.
     */
    default boolean consumed() {
        return false;
    }

    /** Milliseconds since a read first returned the end of input, on the short side; -1 if none has, or it was not told. */
    default long millisSinceEndOfInput(long now) {
        return -1;
    }

    /** The stack of that read, innermost frame first; empty if it is not known. */
    @ReaperThread
    default StackTraceElement[] endOfInputStack() {
        return new StackTraceElement[0];
    }

    /** Name of the thread of that read; empty if it is not known. */
    default String endOfInputThread() {
        return "";
    }

    /** Whether that read came after the half-close, if there was one; false if it is not known. */
    default boolean isEndOfInputLast() {
        return false;
    }

    /** The last read or write, where it was sampled. */
    @ReaperThread
    default LastUse lastUse(long now) {
        return LastUse.NOT_SAMPLED;
    }

    /** The stack of the opening, innermost frame first; empty if it is not known. */
    @ReaperThread
    default StackTraceElement[] openingStack() {
        return new StackTraceElement[0];
    }
}
