package io.socketreaper.stack;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.OpenState;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One socket of any stack, held weakly. The reaper thread calls every method that does not name another thread; no method
 * blocks.
 */
public interface SocketHandle {
    /** The result of {@link #quickCheck}. */
    enum QuickCheck {
        /** No sign of a leak. */
        FINE,
        /** A sign of a leak: a {@link #snapshot} is wanted. */
        SIGN,
        /** The descriptor is gone, or will never be known. */
        GONE
    }

    /** True if this is the handle of that very object. Any thread; no allocation, no strong reference kept. */
    boolean is(@Nullable Object socket);

    /** True if both are of the same object; false once it was collected, unless they are the same handle. Any thread. */
    boolean isSame(SocketHandle other);

    /** The identity hash of the object, 0 once it was collected. */
    int identity();

    /**
     * The application holds the socket through this object, e.g. a {@code java.net.Socket} or an {@code SSLSocket}. Kept weakly. Any
     * thread.
     */
    default void heldThrough(Object socket) {}

    /**
     * The socket was just opened, and from here on every close of it will be told. Called once, on the thread that opens,
     * before another thread can get at the handle.
     */
    default void opened(Object socket) {}

    /** Whether a layer is known that reads and writes it for the application, such as TLS. Never throws. */
    default boolean hasLayer() {
        return false;
    }

    /** The application has just shut its output. On its thread: no lock, no allocation, no I/O. */
    default void halfClosed(Object socket) {}

    /**
     * Whether the descriptor would be found if the object were collected now. While this is false and the object is still
     * there, a {@link #quickCheck} finds out what is needed. Any thread.
     */
    default boolean isKnown() {
        return true;
    }

    /**
     * Checks for a sign of a leak, mostly with one system call and without a lock. Some signs are looked for only now and then. Never
     * throws.
     */
    QuickCheck quickCheck();

    /** Checks for every sign of a leak; otherwise as {@link #quickCheck}. */
    default QuickCheck fullCheck() {
        return quickCheck();
    }

    /** Takes the facts of this moment. Never throws. */
    SocketSnapshot snapshot();

    /**
     * True if {@link #snapshot} could not tell, because only one thread may look and that was asked and will answer in a moment.
     */
    default boolean isAsking() {
        return false;
    }

    /** True if it is known without asking that the peer still has its socket, although it has ended its side. */
    default boolean peerIsThere() {
        return false;
    }

    /** Number of its descriptor, kept after it is gone; -1 before the first look. */
    int descriptor();

    /** The kernel's number of the socket; 0 while it is not known. */
    long inode();

    /**
     * Whether the inode was found by the number of the descriptor, after the object was collected. If the hook did not tell of its close,
     * the inode may be that of another socket.
     */
    default boolean isInodeLate() {
        return false;
    }

    /** Its two ends, as far as they are known; they may be unknown for a socket without a sign of a leak. */
    Endpoints endpoints();

    /** Its two ends, also of a socket without a sign: asks its object if they are not known, and keeps them not. Never throws. */
    default Endpoints findEndpoints() {
        return endpoints();
    }

    /** Whether {@link #findEndpoints} can ask the object: its stack has passed its self-test. */
    default boolean tellsEndpoints() {
        return true;
    }

    /**
     * The state of the connection at the last quick check; {@link TcpState#UNKNOWN} before the first, and of a unix-domain socket. Where
     * the quick checks need no state it is asked for now, without a lock. Never throws.
     */
    default TcpState tcpState() {
        return TcpState.UNKNOWN;
    }

    /** What {@code open} counts it as: its TCP state, unless it is {@link #onlyCounted}. Never throws. */
    default OpenState openState() {
        return tcpState();
    }

    /**
     * How many descriptors it has, if it is only counted and never judged or released: 1, or 2 of a selector; 0 of a socket that is judged.
     */
    default int onlyCounted() {
        return 0;
    }

    /** Finds out its two ends while it is open, for a report that is made when it is gone. */
    default void rememberEndpoints() {}

    /**
     * Whether a read has left input behind that had come. On the thread whose read ends, before it lets go of the socket; one system
     * call, no lock. Never throws.
     */
    default boolean leavesInput(Object socket) {
        return false;
    }

    /**
     * For a report: what keeps the descriptor of a closed socket, or the abandoned selector that holds the keys of an open one;
     * empty if neither is known.
     */
    default String holder() {
        return "";
    }

    /** True if it is closed, and only a thread that is still in a read or write of it can free its descriptor. */
    default boolean isStuck() {
        return false;
    }

    /**
     * Does something with the options of the TCP connection, while its descriptor cannot be freed. Never throws; never waits for
     * the application.
     */
    default TcpOptions.Done options(TcpOptions.Step step) {
        return TcpOptions.Done.NO;
    }

    /**
     * Claims the socket for release: takes the socket's own locks if they are free, looks once more, and if the facts still
     * satisfy {@code leaked} condemns the socket, so that from here on every read of the application fails. Input may be
     * discarded only after that.
     *
     * @return null if the socket was in use, the facts no longer hold, or the socket is gone
     */
    @Nullable
    Claim claim(Predicate<SocketSnapshot> leaked);
}
