package io.socketreaper.runtime;

import io.socketreaper.config.Effective;
import io.socketreaper.config.SettingsProblem;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.config.Track;
import io.socketreaper.log.StderrLogger;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.StackGuard;
import java.io.File;
import java.io.Flushable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * Starts the agent inside its own class loader. Runs in {@code premain} or on the attach thread, so it only does what must
 * be done before the application runs on: settings, hook, transformer, thread. The rest waits until the application
 * itself has used the first socket.
 */
final class Core {
    private Core() {}

    /**
     * Called by {@link CoreStart}.
     *
     * @param attached true when attached to a running process
     * @param start    has a place for what takes commands, once the core runs, and tells who wants to hear of leaks
     */
    static void start(String arguments, Instrumentation instrumentation, boolean attached, Object[] start) {
        // Not through LoggerFactory: looking for a provider costs the JVM's start some ten milliseconds.
        Logger log = new StderrLogger("socket-reaper", new Reaper.Daemons(Reaper.LOG));
        try {
            Effective effective = SettingsReader.read(arguments, System.getProperties(), System.getenv());
            if (!effective.settings().log().isUsual()) {
                log = LogSelection.open(effective.settings(), instrumentation, log);
            }
            start(effective, instrumentation, attached, start, log);
        } catch (Exception | LinkageError failure) {
            log.error("could not start and stays off; the application runs without it", failure);
        } finally {
            flush(log);
        }
    }

    /** What the start has said comes before what {@code main} says, and is written however soon that ends. */
    private static void flush(Logger log) {
        try {
            if (log instanceof Flushable lines) {
                lines.flush();
            }
        } catch (IOException notWritten) {
            // then it comes later
        }
    }

    private static void start(
            Effective effective, Instrumentation instrumentation, boolean attached, Object[] start, Logger log)
            throws Exception {
        String unsupported = unsupportedBecause();
        if (unsupported != null) {
            log.error("stays off: {}. The application runs without it.", unsupported);
            return;
        }
        for (SettingsProblem problem : effective.problems()) {
            log.error(problem.text());
        }
        HookClass.openPackages(instrumentation);
        HookClass.define(hookClassFile());
        if (SocketReaperHook.isTaken()) {
            log.error("stays off: another copy of Socket Reaper is active in this JVM");
            return;
        }
        if (attached) {
            HookClass.openThreads(instrumentation);
        }
        var reaper = new Reaper(effective.settings(), attached, log);
        SocketReaperHook.delegate(reaper.events());
        SocketReaperHook.selections = attached || effective.settings().track() == Track.ALL;
        var running = new AgentController(reaper, effective, instrumentation, attached, start, log);
        try {
            running.weave();
            retransformLoaded(
                    instrumentation, reaper.guards(), running.outlets().ofJdk());
            reaper.start();
        } catch (Exception | Error failure) {
            // With nobody to take them out, events would pile up for ever.
            SocketReaperHook.delegate(null);
            running.unweave(new ArrayList<>());
            throw failure;
        }
        running.begun();
        log.info("Socket Reaper {}; {}", attached ? "attached" : "started", effective.startLine());
    }

    private static String unsupportedBecause() {
        String system = System.getProperty("os.name", "unknown");
        if (!system.equals("Linux")) {
            return "it needs Linux, this is " + system;
        }
        return new File("/proc/self/fd").isDirectory() ? null : "it needs /proc/self/fd, which is not there";
    }

    private static byte[] hookClassFile() throws IOException {
        try (InputStream in = Core.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            if (in == null) {
                throw new IOException("the jar lacks " + HookClass.resource());
            }
            return in.readAllBytes();
        }
    }

    /** Classes that were loaded before the transformer came; retransforming starts from their original bytes. */
    private static void retransformLoaded(Instrumentation instrumentation, List<StackGuard> guards, JdkOutlets outlets)
            throws Exception {
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            String name = loaded.getName().replace('.', '/');
            if (outlets != null && loaded.getClassLoader() == null) {
                outlets.loaded(name);
            }
            for (StackGuard guard : guards) {
                if (guard.weaving().weaves(loaded.getClassLoader(), name)) {
                    instrumentation.retransformClasses(loaded);
                }
            }
        }
    }
}
