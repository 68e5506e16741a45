package io.socketreaper.release;

import io.socketreaper.socket.SocketHandle;

/** What the watch knows of a socket it hands on. Times are nano times of the agent's clock. */
public interface Finding {
    SocketHandle socket();

    /** When it was half-closed. */
    long signAt();

    /** Name of the thread that did it. */
    String signThread();

    /** The stack of that call, innermost frame first. */
    StackTraceElement[] signStack();

    /** Hands back an equal array that many findings share; thousands of leaks of one site then cost one stack. */
    void shareStack(StackTraceElement[] same);

    /** Last activity of the application or the network; application threads may move it at any time. */
    long lastActivity();

    /** Milliseconds since the last read on the half-closed socket, -1 if there was none. */
    long millisSinceRead(long now);
}
