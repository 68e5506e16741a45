package io.socketreaper.runtime;

import io.socketreaper.config.Effective;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.config.Track;
import io.socketreaper.log.StderrLogger;
import io.socketreaper.stack.HookClass;
import io.socketreaper.thread.DaemonThreads;
import java.io.File;
import java.io.Flushable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * Starts the agent inside its own class loader. Runs in {@code premain} or on the attach thread, so it only does what must
 * be done before the application runs on: settings, hook, transformer, thread. The rest waits until the application
 * itself has used the first socket.
 */
final class Core {
    private Core() {}

    /** Called by {@link CoreStart}. Never throws: a core that cannot start logs the reason and stays off. */
    static void start(BootstrapLink link) {
        // Not through LoggerFactory: looking for a provider costs the JVM's start some ten milliseconds.
        Logger log = new StderrLogger("socket-reaper", new DaemonThreads(AgentThreads.LOG));
        try {
            Effective effective = SettingsReader.read(link.arguments(), System.getProperties(), System.getenv());
            if (!effective.settings().log().isUsual()) {
                log = LogSelection.open(effective.settings(), link.instrumentation(), log);
            }
            start(effective, link, log);
        } catch (Exception | LinkageError failure) {
            log.error("could not start and stays off; the application runs without it", failure);
        } finally {
            flush(log);
        }
    }

    /** Writes the lines of the start before those of {@code main}, which may end the JVM soon. */
    private static void flush(Logger log) {
        try {
            if (log instanceof Flushable lines) {
                lines.flush();
            }
        } catch (IOException notWritten) {
            // then it comes later
        }
    }

    private static void start(Effective effective, BootstrapLink link, Logger log) throws Exception {
        String unsupported = unsupportedBecause();
        if (unsupported != null) {
            log.error("stays off: {}. The application runs without it.", unsupported);
            return;
        }
        for (String problem : effective.problems()) {
            log.error(problem);
        }
        Instrumentation instrumentation = link.instrumentation();
        boolean attached = link.isAttached();
        HookClass.openPackages(instrumentation);
        HookClass.define(hookClassFile());
        if (SocketReaperHook.isTaken()) {
            log.error("stays off: another copy of Socket Reaper is active in this JVM");
            return;
        }
        if (attached) {
            HookClass.openThreads(instrumentation);
        }
        var parts = Assembly.of(effective.settings(), attached, log);
        SocketReaperHook.delegate(parts.events());
        SocketReaperHook.repeats(parts.events());
        SocketReaperHook.selections = attached || effective.settings().track() == Track.ALL;
        var controller = new AgentController(parts, effective, link, log);
        try {
            controller.weave();
            controller.startReaper();
        } catch (Exception | Error failure) {
            // The queues of events would grow without end, because no thread empties them.
            SocketReaperHook.delegate(null);
            controller.unweave(new ArrayList<>());
            throw failure;
        }
        controller.running();
        log.info("Socket Reaper {}; {}", attached ? "attached" : "started", effective.startLine());
    }

    private static @Nullable String unsupportedBecause() {
        String system = System.getProperty("os.name", "unknown");
        if (!system.equals("Linux")) {
            return "it needs Linux, this is " + system;
        }
        return new File("/proc/self/fd").isDirectory() ? null : "it needs /proc/self/fd, which does not exist";
    }

    private static byte[] hookClassFile() throws IOException {
        try (InputStream in = Core.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            if (in == null) {
                throw new IOException("the jar lacks " + HookClass.resource());
            }
            return in.readAllBytes();
        }
    }
}
