package io.socketreaper.model;

/**
 * What is known of the use that the application and the peer have made of a socket since it showed its sign.
 *
 * @param consumed the application has gone on reading since its half-close, more than the read that was under way; of a unix-domain
 *                 socket also since its peer closed
 * @param ended    a read of the application has returned the end of input
 * @param peer     what the peer has answered to a probe
 * @param peerEnded the peer's FIN was seen while the connection still existed
 * @param acknowledged the peer is known to have acknowledged all output of the application
 */
public record SocketUse(boolean consumed, boolean ended, PeerAnswer peer, boolean peerEnded, boolean acknowledged) {
    /** Neither side is known to have used it. */
    public static final SocketUse NONE = new SocketUse(false, false, PeerAnswer.NOT_ASKED);

    /** Of a connection whose FIN was not seen before it ended, and of whose output no more is known. */
    public SocketUse(boolean consumed, boolean ended, PeerAnswer peer) {
        this(consumed, ended, peer, false, false);
    }

    /** Whether the application may still come back for more input: it was reading, and has not been told that it ended. */
    public boolean mayReadOn() {
        return consumed && !ended;
    }
}
