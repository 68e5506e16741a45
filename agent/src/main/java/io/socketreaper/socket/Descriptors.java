package io.socketreaper.socket;

/** The descriptors of this process. Reaper thread only. */
public interface Descriptors {
    /** {@link #link} could not find out. */
    String UNKNOWN = "unknown";

    /** What a descriptor refers to, e.g. {@code socket:[12345]}; null when it is not open, {@link #UNKNOWN} if that cannot be told. */
    String link(int descriptor);

    /** Counts all open descriptors, and finds sockets that more than one of them refers to. */
    Census census();
}
