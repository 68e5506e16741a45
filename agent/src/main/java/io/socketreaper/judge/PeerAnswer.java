package io.socketreaper.judge;

/** What the peer's kernel has said when it was asked by keepalive probes whether the connection is still there. */
public enum PeerAnswer {
    /** It was not asked, cannot be asked, or has not answered clearly yet. */
    UNKNOWN,
    /**
     * Probes were acknowledged: the peer's kernel knows the connection. The peer may have closed its socket all the same: its
     * kernel then goes on acknowledging for {@code tcp_fin_timeout}, 60 s by default on Linux.
     */
    ANSWERS,
    /** Probes were sent and none was acknowledged: the peer's host, or a network in between, is down. It may come back. */
    SILENT,
    /**
     * The connection is over for the kernel of this host: a probe was answered by a reset, or the connection had ended before.
     * Final. No byte can be exchanged any more; what has arrived and is unread can still be read.
     */
    GONE
}
