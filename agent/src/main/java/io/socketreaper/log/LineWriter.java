package io.socketreaper.log;

import org.slf4j.event.Level;

/** Where finished lines are written. Belongs to one {@link LogThread}. */
interface LineWriter {
    /** Writes a line, or a block of them; waits as long as the reader or the disk does. */
    void write(String line);

    /** A line that the log says about itself, in its form. */
    String line(Level level, String message);

    /** Why a write takes long, in the past tense: {@code standard error was not read}. */
    String stalled();

    /** Nothing will be written any more: lets go of what it holds. */
    default void close() {}
}
