package io.socketreaper.owner.relocated.eclipse.jetty.io;

import java.io.Closeable;

/** What a relocated Jetty's interface looks like to the agent. */
public interface EndPoint extends Closeable {
    @Override
    void close();

    default Object getConnection() {
        return null;
    }

    /** Only in newer ones. */
    default void close(Throwable cause) {
        // told by the other one
    }
}
