package io.socketreaper.model;

/** What a descriptor is that is counted with {@code track=all} and never judged: it is no leak by itself, and never released. */
public enum CountedState implements OpenState {
    /** A {@code Selector}, which has two descriptors. An HTTP client or an event loop has one. */
    SELECTOR("selector"),
    /** A {@code DatagramChannel} or {@code DatagramSocket}. */
    DATAGRAM("datagram"),
    /** One end of a {@code Pipe}. */
    PIPE("pipe"),
    /** An {@code AsynchronousServerSocketChannel}. */
    ASYNC_LISTENER("async listener"),
    /** An event loop of Netty's native transports: three descriptors with epoll, two with io_uring. */
    EVENT_LOOP("event loop"),
    /** A server channel of them. */
    NATIVE_LISTENER("native listener"),
    /** One of these whose object was collected without a close, and whose descriptor is never closed after that. */
    UNREACHABLE("unreachable");

    private final String word;

    CountedState(String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }
}
