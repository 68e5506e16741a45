package io.socketreaper.testapp.torture;

/** The socket stack of the application's side. */
enum Stack {
    CHANNEL(Door.CHANNEL),
    /** Non-blocking, on an event loop that selects all the time. */
    LOOP(Door.CHANNEL),
    /** Non-blocking, on an event loop that is often busy with something else. */
    BUSY_LOOP(Door.CHANNEL),
    ADAPTOR(Door.CHANNEL),
    SOCKET(Door.SOCKET),
    TLS12(Door.SOCKET),
    TLS13(Door.SOCKET),
    /** An {@code SSLSocket} before a channel's adaptor. */
    TLS13_ADAPTOR(Door.CHANNEL),
    ASYNC(Door.ASYNC),
    UNIX(Door.UNIX),
    UNIX_LOOP(Door.UNIX),
    NETTY(Door.NETTY);

    /** What listens in the application for its peers. */
    enum Door { CHANNEL, SOCKET, ASYNC, UNIX, NETTY }

    private static final int WITHOUT_FINALIZER = 18;

    private final Door door;

    Stack(Door door) {
        this.door = door;
    }

    Door door() {
        return door;
    }

    boolean isTls() {
        return this == TLS12 || this == TLS13 || this == TLS13_ADAPTOR;
    }

    /** Either side can end its output and go on reading. */
    boolean canHalfClose() {
        return this != TLS12;
    }

    boolean isUnix() {
        return door == Door.UNIX;
    }

    /** It has SO_LINGER, or what takes its place. */
    boolean canReset() {
        return this != ASYNC && !isUnix();
    }

    boolean isLoop() {
        return this == LOOP || this == BUSY_LOOP || this == UNIX_LOOP;
    }

    boolean isChannel() {
        return this == CHANNEL || isLoop() || this == UNIX;
    }

    /** {@code available()} tells what has arrived. */
    boolean canPoll() {
        return this == ADAPTOR || this == SOCKET;
    }

    /** The JDK closes a dropped one, with a normal end: by a cleaner, or by the finalizer that {@code SSLSocket} has up to JDK 17. */
    boolean isReclaimedByTheJdk() {
        return this == SOCKET || this == TLS12 || this == TLS13
                || this == TLS13_ADAPTOR && Runtime.version().feature() < WITHOUT_FINALIZER;
    }

    /** A dropped one stays reachable for its framework. */
    boolean isHeldByItsGroup() {
        return this == ASYNC || this == NETTY;
    }
}
