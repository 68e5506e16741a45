package io.socketreaper.log;

import java.io.IOException;

/** Where entries go. Never waits for the application, a pipe or a disk. Any thread. */
interface LogOutlet {
    void write(LogEntry entry);

    /** An entry could not be written: counts it. */
    default void lost(Throwable why) {}

    /** Waits until the earlier entries are written, at most this many nanoseconds. */
    default void flush(long nanos) {}

    /** Ends the writing and releases its resources; throws if a write keeps its thread from ending. */
    default void close() throws IOException {}
}
