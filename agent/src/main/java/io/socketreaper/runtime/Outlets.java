package io.socketreaper.runtime;

import io.socketreaper.config.Settings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Opens and closes JMX, JFR, metrics and status page. No class of theirs is loaded before it is used. */
final class Outlets {
    private static final long OPENING_MILLIS = 5_000;

    private final AgentRequests requests;
    private final Assembly parts;
    private final Settings settings;
    private final Logger log;
    private final List<AutoCloseable> open = new ArrayList<>();
    /** Opens the metrics and the page; null if neither is set. */
    private @Nullable Thread opening;

    private boolean closed;
    /** Null if both are turned off. */
    private final @Nullable JdkOutlets ofJdk;

    Outlets(AgentRequests requests, Assembly parts, Settings settings, Logger log) {
        this.requests = requests;
        this.parts = parts;
        this.settings = settings;
        this.log = log;
        this.ofJdk = settings.jmx() || settings.jfr() ? new JdkOutlets(requests, parts, settings) : null;
        if (ofJdk != null) {
            open.add(ofJdk);
        }
    }

    /** JMX and JFR, which open themselves once the application uses them; null if both are turned off. */
    @Nullable
    JdkOutlets ofJdk() {
        return ofJdk;
    }

    /** Begins to open the metrics and the page, if they are set; returns at once. */
    synchronized void start() {
        if (settings.metrics() != null || settings.page() != null) {
            opening = OutletOpening.begin(this, requests, parts, settings, log);
        }
    }

    /** One is open now; false if it came too late and is closed. */
    boolean opened(AutoCloseable outlet) {
        synchronized (this) {
            if (!closed) {
                open.add(outlet);
                return true;
            }
        }
        close(outlet, new ArrayList<>());
        return false;
    }

    /** Ends them all; what fails is added to the list. */
    void close(List<String> failures) {
        List<AutoCloseable> last;
        Thread busy;
        synchronized (this) {
            closed = true;
            last = List.copyOf(open);
            open.clear();
            busy = opening;
        }
        if (busy != null) {
            busy.interrupt();
            try {
                busy.join(OPENING_MILLIS);
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        }
        for (AutoCloseable outlet : last) {
            close(outlet, failures);
        }
    }

    private static void close(AutoCloseable outlet, List<String> failures) {
        try {
            outlet.close();
        } catch (Exception | LinkageError failed) {
            failures.add(outlet.getClass().getSimpleName() + ": " + failed);
        }
    }
}
