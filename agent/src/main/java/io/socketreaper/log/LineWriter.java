package io.socketreaper.log;

import org.slf4j.event.Level;

/** Where finished lines are written. Belongs to one {@link LogThread}. */
interface LineWriter {
    /** Writes a line, or a block of them; waits as long as the reader or the disk does. */
    void write(String line);

    /** Makes a line about the log itself, in the log's format. */
    String line(Level level, String message);

    /** The reason why a write takes long, in the past tense, such as {@code standard error was not read}. */
    String stalled();

    /** Ends the writing and releases its resources. */
    default void close() {}
}
