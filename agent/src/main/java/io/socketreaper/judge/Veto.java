package io.socketreaper.judge;

/** Why a socket counts as alive. Every veto beats every timeout. */
public enum Veto {
    /** The application closed it, or the object is gone. */
    CLOSED,
    /** The agent's tick came late; the windows start anew. */
    LATE_TICK,
    /** The collector is at work on the object; a finalizer may still close it. */
    DYING,
    /** A thread is reading. */
    READER,
    /** A selection key wants to read. */
    READ_INTEREST,
    /** Another descriptor shares the socket, and whoever holds it may be reading. */
    SHARED,
    /** FIN_WAIT1, CLOSING or LAST_ACK: the peer has not acknowledged the whole reply. */
    RESPONSE_IN_FLIGHT,
    /** A TCP state that a half-closed socket cannot be in; what is not understood is not touched. */
    UNEXPECTED_STATE,
    /** Nothing waits in the receive queue: the application may simply wait for the peer. */
    NOTHING_UNREAD,
    /** Something happened less than the timeout ago. */
    ACTIVE
}
