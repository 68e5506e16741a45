package io.socketreaper.log;

import java.io.Flushable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;

/** The agent's logger wherever it does more than write text on standard error. INFO and above; never throws. */
final class OutletLogger extends LegacyAbstractLogger implements Flushable, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient LogOutlet outlet;

    OutletLogger(LogOutlet outlet) {
        this.name = "socket-reaper";
        this.outlet = outlet;
    }

    /** Waits for lines that are not written yet, half a second at most. */
    @Override
    public void flush() {
        outlet.flush(LogThread.PATIENCE);
    }

    /** Releases its file or thread; throws if a write keeps a thread from ending. */
    @Override
    public void close() throws IOException {
        outlet.close();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
        String message = StderrLogger.message(pattern, arguments);
        LogEvent event =
                arguments != null && arguments.length == 1 && arguments[0] instanceof LogEvent only ? only : null;
        long now = System.currentTimeMillis();
        try {
            outlet.write(new LogEntry(now, level, message, event, thrown));
        } catch (RuntimeException | Error failure) {
            // The caller reports a failure already and could not handle a second one.
            outlet.lost(failure);
        }
    }

    @Override
    public boolean isTraceEnabled() {
        return false;
    }

    @Override
    public boolean isDebugEnabled() {
        return false;
    }

    @Override
    public boolean isInfoEnabled() {
        return true;
    }

    @Override
    public boolean isWarnEnabled() {
        return true;
    }

    @Override
    public boolean isErrorEnabled() {
        return true;
    }
}
