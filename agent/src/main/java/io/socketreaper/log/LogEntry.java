package io.socketreaper.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Something that was said, before it has a form.
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
    /** Said by a log about itself. */
    static LogEntry now(Level level, String message) {
        return new LogEntry(System.currentTimeMillis(), level, message, null, null);
    }
}
