package io.socketreaper.page;

import io.socketreaper.config.Settings;
import io.socketreaper.control.Control;
import io.socketreaper.http.HttpOutlet;
import org.slf4j.Logger;

/** Opens the status page. */
public final class PageOutlet {
    private PageOutlet() {
    }

    /** Null, and a line in the log, if it could not be opened. {@link Settings#page} is set. */
    public static AutoCloseable open(Control control, Settings settings, Logger log) {
        boolean remote = !settings.page().isLoopback();
        var gate = new Gate(remote);
        var outlet = HttpOutlet.open("page", settings.page(), settings.pageAllowRemote(), new StatusPage(control, gate), log);
        if (outlet != null) {
            log.info("status page: http://{}/; token that {}: {}", outlet.address(), remote ? "reading and changing anything needs"
                    : "changing anything needs", gate.token());
        }
        return outlet;
    }
}
