package io.socketreaper.runtime;

import io.socketreaper.config.ListenAddress;
import io.socketreaper.config.Settings;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.LeakJournal;
import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.Kernel;
import io.socketreaper.http.HttpOutlet;
import io.socketreaper.http.OutletThread;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.metrics.Durations;
import io.socketreaper.metrics.MetricValues;
import io.socketreaper.metrics.MetricsHandler;
import io.socketreaper.page.StatusPage;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Opens the metrics and the status page, on a thread of its own. Apart from {@link Outlets}, because all classes that it mentions are loaded with it.
 */
final class OutletOpening implements Runnable {
    /**
     * Waits for the application's first socket, because an outlet before it would fix settings that the application may still
     * change.
     */
    private static final long MOST_WAIT = TimeUnit.SECONDS.toNanos(3);

    private static final long WAIT_MILLIS = 50;
    private static final String METRICS = "the HTTP server of the metrics";
    private static final String PAGE = "the HTTP server of the status page";

    private final Outlets outlets;
    private final Control control;
    private final ReaperLoop loop;
    private final LeakSinks sinks;
    private final LeakJournal journal;
    private final DescriptorHeadroom headroom;
    private final InternalFailures failures;
    private final Settings settings;
    private final Logger log;

    private OutletOpening(Outlets outlets, Control control, Assembly parts, Settings settings, Logger log) {
        this.outlets = outlets;
        this.control = control;
        this.loop = parts.loop();
        this.sinks = parts.sinks();
        this.journal = parts.journal();
        this.headroom = parts.headroom();
        this.failures = parts.failures();
        this.settings = settings;
        this.log = log;
    }

    /** Returns at once; an interrupt of the thread ends it. */
    static Thread begin(Outlets outlets, Control control, Assembly parts, Settings settings, Logger log) {
        // The sockets of such threads are the agent's own.
        parts.events().own(OutletThread.class);
        return OutletThread.start(
                "socket-reaper-http-opening", new OutletOpening(outlets, control, parts, settings, log));
    }

    @Override
    public void run() {
        try {
            var durations = new Durations();
            if (settings.metrics() != null) {
                sinks.add(durations);
            }
            awaitFirstSocket();
            if (settings.metrics() != null) {
                awaitRoom(METRICS);
                open(METRICS, () -> openMetrics(durations));
            }
            if (settings.page() != null) {
                awaitRoom(PAGE);
                open(PAGE, this::openPage);
            }
        } catch (InterruptedException detached) {
            // no outlet is open yet
        } catch (RuntimeException | LinkageError failed) {
            log.error("metrics and status page could not be opened; the agent runs without them", failed);
        }
    }

    /** Logs a failure, so that the other outlet opens all the same. */
    private void open(String what, Runnable opening) {
        try {
            opening.run();
        } catch (SecurityException refused) {
            failures.happened(what + " could not be opened", refused);
        } catch (RuntimeException | LinkageError failed) {
            log.error("{} could not be opened; the agent runs without it", what, failed);
        }
    }

    private void awaitFirstSocket() throws InterruptedException {
        long end = System.nanoTime() + MOST_WAIT;
        try {
            while (System.nanoTime() - end < 0 && !loop.isWatching()) {
                Thread.sleep(WAIT_MILLIS);
            }
        } catch (ControlException busy) {
            // it has waited long enough
        }
    }

    /** An HTTP server initialises many classes, of the JDK and its own. */
    private void awaitRoom(String what) throws InterruptedException {
        while (!headroom.isThereFor(what)) {
            TimeUnit.NANOSECONDS.sleep(headroom.pause());
        }
    }

    private void openMetrics(Durations durations) {
        ListenAddress address = Objects.requireNonNull(settings.metrics());
        var answerer = new MetricsHandler(() -> figures(durations), address);
        answerer.warmUp();
        HttpOutlet outlet =
                HttpOutlet.open("metrics", shown(address), settings.metricsAllowRemote(), provider(), answerer, log);
        if (outlet != null && outlets.opened(outlet)) {
            log.info("metrics are served at http://{}/metrics", outlet.address());
        }
    }

    private void openPage() {
        ListenAddress address = Objects.requireNonNull(settings.page());
        var page = new StatusPage(control, address);
        page.warmUp();
        HttpOutlet outlet = HttpOutlet.open("page", shown(address), settings.pageAllowRemote(), provider(), page, log);
        if (outlet != null && outlets.opened(outlet)) {
            loop.keepSampling();
            log.info("status page: http://{}/; {}", outlet.address(), page.tokenLine());
        }
    }

    /** The JDK's own; that of the JVM may be the application's code. */
    private static SelectorProvider provider() {
        try {
            return Kernel.jdkProvider();
        } catch (ReflectiveOperationException unknownInternals) {
            return SelectorProvider.provider();
        }
    }

    /** As the log may name it. */
    private ListenAddress shown(ListenAddress address) {
        return settings.masksAddresses() ? address.masked() : address;
    }

    private MetricValues figures(Durations durations) {
        var status = control.status();
        var sites = control.sites();
        var open = control.allOpen();
        var dryRun = control.dryRun();
        return loop.ask(() -> new MetricValues(
                status,
                sites,
                open,
                journal.foundByGrade(),
                journal.releasedByOutcome(),
                dryRun,
                durations.snapshot()));
    }
}
