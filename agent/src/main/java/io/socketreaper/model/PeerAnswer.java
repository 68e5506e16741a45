package io.socketreaper.model;

/**
 * What the peer's kernel has answered to a keepalive probe. A peer that has only half-closed acknowledges the probe; one that
 * has closed resets the connection once its own end has timed out.
 */
public enum PeerAnswer {
    /** The peer was not asked: probing is off, or no release depends on the answer. */
    NOT_ASKED("not asked"),
    /** The socket cannot be probed, or the answers contradict each other. */
    UNKNOWN("unknown"),
    /** A probe is under way; the answer is not known yet. */
    PENDING("asked"),
    /** The peer has acknowledged a probe: its kernel still knows the connection. */
    ANSWERS("answers"),
    /** The peer has acknowledged none of the probes: its host or the network between may be down. */
    SILENT("silent"),
    /** The connection was reset: the peer no longer knows it. */
    GONE("gone");

    private final String text;

    PeerAnswer(String text) {
        this.text = text;
    }

    /** The word of reports and documentation. */
    @Override
    public String toString() {
        return text;
    }
}
