package io.socketreaper.stack;

import org.jspecify.annotations.Nullable;

/** Makes the handles of sockets of every stack. Called on application threads: no lock, no I/O. */
@FunctionalInterface
public interface HandleFactory {
    /** A new handle of this socket, or null if it is not to be watched. */
    @Nullable
    SocketHandle handle(Object socket);

    /**
     * The number of its descriptor, after a close too, or -1 where the object does not tell it at once. Once it was told for a
     * socket it always is.
     */
    default int number(Object socket) {
        return -1;
    }
}
