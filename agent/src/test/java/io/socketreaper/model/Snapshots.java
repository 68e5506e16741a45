package io.socketreaper.model;

import io.socketreaper.model.SocketSnapshot.Holder;

/** Snapshots that tests of several packages compare with. */
public final class Snapshots {
    private Snapshots() {}

    /** The facts of a socket whose output is shut and that the application can get at. */
    public static SocketSnapshot halfClosed(
            TcpState tcpState,
            int unreadBytes,
            boolean endOfInput,
            boolean reset,
            boolean reading,
            boolean readInterest) {
        return new SocketSnapshot(
                Holder.OPEN, tcpState, unreadBytes, endOfInput, reset, true, reading, readInterest, false);
    }
}
