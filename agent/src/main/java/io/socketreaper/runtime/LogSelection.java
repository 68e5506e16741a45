package io.socketreaper.runtime;

import io.socketreaper.config.LogTarget;
import io.socketreaper.config.Settings;
import io.socketreaper.descriptor.JdkClasses;
import io.socketreaper.log.Application;
import io.socketreaper.log.LogFormat;
import io.socketreaper.log.Logs;
import io.socketreaper.thread.DaemonThreads;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;

/** Opens the log that the settings ask for, if it is not standard error as text; loaded only then. */
final class LogSelection {
    private LogSelection() {}

    /** @param usual is returned if the other cannot be opened */
    static Logger open(Settings settings, Instrumentation instrumentation, Logger usual) {
        LogTarget target = settings.log();
        var threads = new DaemonThreads(AgentThreads.LOG);
        try {
            if (target.path() != null) {
                return Logs.file(
                        target.text(),
                        new File(target.path().replace("%p", pid())),
                        target.json() ? LogFormat.JSON : LogFormat.TEXT,
                        settings.logSize(),
                        settings.logFiles(),
                        threads);
            }
            return target.application() ? Logs.application(new Loaded(instrumentation), threads) : Logs.json(threads);
        } catch (IOException | RuntimeException | Error failure) {
            usual.error("log={} cannot be opened; the log goes to standard error", target.text(), failure);
            return usual;
        }
    }

    /** Not ProcessHandle, which starts more than a look needs. */
    private static String pid() throws IOException {
        return new File("/proc/self").getCanonicalFile().getName();
    }

    private record Loaded(Instrumentation instrumentation) implements Application {
        @Override
        public Class<?>[] loadedClasses() {
            return instrumentation.getAllLoadedClasses();
        }

        @Override
        public boolean isInitialised(Class<?> type) throws ReflectiveOperationException {
            return JdkClasses.isInitialised(type);
        }

        @Override
        public void open(Class<?> type) {
            instrumentation.redefineModule(
                    type.getModule(),
                    Set.of(),
                    Map.of(),
                    Map.of(type.getPackageName(), Set.of(LogSelection.class.getModule())),
                    Set.of(),
                    Map.of());
        }
    }
}
