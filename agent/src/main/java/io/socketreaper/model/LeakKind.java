package io.socketreaper.model;

import org.jspecify.annotations.Nullable;

/** How a socket was lost. */
public enum LeakKind {
    /** The application shut the output, stopped reading and never closed; input waits unread. */
    HALF_CLOSED("half-closed"),
    /** The peer has ended its side (CLOSE_WAIT) or reset the connection, and the application has forgotten the socket. */
    PEER_CLOSED("peer-closed"),
    /**
     * The connection is established, and unread input fills most of the receive buffer: the peer cannot send on, nor its FIN arrive. Always
     * doubtful, because a consumer that pauses looks like this, too.
     */
    WINDOW_FULL("window-full"),
    /** The application closed it, and the descriptor lives on. */
    CLOSED_NOT_RELEASED("closed-not-released"),
    /** The application dropped it without closing it, and the collector has taken the object. */
    UNREACHABLE("unreachable"),
    /**
     * Opened, and neither connected nor bound, or its connect has ended and the application does not ask for the result. Only
     * ever reported, because some programs open sockets ahead of use.
     */
    NEVER_CONNECTED("never-connected");

    private final String text;

    LeakKind(String text) {
        this.text = text;
    }

    /** Whether such a leak is never released, by no setting. */
    public boolean isOnlyReported() {
        return this == NEVER_CONNECTED;
    }

    /** Whether the application has closed the socket: a release only makes the holder of the descriptor let go of it. */
    public boolean isClosed() {
        return this == CLOSED_NOT_RELEASED;
    }

    /** Whether its snapshot tells of a connection: of TCP state and input. */
    public boolean hasConnection() {
        return this != CLOSED_NOT_RELEASED && this != NEVER_CONNECTED;
    }

    /**
     * Whether each release reads the unread input first, and not only a drain. The input of a peer that has ended its side is
     * finite and has all arrived: reading it costs little, and avoids a reset that could overtake the end of our reply at the peer. That
     * of a full receive window is read once, no more than has arrived, and the report says what was lost.
     */
    public boolean isAlwaysEmptied() {
        return this == PEER_CLOSED || this == WINDOW_FULL;
    }

    /** The kind of that word; null for a word of another version. */
    public static @Nullable LeakKind named(String text) {
        return EnumWord.find(values(), text);
    }

    /** The word of settings, reports and documentation. */
    @Override
    public String toString() {
        return text;
    }
}
