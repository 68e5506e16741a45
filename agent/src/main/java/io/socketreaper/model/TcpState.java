package io.socketreaper.model;

/**
 * The state of a TCP connection as the kernel keeps it, in the first byte of {@code struct tcp_info}; the codes are those
 * of Linux {@code include/net/tcp_states.h}.
 */
public enum TcpState implements OpenState {
    /** The kernel did not say, or said something this agent does not know. */
    UNKNOWN(-1),
    ESTABLISHED(1),
    SYN_SENT(2),
    SYN_RECV(3),
    /** Our FIN is queued or sent, not yet acknowledged: the reply may still be in flight. */
    FIN_WAIT1(4),
    /** The peer's kernel has acknowledged our FIN, and with it every byte we sent. */
    FIN_WAIT2(5),
    TIME_WAIT(6),
    /** Both FINs are exchanged, or the connection was reset: no more data can be received or sent. */
    CLOSE(7),
    CLOSE_WAIT(8),
    LAST_ACK(9),
    LISTEN(10),
    CLOSING(11);

    private final int code;

    TcpState(int code) {
        this.code = code;
    }

    /** The state of a kernel code, {@link #UNKNOWN} for one that is not listed. */
    public static TcpState of(int code) {
        for (TcpState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        return UNKNOWN;
    }
}
