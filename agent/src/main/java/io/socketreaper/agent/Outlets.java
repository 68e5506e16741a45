package io.socketreaper.agent;

import io.socketreaper.config.Settings;
import io.socketreaper.control.Control;
import io.socketreaper.page.PageOutlet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;

/** The ways to the outside that are off by default, and what it takes to end them. No class of theirs is loaded while they are off. */
final class Outlets {
    private final Control control;
    private final Reaper reaper;
    private final Settings settings;
    private final Logger log;
    private final List<AutoCloseable> open = new ArrayList<>();

    Outlets(Control control, Reaper reaper, Settings settings, Logger log) {
        this.control = control;
        this.reaper = reaper;
        this.settings = settings;
        this.log = log;
    }

    /** Opens what is set. */
    synchronized void open() {
        if (settings.page() != null) {
            AutoCloseable page = PageOutlet.open(control, settings, log);
            if (page != null) {
                open.add(page);
                reaper.ask(new KeepSampling());
            }
        }
    }

    private final class KeepSampling implements Callable<Void> {
        @Override
        public Void call() {
            reaper.keepSampling();
            return null;
        }
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
