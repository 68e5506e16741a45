package io.socketreaper.probe;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.TcpState;
import java.io.IOException;

/**
 * What the first four bytes of {@code struct tcp_info} tell.
 *
 * @param retransmits how often the oldest unacknowledged segment was sent again
 * @param unanswered  keepalive probes in a row that the peer has not answered, ours and the application's
 */
record TcpInfo(TcpState state, int retransmits, int unanswered) {
    static TcpInfo of(TcpOptions options) throws IOException {
        int info = options.info();
        return new TcpInfo(TcpState.of(info & 0xff), info >>> 16 & 0xff, info >>> 24);
    }

    boolean isOver() {
        return state == TcpState.CLOSE;
    }

    /** The kernel sends no probe while segments of ours are unacknowledged. */
    boolean isAskable() {
        return retransmits == 0
                && switch (state) {
                    case ESTABLISHED, CLOSE_WAIT, FIN_WAIT2 -> true;
                    default -> false;
                };
    }
}
