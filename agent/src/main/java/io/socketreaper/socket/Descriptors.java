package io.socketreaper.socket;

/** The descriptors of this process. Reaper thread only. */
public interface Descriptors {
    /** {@link #link} could not find out. */
    String UNKNOWN = "unknown";

    /** What a descriptor refers to, e.g. {@code socket:[12345]}; null when it is not open, {@link #UNKNOWN} if that cannot be told. */
    String link(int descriptor);

    /** The inode of a socket's link; 0 for any other. */
    static long inode(String link) {
        String start = "socket:[";
        return link != null && link.startsWith(start) && link.endsWith("]")
                ? Long.parseLong(link, start.length(), link.length() - 1, 10) : 0;
    }

    /** Counts all open descriptors, and finds sockets that more than one of them refers to. */
    Census census();
}
