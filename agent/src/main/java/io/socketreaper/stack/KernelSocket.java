package io.socketreaper.stack;

import io.socketreaper.descriptor.DescriptorOptions;
import io.socketreaper.descriptor.Kernel;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One socket as the kernel knows it. The caller makes sure that the descriptor cannot be freed meanwhile, unless a method says
 * that this does no harm. No method blocks.
 *
 * @param unix true for a unix-domain socket, of which the kernel has no TCP state
 */
public record KernelSocket(Kernel kernel, FileDescriptor fd, boolean unix) {
    /** The most bytes that a preview may have. */
    private static final int FIRST_BYTES = 1024;
    /** Fewer unread bytes fill no receive window: two thirds of the smallest SO_RCVBUF of Linux, which is 2304 (SOCK_MIN_RCVBUF). */
    private static final int LEAST_FULL_WINDOW = 1536;

    /** The state of the connection; {@link TcpState#UNKNOWN} if that cannot be told. */
    TcpState tcpState() {
        try {
            return confirmed(TcpState.of(kernel.tcpState(fd)));
        } catch (Throwable notTold) {
            return TcpState.UNKNOWN;
        }
    }

    private TcpState confirmed(TcpState state) throws Throwable {
        return state == TcpState.CLOSE ? confirmed(state, kernel.pollNow(fd, Kernel.POLLRDHUP)) : state;
    }

    /**
     * A TCP socket in state CLOSE has hung up (tcp_poll of Linux). If poll(2) does not say so the state is that of a first path of MPTCP, which
     * may end while the connection lives on others.
     *
     * @param events of a later poll(2)
     */
    static TcpState confirmed(TcpState state, int events) {
        return state == TcpState.CLOSE && (events & Kernel.POLLHUP) == 0 ? TcpState.UNKNOWN : state;
    }

    /**
     * Whether the connection has ended on the peer's side or on both. Harmless without any lock: if the descriptor number has changed
     * hands the answer is about another socket, and a proper look will follow.
     */
    public boolean peerHasEnded() {
        if (!unix) {
            TcpState state = tcpState();
            return state == TcpState.CLOSE_WAIT || state == TcpState.CLOSE;
        }
        try {
            return (kernel.pollNow(fd, Kernel.POLLRDHUP) & (Kernel.POLLRDHUP | Kernel.POLLHUP)) != 0;
        } catch (Throwable notTold) {
            return false;
        }
    }

    /**
     * Whether unread input fills the receive window of a TCP connection that is known to be established. One system call, and another if
     * much is unread. Harmless without any lock, as {@link #peerHasEnded}.
     */
    public boolean isWindowFull() {
        if (unix) {
            return false;
        }
        try {
            int unread = kernel.available(fd);
            return SocketSnapshot.fillsWindow(unread, receiveBuffer(unread));
        } catch (Throwable notTold) {
            return false;
        }
    }

    /** 0 if so few bytes are unread that the size does not matter. */
    private int receiveBuffer(int unread) throws Throwable {
        return unread < LEAST_FULL_WINDOW ? 0 : kernel.receiveBuffer(fd);
    }

    /** Whether our FIN is sent and the peer has not acknowledged it. */
    boolean hasUnacknowledgedFin() {
        return !unix
                && switch (tcpState()) {
                    case FIN_WAIT1, CLOSING, LAST_ACK -> true;
                    default -> false;
                };
    }

    /** What the kernel says, and the object. */
    SocketSnapshot snapshot(Holder holder, ObjectState object) {
        try {
            int events = kernel.pollNow(fd, Kernel.POLLIN | Kernel.POLLPRI | Kernel.POLLOUT | Kernel.POLLRDHUP);
            TcpState state = !unix
                    ? confirmed(TcpState.of(kernel.tcpState(fd)))
                    : kernel.isListening(fd) ? TcpState.LISTEN : unixState(events, object);
            int unread = state == TcpState.LISTEN ? 0 : orUrgent(kernel.available(fd), events);
            boolean sending =
                    (events & Kernel.POLLOUT) == 0 && (state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT);
            return new SocketSnapshot(
                    holder,
                    state,
                    unread,
                    state == TcpState.CLOSE || hasPeerShut(events, object),
                    (events & Kernel.POLLERR) != 0,
                    object.outputShut(),
                    object.reading(),
                    object.readInterest(),
                    object.writing(),
                    sending,
                    0,
                    false,
                    unix || state != TcpState.ESTABLISHED ? 0 : receiveBuffer(unread),
                    0);
        } catch (Throwable notTold) {
            return new SocketSnapshot(
                    holder,
                    TcpState.UNKNOWN,
                    0,
                    false,
                    false,
                    object.outputShut(),
                    object.reading(),
                    object.readInterest(),
                    object.writing());
        }
    }

    /** After shutdownInput the kernel sets RDHUP by itself; then only the state tells of the peer's FIN. */
    private static boolean hasPeerShut(int events, ObjectState object) {
        return (events & Kernel.POLLRDHUP) != 0 && !object.inputShut();
    }

    /** A unix-domain socket has no state; what its peer has done shows in poll(2). What was written has arrived. */
    private static TcpState unixState(int events, ObjectState object) {
        if ((events & Kernel.POLLHUP) != 0) {
            return TcpState.CLOSE;
        }
        if (object.outputShut()) {
            return TcpState.FIN_WAIT2;
        }
        return hasPeerShut(events, object) ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED;
    }

    /** Does something with the options of the TCP connection. */
    public TcpOptions.Done options(TcpOptions.Step step) {
        try {
            step.with(new DescriptorOptions(kernel, fd));
            return TcpOptions.Done.YES;
        } catch (IOException | RuntimeException notDone) {
            return TcpOptions.Done.NO;
        }
    }

    /**
     * Reads what has come, at most as much as the buffer holds; for a descriptor that no other thread reads. It may be in blocking mode.
     *
     * @return the number of bytes, {@link Claim#END_OF_INPUT} or {@link Claim#NOTHING_NOW}
     * @throws IOException if the connection was reset
     */
    public int readIfReady(ByteBuffer discarded) throws IOException {
        try {
            if (kernel.pollNow(fd, Kernel.POLLIN) == 0) {
                return Claim.NOTHING_NOW;
            }
            int count = kernel.read(fd, discarded);
            return count < Claim.END_OF_INPUT ? Claim.NOTHING_NOW : count;
        } catch (IOException reset) {
            throw reset;
        } catch (Throwable unexpected) {
            throw new IOException(unexpected);
        }
    }

    /** Bytes that wait to be read, and no more than the receive buffer holds; {@code otherwise} if that cannot be told. */
    private int available(int otherwise) {
        try {
            return unread(kernel, fd);
        } catch (Throwable notTold) {
            return otherwise;
        }
    }

    /** Bytes that wait to be read; those behind urgent data count as one, if nothing is before them. */
    static int unread(Kernel kernel, FileDescriptor fd) throws Throwable {
        int before = kernel.available(fd);
        return before > 0 ? before : orUrgent(before, kernel.pollNow(fd, Kernel.POLLPRI));
    }

    /** FIONREAD counts up to unread urgent data only (tcp_inq of Linux), which a read skips; how much is behind it the kernel does not tell. */
    private static int orUrgent(int available, int events) {
        return available == 0 && (events & Kernel.POLLPRI) != 0 ? 1 : available;
    }

    /**
     * Discards the bytes that have arrived, and no later ones, so that a fast sender does not delay the caller.
     *
     * @param snapshot taken just before
     * @param buffer   its monitor is held; null to count only
     */
    public Claim.Emptied empty(SocketSnapshot snapshot, @Nullable ByteBuffer buffer) {
        int there = available(snapshot.unreadBytes());
        long bytes = 0;
        byte[] first = {};
        try {
            while (buffer != null && bytes < there) {
                int count = readIfReady(buffer.clear());
                if (count == Claim.END_OF_INPUT) {
                    // No byte follows the urgent data.
                    there = 0;
                }
                if (count <= 0) {
                    break;
                }
                if (bytes == 0) {
                    first = new byte[Math.min(count, FIRST_BYTES)];
                    buffer.flip().get(first);
                }
                bytes += count;
            }
        } catch (IOException reset) {
            return new Claim.Emptied(bytes, first, snapshot.endOfInput(), true);
        }
        return new Claim.Emptied(Math.max(bytes, there), first, snapshot.endOfInput(), false);
    }

    /** Discards the bytes that have arrived, as {@link #empty}, and resets the connection. Under all locks of the socket. */
    public Claim.Emptied reset(SocketSnapshot snapshot, @Nullable ByteBuffer buffer) {
        Claim.Emptied emptied = empty(snapshot, buffer);
        try {
            kernel.reset(fd);
        } catch (Throwable refused) {
            try {
                kernel.lingerZero(fd);
            } catch (Throwable ended) {
                // then there is no peer
            }
        }
        return emptied;
    }

    /** Switches SO_LINGER off, so that a close neither waits nor resets the peer. */
    void withoutLinger() {
        try {
            kernel.noLinger(fd);
        } catch (Throwable ended) {
            // then there is no peer
        }
    }

    /**
     * Whether a reset can tell the peer that an answer is not finished; the peer of a unix-domain socket is told only by bytes
     * that it has sent and that stay unread.
     */
    public boolean canBeReset() {
        return !unix;
    }

    /**
     * Whether the peer would take a plain close for the end of an answer that the application has never finished: its output is open,
     * and so is the connection.
     */
    public static boolean isUnfinished(SocketSnapshot snapshot) {
        return !snapshot.outputShut()
                && switch (snapshot.tcpState()) {
                    case ESTABLISHED, CLOSE_WAIT -> true;
                    default -> false;
                };
    }

    /**
     * Whether the input of a connection in state CLOSE without unread input has ended in order. TCP: if the peer's FIN has come, a read
     * returns the end although the kernel has an error to tell; without a FIN it would have told that error. Without such an error
     * it is not known: a reset that was told already reads like an end, too. Unix-domain: what the peer has written is here at
     * once, so no input can be missing. Under all locks of the socket; the buffer's monitor is held.
     *
     * @throws IOException if the connection was reset
     */
    boolean hasEndedInOrder(SocketSnapshot snapshot, @Nullable ByteBuffer buffer) throws IOException {
        if (buffer == null
                || snapshot.tcpState() != TcpState.CLOSE
                || snapshot.unreadBytes() > 0
                || readIfReady(buffer.clear()) != Claim.END_OF_INPUT) {
            return false;
        }
        try {
            return unix || (kernel.pollNow(fd, Kernel.POLLERR) & Kernel.POLLERR) != 0;
        } catch (Throwable notTold) {
            return false;
        }
    }
}
