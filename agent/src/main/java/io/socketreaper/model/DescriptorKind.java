package io.socketreaper.model;

import org.jspecify.annotations.Nullable;

/**
 * What a descriptor of the process refers to. Log, JMX, JFR, metrics, HTML and command line take the names from here; docs/metrics.md
 * explains them.
 */
public enum DescriptorKind {
    /** A TCP socket that listens. */
    LISTEN("listen", "listening"),
    /** A TCP connection that both sides may use. */
    ESTABLISHED("established", "established"),
    /** A TCP connection that the peer has ended. */
    CLOSE_WAIT("close_wait", "CLOSE_WAIT"),
    /** A TCP connection that this process has ended: FIN_WAIT1 or FIN_WAIT2. */
    FIN_WAIT("fin_wait", "FIN_WAIT"),
    /** A TCP socket in the state CLOSE, finished or never connected. No table of the kernel shows it; lsof says {@code protocol: TCP}. */
    FINISHED("finished", "finished but held"),
    /** One of the finished sockets that no watched object is known to hold; counted there, too. */
    UNTRACKED("untracked", "of these not watched"),
    /** A TCP connection that is just being opened or closed. */
    OTHER_TCP("other_tcp", "other TCP"),
    /** A unix-domain, UDP or other socket. */
    OTHER_SOCKETS("other_sockets", "other sockets"),
    /** An end of a pipe. */
    PIPES("pipes", "pipes"),
    /** A selector: an epoll instance, of the JDK or of Netty's native transport. */
    SELECTORS("selectors", "selectors"),
    /** An eventfd, by which a selector or an event loop is woken. */
    EVENTFDS("eventfds", "eventfds"),
    /** A file, directory or device. */
    FILES("files", "files"),
    /** Anything else: io_uring, inotify, timerfd and the like. */
    OTHERS("others", "others"),
    /** One of the CLOSE_WAIT connections that the agent does not watch; counted there, too. */
    UNWATCHED_CLOSE_WAIT("unwatched_close_wait", "of CLOSE_WAIT not watched"),
    /** One of the connections that this process has ended and that the agent does not watch; counted there, too. */
    UNWATCHED_FIN_WAIT("unwatched_fin_wait", "of FIN_WAIT not watched");

    /** All names in their order, for descriptions that must be constants. */
    public static final String NAMES =
            "listen, established, close_wait, fin_wait, finished, untracked (of the finished),"
                    + " other_tcp, other_sockets, pipes, selectors, eventfds, files, others, unwatched_close_wait (of close_wait),"
                    + " unwatched_fin_wait (of fin_wait)";

    private final String text;
    private final String label;

    DescriptorKind(String text, String label) {
        this.text = text;
        this.label = label;
    }

    /** The kind of a TCP socket in that state; a socket without one is no TCP socket. */
    public static DescriptorKind of(TcpState state) {
        return switch (state) {
            case LISTEN -> LISTEN;
            case ESTABLISHED -> ESTABLISHED;
            case CLOSE_WAIT -> CLOSE_WAIT;
            case FIN_WAIT1, FIN_WAIT2 -> FIN_WAIT;
            case CLOSE -> FINISHED;
            case UNKNOWN -> OTHER_SOCKETS;
            case SYN_SENT, SYN_RECV, TIME_WAIT, LAST_ACK, CLOSING -> OTHER_TCP;
        };
    }

    /** The kind of what {@code /proc/PID/fd} shows as that link, if it is no socket. */
    public static DescriptorKind of(String link) {
        if (link.startsWith("/")) {
            return FILES;
        } else if (link.startsWith("pipe:")) {
            return PIPES;
        }
        return switch (link) {
            case "anon_inode:[eventpoll]" -> SELECTORS;
            case "anon_inode:[eventfd]" -> EVENTFDS;
            default -> OTHERS;
        };
    }

    /** The kind of that name; null for a name of another version. */
    public static @Nullable DescriptorKind named(String text) {
        return EnumWord.find(values(), text);
    }

    /** In words, for people, after that number of them. */
    public String label(long count) {
        return count == 1 && label.endsWith("s") ? label.substring(0, label.length() - 1) : label;
    }

    /** Whether its descriptors are counted under another kind, too. */
    public boolean isPartOfAnother() {
        return this == UNTRACKED || this == UNWATCHED_CLOSE_WAIT || this == UNWATCHED_FIN_WAIT;
    }

    /** The kind under which those of its sockets are counted, too, that the agent does not watch; null if they are not counted. */
    public @Nullable DescriptorKind unwatched() {
        return switch (this) {
            case FINISHED -> UNTRACKED;
            case CLOSE_WAIT -> UNWATCHED_CLOSE_WAIT;
            case FIN_WAIT -> UNWATCHED_FIN_WAIT;
            default -> null;
        };
    }

    /** The name, in lower case with underscores. */
    @Override
    public String toString() {
        return text;
    }
}
