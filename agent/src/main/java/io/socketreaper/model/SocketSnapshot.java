package io.socketreaper.model;

/**
 * The facts that kernel and JDK tell about one socket at one moment.
 *
 * @param hold         what still holds the descriptor
 * @param tcpState     from TCP_INFO; of a unix-domain socket the state that TCP would call it
 * @param unreadBytes  bytes in the kernel's receive queue (FIONREAD)
 * @param endOfInput   the peer's FIN (or a reset) has arrived: no more input follows the unread bytes
 * @param reset        the connection ended by an error, e.g. the peer's RST
 * @param outputShut   the application has said its last word: the FIN is sent
 * @param reading      a thread, platform or virtual, is inside a read or queued for one, or an asynchronous read is pending
 * @param readInterest a selection key of the socket wants OP_READ
 * @param writing      a write is under way or pending, or a selection key wants OP_WRITE
 * @param sending      output is in flight: the send buffer is not writable, or bytes in it are known to be unacknowledged
 * @param plaintext    bytes that TLS has decrypted and the application has not read
 * @param tlsOver      both sides have ended the TLS session that runs on the connection, and the TLS socket owns it (autoClose), so
 *                     that no plain text can follow
 * @param receiveBuffer bytes that the kernel's receive buffer may have, with its own overhead (SO_RCVBUF); 0 where it was not asked for:
 *                     of a connection that is not established, or has little unread
 * @param held         messages that a handler of the owner's has taken from the socket and holds until the application asks for them
 */
public record SocketSnapshot(
        Holder hold,
        TcpState tcpState,
        int unreadBytes,
        boolean endOfInput,
        boolean reset,
        boolean outputShut,
        boolean reading,
        boolean readInterest,
        boolean writing,
        boolean sending,
        int plaintext,
        boolean tlsOver,
        int receiveBuffer,
        int held) {
    private static final SocketSnapshot GONE = without(Holder.GONE);
    private static final SocketSnapshot DYING = without(Holder.DYING);
    private static final SocketSnapshot CLOSED = without(Holder.CLOSED);
    private static final SocketSnapshot UNUSED = without(Holder.UNUSED);
    private static final SocketSnapshot CONNECT_ENDED = connecting(TcpState.CLOSE);
    private static final SocketSnapshot IN_USE = without(Holder.OPEN);

    /** What still holds a socket's descriptor. */
    public enum Holder {
        /** An application that can get at the connection, as far as anybody knows. */
        OPEN,
        /** An application that can get at the socket and has neither connected nor bound it, nor finished its connect. */
        UNUSED,
        /** A socket that the application has closed: its object lives on, and so does the descriptor. */
        CLOSED,
        /** An object that the collector has found unreachable; it may still run a finalizer, which could close it. */
        DYING,
        /** No holder: the object was collected, and only the descriptor is left. */
        UNREACHABLE,
        /** The descriptor no longer exists. */
        GONE
    }

    /** The facts of a socket that has no output in flight and no TLS above it. */
    public SocketSnapshot(
            Holder hold,
            TcpState tcpState,
            int unreadBytes,
            boolean endOfInput,
            boolean reset,
            boolean outputShut,
            boolean reading,
            boolean readInterest,
            boolean writing) {
        this(
                hold,
                tcpState,
                unreadBytes,
                endOfInput,
                reset,
                outputShut,
                reading,
                readInterest,
                writing,
                false,
                0,
                false,
                0,
                0);
    }

    private static SocketSnapshot without(Holder hold) {
        return of(hold, TcpState.UNKNOWN);
    }

    private static SocketSnapshot of(Holder hold, TcpState state) {
        return new SocketSnapshot(hold, state, 0, false, false, false, false, false, false);
    }

    /** The socket was closed and its descriptor is gone, or its state cannot be determined any more. */
    public static SocketSnapshot gone() {
        return GONE;
    }

    /** The collector is processing the object; its state is unknown for now. */
    public static SocketSnapshot dying() {
        return DYING;
    }

    /** Closed by the application, and the descriptor is still there. With output in flight if the peer has not acknowledged the FIN. */
    public static SocketSnapshot closed() {
        return CLOSED;
    }

    /** Neither connected nor bound. */
    public static SocketSnapshot unused() {
        return UNUSED;
    }

    /** Its connect was refused or has ended otherwise, and the application has not asked for the outcome. */
    public static SocketSnapshot connectEnded() {
        return CONNECT_ENDED;
    }

    /** Its connect is under way or has succeeded, and no thread selects any more on the selectors that would tell the application. */
    public static SocketSnapshot connecting(TcpState state) {
        return of(Holder.UNUSED, state);
    }

    /** Connecting or listening: shows no sign. */
    public static SocketSnapshot inUse() {
        return IN_USE;
    }

    /** The same with output in flight, or without. */
    public SocketSnapshot withSending(boolean inFlight) {
        return with(reading, writing, inFlight, plaintext, tlsOver);
    }

    /**
     * The same with what the TLS layer above says.
     *
     * @param bytes that it has decrypted and the application has not read
     * @param over  both sides have ended the session
     */
    public SocketSnapshot withTls(int bytes, boolean over) {
        return with(reading, writing, sending, bytes, over);
    }

    /** The same with a read or a write that is under way in a layer above. */
    public SocketSnapshot withUse(boolean readingAbove, boolean writingAbove) {
        return with(reading || readingAbove, writing || writingAbove, sending, plaintext, tlsOver);
    }

    private SocketSnapshot with(
            boolean nowReading, boolean nowWriting, boolean nowSending, int nowPlaintext, boolean nowOver) {
        return new SocketSnapshot(
                hold,
                tcpState,
                unreadBytes,
                endOfInput,
                reset,
                outputShut,
                nowReading,
                readInterest,
                nowWriting,
                nowSending,
                nowPlaintext,
                nowOver,
                receiveBuffer,
                held);
    }

    /** The same with the size of the receive buffer, bytes. */
    public SocketSnapshot withReceiveBuffer(int bytes) {
        return with(bytes, held);
    }

    /** The same with what a handler of the owner's holds, messages. */
    public SocketSnapshot withHeld(int messages) {
        return with(receiveBuffer, messages);
    }

    private SocketSnapshot with(int nowReceiveBuffer, int nowHeld) {
        return new SocketSnapshot(
                hold,
                tcpState,
                unreadBytes,
                endOfInput,
                reset,
                outputShut,
                reading,
                readInterest,
                writing,
                sending,
                plaintext,
                tlsOver,
                nowReceiveBuffer,
                nowHeld);
    }

    public boolean isGone() {
        return hold == Holder.GONE;
    }

    /** Whether anything at all points to a leak. */
    public boolean showsSign() {
        return hold != Holder.OPEN
                || outputShut
                || tcpState == TcpState.CLOSE_WAIT
                || tcpState == TcpState.CLOSE
                || isWindowFull();
    }

    /** Whether the connection is established, and its receive window is full or nearly so: the peer cannot send on until it is read. */
    public boolean isWindowFull() {
        return tcpState == TcpState.ESTABLISHED && fillsWindow(unreadBytes, receiveBuffer);
    }

    /**
     * Whether so much unread input fills the receive window of an established connection: two thirds of SO_RCVBUF. A sender that was
     * stopped by the window leaves 0.71 to 0.98 of it unread if the buffer has its default size or more, for writes of any size, and
     * 0.5 to 0.8 if it was set to 16 KiB (measured on Linux 6.18); the rest is the kernel's overhead.
     *
     * @param unread        bytes in the receive queue
     * @param receiveBuffer SO_RCVBUF; 0 or less for unknown
     */
    public static boolean fillsWindow(int unread, int receiveBuffer) {
        return receiveBuffer > 0 && 3L * unread >= 2L * receiveBuffer;
    }

    /** The kind of leak that a socket of this snapshot can be. */
    public LeakKind kind() {
        return switch (hold) {
            case DYING, UNREACHABLE -> LeakKind.UNREACHABLE;
            case CLOSED -> LeakKind.CLOSED_NOT_RELEASED;
            case UNUSED -> LeakKind.NEVER_CONNECTED;
            case OPEN, GONE ->
                outputShut ? LeakKind.HALF_CLOSED : isWindowFull() ? LeakKind.WINDOW_FULL : LeakKind.PEER_CLOSED;
        };
    }

    /**
     * Whether a leak of it is only ever reported: a socket that was never connected may have been opened ahead of use, and one that
     * listens may hold its port or its path on purpose, as the lock of a program that is to run once.
     */
    public boolean isOnlyReported() {
        return hold == Holder.UNUSED || hold == Holder.UNREACHABLE && tcpState == TcpState.LISTEN;
    }

    /** Whether input waits to be read: bytes, decrypted bytes, held messages, or the end of input. */
    public boolean unread() {
        return unreadBytes > 0 || plaintext > 0 || held > 0 || endOfInput;
    }

    /** Whether only the peer has ended its side of a connection that still exists, so that it may wait for an answer. */
    public boolean peerMayWait() {
        return kind() == LeakKind.PEER_CLOSED && tcpState == TcpState.CLOSE_WAIT;
    }

    /**
     * Whether only the peer's answer to a probe tells a leak from a connection whose peer waits for its answer: the peer has ended its side,
     * and no input is unread.
     */
    public boolean dependsOnPeer() {
        return peerMayWait() && unreadBytes == 0 && plaintext == 0 && held == 0;
    }

    /**
     * Whether the application has half-closed it, the peer's side is open, and no input from the peer is unread:
     * a client that waits for its answer looks like this, and so does a server whose handler has failed after the half-close.
     */
    public boolean isSilent() {
        return hold == Holder.OPEN && outputShut && tcpState == TcpState.FIN_WAIT2 && !tlsOver && !unread();
    }

    /** True if the only change between the two snapshots is that the connection was reset, which is no use of it. */
    public boolean wasReset(SocketSnapshot earlier) {
        return reset
                && !earlier.reset
                && unreadBytes == earlier.unreadBytes
                && plaintext == earlier.plaintext
                && held == earlier.held;
    }

    /** Whether less input of an open socket is unread than in the earlier snapshot, without a reset: a reader has taken it. */
    public boolean isReadSince(SocketSnapshot earlier) {
        return hold == Holder.OPEN
                && earlier.hold == Holder.OPEN
                && (unreadBytes < earlier.unreadBytes || held < earlier.held)
                && reset == earlier.reset;
    }

    /** True when the network or a reader has done something between the two snapshots. */
    public boolean differsOnTheWire(SocketSnapshot earlier) {
        return unreadBytes != earlier.unreadBytes
                || plaintext != earlier.plaintext
                || held != earlier.held
                || tcpState != earlier.tcpState
                || endOfInput != earlier.endOfInput
                || reset != earlier.reset;
    }
}
