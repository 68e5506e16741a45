package io.socketreaper.descriptor;

import java.io.IOException;

/**
 * The options of one TCP connection that keepalive probes need. Valid only inside a {@link Step}, while the descriptor cannot be
 * freed.
 */
public interface TcpOptions {
    /** An option of getsockopt(2) and setsockopt(2) whose value is an int; the numbers are those of Linux. */
    enum Option {
        /** {@code SO_KEEPALIVE}: 0 or 1. */
        KEEPALIVE(1, 9),
        /** {@code TCP_KEEPIDLE}: seconds without a segment from the peer after which it is probed, 1 to 32767. */
        IDLE(6, 4),
        /** {@code TCP_KEEPINTVL}: seconds between two probes, 1 to 32767. */
        INTERVAL(6, 5),
        /** {@code TCP_KEEPCNT}: unanswered probes after which the kernel ends the connection, 1 to 127. */
        COUNT(6, 6),
        /** {@code TCP_USER_TIMEOUT}: milliseconds after which the kernel ends a connection that does not answer, 0 for none. */
        USER_TIMEOUT(6, 18);

        final int level;
        final int number;

        Option(int level, int number) {
            this.level = level;
            this.number = number;
        }
    }

    /** What is to be done with the options. */
    @FunctionalInterface
    interface Step {
        /** Must not block, nor keep the options. On the thread that asks for it, or on the one of the socket's owner. */
        void with(TcpOptions options) throws IOException;

        /** After {@link Done#LATER}: it was not done, or not to its end. On the owner's thread. */
        default void notDone() {}
    }

    /** What became of a {@link Step}. */
    enum Done {
        /** It has come to its end. */
        YES,
        /** It was not done, or not to its end: the socket is closed, or is not a TCP socket. */
        NO,
        /** The owner's thread will do it, or will never come to it. */
        LATER
    }

    /** The first four bytes of {@code struct tcp_info}, from the lowest: state, ca_state, retransmits, unanswered probes. */
    int info() throws IOException;

    int get(Option option) throws IOException;

    void set(Option option, int value) throws IOException;
}
