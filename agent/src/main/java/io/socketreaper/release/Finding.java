package io.socketreaper.release;

import io.socketreaper.report.LeakSite;
import io.socketreaper.report.Sign;
import io.socketreaper.socket.SocketHandle;

/** What the watch knows of a socket it hands on. Times are nano times of the agent's clock. */
public interface Finding {
    SocketHandle socket();

    /** When it was half-closed, or found to show another sign. */
    long signAt();

    /** When it was opened, or first met. */
    long openedAt();

    /** What is known of the code that lost it. */
    Sign sign();

    /** Name of the thread that half-closed it; empty if that is not what the stack shows. */
    String signThread();

    /** The stack of the half-close, else of the opening, innermost frame first; empty if neither is known. */
    StackTraceElement[] signStack();

    /** Hands back an equal array that many findings share; thousands of leaks of one site then cost one stack. */
    void shareStack(StackTraceElement[] same);

    /** Whether this leak is to be counted at the site: true once, until {@link #lastActivity} says that the socket came back. */
    boolean countsAt(LeakSite site);

    /** Last activity of the application or the network; application threads may move it at any time. */
    long lastActivity();

    /** Milliseconds since the last read on the half-closed socket, -1 if there was none. */
    long millisSinceRead(long now);
}
