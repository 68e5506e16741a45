package io.socketreaper.agent;

import io.socketreaper.config.Settings;
import io.socketreaper.control.Control;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;

/** The ways to the outside, and what it takes to end them. No class of theirs is loaded before it is used. */
final class Outlets {
    private final Control control;
    private final Reaper reaper;
    private final Settings settings;
    private final Logger log;
    private final List<AutoCloseable> open = new ArrayList<>();
    /** Null if both are turned off. */
    private final JdkOutlets ofJdk;

    Outlets(Control control, Reaper reaper, Settings settings, Logger log) {
        this.control = control;
        this.reaper = reaper;
        this.settings = settings;
        this.log = log;
        this.ofJdk = settings.jmx() || settings.jfr() ? new JdkOutlets(control, reaper, settings) : null;
        if (ofJdk != null) {
            open.add(ofJdk);
        }
    }

    /** JMX and JFR, which open themselves once the application uses them; null if both are turned off. */
    JdkOutlets ofJdk() {
        return ofJdk;
    }

    /** Ends them all; what fails is added to the list. */
    synchronized void close(List<String> failures) {
        for (AutoCloseable outlet : open) {
            try {
                outlet.close();
            } catch (Exception | LinkageError failed) {
                failures.add(outlet.getClass().getSimpleName() + ": " + failed);
            }
        }
        open.clear();
    }
}
