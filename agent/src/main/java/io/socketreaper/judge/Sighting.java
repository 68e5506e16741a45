package io.socketreaper.judge;

/**
 * The facts that kernel and JDK tell about one socket at one moment.
 *
 * @param open         the application has not closed it and the object still exists
 * @param tcpState     from TCP_INFO
 * @param unreadBytes  bytes in the kernel's receive queue (FIONREAD)
 * @param endOfInput   the peer's FIN (or a reset) has arrived: after the unread bytes there is nothing more
 * @param reset        the connection ended by an error, e.g. the peer's RST
 * @param reading      a thread, platform or virtual, is inside a read or queued for one
 * @param readInterest a selection key of the socket wants OP_READ
 */
public record Sighting(boolean open, TcpState tcpState, int unreadBytes, boolean endOfInput, boolean reset,
                       boolean reading, boolean readInterest) {
    private static final Sighting GONE = new Sighting(false, TcpState.UNKNOWN, 0, false, false, false, false);

    /** The socket was closed or collected. */
    public static Sighting gone() {
        return GONE;
    }

    /** Bytes or an end of input that nobody has taken. */
    public boolean unread() {
        return unreadBytes > 0 || endOfInput;
    }

    /** True when the network or a reader has done something between the two sightings. */
    public boolean differsOnTheWire(Sighting earlier) {
        return unreadBytes != earlier.unreadBytes || tcpState != earlier.tcpState
                || endOfInput != earlier.endOfInput || reset != earlier.reset;
    }
}
