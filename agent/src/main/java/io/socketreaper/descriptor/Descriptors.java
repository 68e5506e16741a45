package io.socketreaper.descriptor;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The descriptors of this process. Reaper thread only. */
public interface Descriptors {
    /** {@link #link} could not find out. */
    String UNKNOWN = "unknown";

    /** What a descriptor refers to, e.g. {@code socket:[12345]}; null when it is not open, {@link #UNKNOWN} if that cannot be told. */
    @Nullable
    String link(int descriptor);

    /** The inode of a socket's link; 0 for any other. */
    static long inode(@Nullable String link) {
        String start = "socket:[";
        return link != null && link.startsWith(start) && link.endsWith("]")
                ? Long.parseLong(link, start.length(), link.length() - 1, 10)
                : 0;
    }

    /**
     * Bytes of a TCP socket that it has sent or queued and its peer has not acknowledged; {@link SendQueues#UNKNOWN} if that
     * cannot be told.
     *
     * @param notBefore nano time: what was read earlier does not serve
     */
    int sendQueue(long inode, long notBefore);

    /** The peer that a TCP socket in state SYN_SENT is being connected to; null if that cannot be told just now. */
    default @Nullable SocketAddress connectingPeer(long inode) {
        return null;
    }

    /** Makes sure that {@link #sendQueue} works when no descriptor is left; costs two until the agent is detached. */
    void prepareSendQueues();

    /** Counts all open descriptors, and finds sockets that more than one of them refers to. */
    DescriptorCensus census();
}
