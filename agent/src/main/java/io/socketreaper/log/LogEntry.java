package io.socketreaper.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * A log entry, before it is formatted.
 *
 * @param event  null if there are no facts beside the message
 * @param thrown may be null
 */
record LogEntry(
        long millis,
        Level level,
        String message,
        @Nullable LogEvent event,
        @Nullable Throwable thrown) {
    /** An entry of a log about itself. */
    static LogEntry now(Level level, String message) {
        return new LogEntry(System.currentTimeMillis(), level, message, null, null);
    }
}
