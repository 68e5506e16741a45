package io.socketreaper.log;

import java.io.IOException;

/** Where entries go. Never waits for the application, a pipe or a disk. Any thread. */
interface LogOutlet {
    void write(LogEntry entry);

    /** An entry could not be written: counts it. */
    default void lost(Throwable why) {}

    /** Waits until what was said before is written, at most so many nanoseconds. */
    default void flush(long nanos) {}

    /** Nothing will be written any more: lets go of what it holds; throws if a write keeps its thread from ending. */
    default void close() throws IOException {}
}
