package io.socketreaper.model;

/**
 * What is known of the use that the application and the peer have made of a socket since it showed its sign.
 *
 * @param consumed the application has gone on reading since its half-close, more than the read that was under way
 * @param ended    a read of the application has returned the end of input
 * @param peer     what the peer has answered to a probe
 */
public record SocketUse(boolean consumed, boolean ended, PeerAnswer peer) {
    /** Neither side is known to have used it. */
    public static final SocketUse NONE = new SocketUse(false, false, PeerAnswer.NOT_ASKED);

    /** Whether the application may still come back for more input: it was reading, and has not been told that it ended. */
    public boolean mayReadOn() {
        return consumed && !ended;
    }
}
