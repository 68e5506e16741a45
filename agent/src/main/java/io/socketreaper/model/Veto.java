package io.socketreaper.model;

/** Why a socket counts as alive. Every veto beats every timeout. */
public enum Veto {
    /** The descriptor no longer exists. */
    GONE,
    /** The agent's tick came late; the windows start anew. */
    LATE_TICK,
    /** The collector is at work on the object; a finalizer may still close it. */
    DYING,
    /** A thread is reading, or an asynchronous read is pending. */
    READER,
    /** A selection key wants to read. */
    READ_INTEREST,
    /** The application may still write, and a write is under way or wanted. */
    WRITER,
    /** Another descriptor refers to the same socket, and its holder may be reading. */
    SHARED,
    /** Bytes of the application are on their way to the peer. */
    SENDING,
    /** The peer was asked whether it still knows the connection, and the answer is not known yet. */
    PEER_ASKED,
    /** The peer has not acknowledged all sent bytes. */
    RESPONSE_IN_FLIGHT,
    /** A TCP state that a socket of this kind cannot be in, so the socket is not touched. */
    UNEXPECTED_STATE,
    /** Both sides of the connection are open, and its receive window is not full: it cannot be told from one that is idle on purpose. */
    NOTHING_UNREAD,
    /** Something happened less than the timeout ago. */
    ACTIVE
}
