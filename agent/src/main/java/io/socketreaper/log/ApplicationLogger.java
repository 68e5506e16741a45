package io.socketreaper.log;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * The application's SLF4J, 1.7 or 2, by reflection, because the agent's own is a relocated copy. Held weakly, because the application may
 * undeploy
 * what it belongs to. One thread.
 */
final class ApplicationLogger {
    private static final String NAME = "io.socketreaper";
    /** Not literals, because the shading would change literals into the names of our own copy. */
    private static final String FACTORY = "org".concat(".slf4j.LoggerFactory");

    private static final String DISCARDING = "org".concat(".slf4j.helpers.NOPLogger");
    /** {@code LoggerFactory.INITIALIZATION_STATE}: the application has asked for a logger, and a provider was found. */
    private static final int SUCCESSFUL = 3;

    private final WeakReference<Class<?>> factory;

    private ApplicationLogger(Class<?> factory) {
        this.factory = new WeakReference<>(factory);
    }

    /** The application's log, or null if it has none yet; that of its class path before others. */
    static @Nullable ApplicationLogger find(Application application) throws ReflectiveOperationException {
        Class<?> found = null;
        Throwable failure = null;
        for (Class<?> type : application.loadedClasses()) {
            if (type.getName().equals(FACTORY) && (found == null || isOfClassPath(type))) {
                try {
                    found = application.isInitialised(type) && isReady(application, type) ? type : found;
                } catch (ReflectiveOperationException | RuntimeException | LinkageError unlikeOthers) {
                    failure = unlikeOthers;
                }
            }
        }
        if (found == null && failure != null) {
            throw new ReflectiveOperationException(failure);
        }
        return found == null ? null : new ApplicationLogger(found);
    }

    private static boolean isOfClassPath(Class<?> type) {
        return type.getClassLoader() == ClassLoader.getSystemClassLoader();
    }

    private static boolean isReady(Application application, Class<?> type) throws ReflectiveOperationException {
        Field state = type.getDeclaredField("INITIALIZATION_STATE");
        if (!state.trySetAccessible()) {
            application.open(type);
            state.setAccessible(true);
        }
        return state.getInt(null) == SUCCESSFUL
                && !logger(type).getClass().getName().equals(DISCARDING);
    }

    private static Object logger(Class<?> type) throws ReflectiveOperationException {
        return type.getMethod("getLogger", String.class).invoke(null, NAME);
    }

    boolean isGone() {
        return factory.get() == null;
    }

    /**
     * Waits as long as the application's appenders make it wait.
     *
     * @param late the time that the application's log will show is not that of the entry
     */
    void write(LogEntry entry, boolean late) throws ReflectiveOperationException {
        Class<?> type = factory.get();
        if (type == null) {
            throw new ClassNotFoundException(FACTORY + " is gone");
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(type.getClassLoader());
        try {
            Object logger = logger(type);
            Class<?> loggers = type.getMethod("getLogger", String.class).getReturnType();
            String level =
                    switch (entry.level()) {
                        case ERROR -> "error";
                        case WARN -> "warn";
                        default -> "info";
                    };
            Method method = loggers.getMethod(level, String.class, Throwable.class);
            method.invoke(logger, late ? timed(entry) : entry.message(), entry.thrown());
        } finally {
            // The loader that was set above would keep the classes of an undeployed application.
            thread.setContextClassLoader(before);
        }
    }

    private static String timed(LogEntry entry) {
        var text = new StringBuilder("(at ");
        StderrLogger.appendUtc(text, entry.millis());
        return text.append(") ").append(entry.message()).toString();
    }
}
