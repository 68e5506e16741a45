package io.socketreaper.procfs;

import io.socketreaper.model.TcpState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a table of the kernel says of a socket.
 *
 * @param family e.g. {@code TCP} or {@code unix}
 * @param state  null unless it is TCP
 * @param local  null unless the family has ports
 * @param queued what the table calls rx_queue: of a listening socket the connections that wait to be accepted
 */
record SocketLine(
        String family,
        @Nullable TcpState state,
        @Nullable Endpoint local,
        @Nullable Endpoint remote,
        long queued) {
    /** Of a socket whose family has ports. */
    int localPort() {
        return localEnd().port();
    }

    Endpoint localEnd() {
        return Objects.requireNonNull(local);
    }

    Endpoint remoteEnd() {
        return Objects.requireNonNull(remote);
    }

    boolean tcp() {
        return state != null;
    }

    boolean listens() {
        return state == TcpState.LISTEN;
    }

    /** The peer's end is queued behind its last byte, where it counts as one byte until somebody reads it. */
    boolean endUnread() {
        return queued > 0 && (state == TcpState.CLOSE_WAIT || state == TcpState.LAST_ACK || state == TcpState.CLOSING);
    }

    /** Bytes that have arrived and were not read. */
    long unread() {
        return !tcp() || listens() ? 0 : endUnread() ? queued - 1 : queued;
    }
}
