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
 * @param reach        whether the application can still get at it
 */
public record Sighting(boolean open, TcpState tcpState, int unreadBytes, boolean endOfInput, boolean reset,
                       boolean reading, boolean readInterest, Reach reach) {
    private static final Sighting GONE = new Sighting(false, TcpState.UNKNOWN, 0, false, false, false, false);
    private static final Sighting DYING =
            new Sighting(true, TcpState.UNKNOWN, 0, false, false, false, false, Reach.DYING);

    /** Whether the application can still get at a socket. */
    public enum Reach {
        /** As far as anybody knows. */
        REACHABLE,
        /** The collector has found it unreachable but may still run a finalizer, which could close it. */
        DYING,
        /** The collector is done with it; the descriptor alone is left. */
        UNREACHABLE
    }

    /** The facts of a socket that the application can get at. */
    public Sighting(boolean open, TcpState tcpState, int unreadBytes, boolean endOfInput, boolean reset, boolean reading,
                    boolean readInterest) {
        this(open, tcpState, unreadBytes, endOfInput, reset, reading, readInterest, Reach.REACHABLE);
    }

    /** The collector is at work on it; nothing can be said. */
    public static Sighting dying() {
        return DYING;
    }

    /** The kind of leak that a half-closed socket of this sighting can be. */
    public LeakKind kind() {
        return reach == Reach.UNREACHABLE ? LeakKind.UNREACHABLE : LeakKind.HALF_CLOSED;
    }

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
