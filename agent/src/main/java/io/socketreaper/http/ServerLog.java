package io.socketreaper.http;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;

/** What the HTTP server has to say: warnings and errors, each of them once, to the agent's log. Any thread. */
final class ServerLog extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;
    /** Messages remembered; what comes when they are full is dropped, for a hostile client must not fill the log. */
    private static final int MOST = 32;

    static final ServerLog INSTANCE = new ServerLog();

    private final transient Set<String> said = new HashSet<>();
    private transient volatile @Nullable Logger log;

    private ServerLog() {
        this.name = "http";
    }

    void to(Logger agentsLog) {
        log = agentsLog;
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
        Logger to = log;
        synchronized (said) {
            if (to == null || said.size() >= MOST || !said.add(pattern)) {
                return;
            }
        }
        to.warn(
                "a message of the HTTP server, logged once: " + pattern + (thrown == null ? "" : " " + thrown),
                arguments);
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
        return false;
    }

    @Override
    public boolean isWarnEnabled() {
        return log != null;
    }

    @Override
    public boolean isErrorEnabled() {
        return log != null;
    }
}
