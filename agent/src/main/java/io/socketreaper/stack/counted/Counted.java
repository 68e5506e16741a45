package io.socketreaper.stack.counted;

import io.socketreaper.model.CountedState;

/**
 * A class of the JDK whose objects are only counted: where they begin and end, and what their descriptor is. The members are the same in
 * JDK 17 and 25; one that lacks a member is not counted.
 */
public enum Counted {
    /** Selectors of another provider, such as {@code PollSelectorProvider}, are not counted. */
    SELECTOR(
            CountedState.SELECTOR,
            "Selector",
            "EPollSelectorImpl",
            "implClose()V",
            "epfd",
            "anon_inode:[eventpoll]",
            "(Ljava/nio/channels/spi/SelectorProvider;)V"),
    /** {@code DatagramSocket} has one. The third constructor calls the first of these. */
    DATAGRAM(
            CountedState.DATAGRAM,
            "DatagramChannel",
            "DatagramChannelImpl",
            "tryClose()Z",
            "fdVal",
            "socket:",
            "(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;Z)V",
            "(Ljava/nio/channels/spi/SelectorProvider;Ljava/io/FileDescriptor;)V"),
    PIPE_SOURCE(
            CountedState.PIPE,
            "Pipe.SourceChannel",
            "SourceChannelImpl",
            "tryClose()Z",
            "fdVal",
            "pipe:",
            "(Ljava/nio/channels/spi/SelectorProvider;Ljava/io/FileDescriptor;)V"),
    PIPE_SINK(
            CountedState.PIPE,
            "Pipe.SinkChannel",
            "SinkChannelImpl",
            "tryClose()Z",
            "fdVal",
            "pipe:",
            "(Ljava/nio/channels/spi/SelectorProvider;Ljava/io/FileDescriptor;)V"),
    ASYNC_LISTENER(
            CountedState.ASYNC_LISTENER,
            "AsynchronousServerSocketChannel",
            "UnixAsynchronousServerSocketChannelImpl",
            "implClose()V",
            "fdVal",
            "socket:",
            "(Lsun/nio/ch/Port;)V");

    private static final String PACKAGE = "sun.nio.ch.";

    private final CountedState state;
    private final String word;
    private final String className;
    private final String closing;
    private final String numberField;
    private final String link;
    private final String[] constructors;

    Counted(
            CountedState state,
            String word,
            String type,
            String closing,
            String numberField,
            String link,
            String... constructors) {
        this.state = state;
        this.word = word;
        this.className = PACKAGE.concat(type);
        this.closing = closing;
        this.numberField = numberField;
        this.link = link;
        this.constructors = constructors;
    }

    CountedState state() {
        return state;
    }

    /** Its name for users, as {@code Selector}. */
    String word() {
        return word;
    }

    String className() {
        return className;
    }

    /** Name and descriptor of the method that frees the descriptor; one with a result returns whether it did. */
    String closing() {
        return closing;
    }

    /** The field with the number of its first descriptor. */
    String numberField() {
        return numberField;
    }

    /** How the link of that descriptor in {@code /proc/self/fd} begins. */
    String link() {
        return link;
    }

    /** Descriptors of the constructors that call none of its own class. */
    String[] constructors() {
        return constructors;
    }

    /** How many descriptors an object has: epoll and eventfd of a selector. */
    int descriptors() {
        return this == SELECTOR ? 2 : 1;
    }

    /** Whether the JDK closes the descriptor of a collected object by itself, with a {@code Cleaner}. */
    boolean isReclaimed() {
        return this == DATAGRAM;
    }
}
