package io.socketreaper.testapp.torture;

import io.netty.channel.epoll.Epoll;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The socket stack of the application's side. */
enum Stack {
    CHANNEL(Listener.CHANNEL),
    /** Non-blocking, on an event loop that selects all the time. */
    LOOP(Listener.CHANNEL),
    /** Non-blocking, on an event loop that is often busy with something else. */
    BUSY_LOOP(Listener.CHANNEL),
    ADAPTOR(Listener.CHANNEL),
    SOCKET(Listener.SOCKET),
    TLS12(Listener.SOCKET),
    TLS13(Listener.SOCKET),
    /** An {@code SSLSocket} before a channel's adaptor. */
    TLS13_ADAPTOR(Listener.CHANNEL),
    ASYNC(Listener.ASYNC),
    UNIX(Listener.UNIX),
    UNIX_LOOP(Listener.UNIX),
    NETTY(Listener.NETTY),
    /** Netty's own sockets. Drawn on Linux on x86-64 and AArch64; elsewhere Netty has no library for it. */
    NETTY_EPOLL(Listener.NETTY_EPOLL);

    /** What listens in the application for its peers. */
    enum Listener {
        CHANNEL,
        SOCKET,
        ASYNC,
        UNIX,
        NETTY,
        NETTY_EPOLL
    }

    private static final int WITHOUT_FINALIZER = 18;
    private static final List<Stack> AVAILABLE = Arrays.stream(values())
            .filter(stack -> stack != NETTY_EPOLL || Epoll.isAvailable())
            .toList();

    private final Listener listener;

    Stack(Listener listener) {
        this.listener = listener;
    }

    static Stack draw(RandomGenerator random) {
        return AVAILABLE.get(random.nextInt(AVAILABLE.size()));
    }

    Listener listener() {
        return listener;
    }

    boolean isTls() {
        return this == TLS12 || this == TLS13 || this == TLS13_ADAPTOR;
    }

    /** Either side can end its output and go on reading. */
    boolean canHalfClose() {
        return this != TLS12;
    }

    boolean isUnix() {
        return listener == Listener.UNIX;
    }

    /** It has SO_LINGER, or what takes its place. */
    boolean canReset() {
        return this != ASYNC && !isUnix();
    }

    boolean isLoop() {
        return this == LOOP || this == BUSY_LOOP || this == UNIX_LOOP;
    }

    private boolean isNetty() {
        return this == NETTY || this == NETTY_EPOLL;
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
        return this == SOCKET
                || this == TLS12
                || this == TLS13
                || this == TLS13_ADAPTOR && Runtime.version().feature() < WITHOUT_FINALIZER;
    }

    /** A dropped one stays reachable for its framework. */
    boolean isHeldByItsGroup() {
        return this == ASYNC || isNetty();
    }
}
