package io.socketreaper.detect;

/** The result of a request to release a leak that was only reported. */
public enum ReleaseReply {
    /** Its release has begun, or will be decided by the one thread that may look at the socket. */
    BEGUN,
    /** A veto or an exclusion holds, or it could not be claimed just now. */
    SPARED,
    /** Its release may lose something, and the request did not allow for that. */
    DOUBTFUL
}
