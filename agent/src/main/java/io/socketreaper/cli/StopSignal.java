package io.socketreaper.cli;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a shell stops this process, by Ctrl-Z (SIGTSTP), and when it continues it (SIGCONT). The JVM handles signals by
 * {@code sun.misc.Signal}, found by its name: javac warns of it, and a JVM may lack its module.
 */
final class StopSignal implements AutoCloseable {
    private static final Path STAT = Path.of("/proc/self/stat");
    /** Behind the name of the program: state, parent, process group, session. */
    private static final int GROUP = 2;

    private static final int SESSION = 3;

    private final Method handle;
    private final Object stop;
    private final Object goOn;
    private final Object onStop;
    private final Object onGoingOn;
    private final Object byDefault;
    private boolean closed;

    private StopSignal(Runnable stopping, Runnable continued) throws ReflectiveOperationException {
        var type = Class.forName("sun.misc.Signal");
        var handler = Class.forName("sun.misc.SignalHandler");
        handle = type.getMethod("handle", type, handler);
        stop = type.getConstructor(String.class).newInstance("TSTP");
        goOn = type.getConstructor(String.class).newInstance("CONT");
        byDefault = handler.getField("SIG_DFL").get(null);
        onStop = handlerOf(handler, () -> {
            stopping.run();
            on(stop, byDefault);
            if (!stopNow()) {
                continues(continued);
            }
        });
        onGoingOn = handlerOf(handler, () -> continues(continued));
    }

    /**
     * Has the signals handled from now on, each time by a thread of its own.
     *
     * @param stopping  runs before this process stops
     * @param continued runs when it goes on
     * @return null if this JVM cannot handle them, or if no shell could continue this process: then the kernel does not stop it either
     */
    static @Nullable StopSignal handledBy(Runnable stopping, Runnable continued) {
        if (!hasJobControl()) {
            return null;
        }
        try {
            var signal = new StopSignal(stopping, continued);
            signal.on(signal.goOn, signal.onGoingOn);
            signal.on(signal.stop, signal.onStop);
            return signal;
        } catch (ReflectiveOperationException | IllegalStateException | LinkageError unsupported) {
            return null;
        }
    }

    /** Whether a shell has put this process into a process group of its own. */
    private static boolean hasJobControl() {
        try {
            String stat = Files.readString(STAT);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return !fields[GROUP].equals(fields[SESSION]);
        } catch (IOException | IndexOutOfBoundsException unknown) {
            return false;
        }
    }

    private static Object handlerOf(Class<?> type, Runnable handler) {
        InvocationHandler called = (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == type) {
                handler.run();
                return null;
            }
            return method.invoke(handler, arguments);
        };
        return Proxy.newProxyInstance(StopSignal.class.getClassLoader(), new Class<?>[] {type}, called);
    }

    private void continues(Runnable continued) {
        on(stop, onStop);
        continued.run();
    }

    /** The JVM cannot raise a signal that it does not handle. False if there is no shell that can. */
    private static boolean stopNow() {
        try {
            String kill = "kill -TSTP " + ProcessHandle.current().pid();
            return new ProcessBuilder("sh", "-c", kill).start().waitFor() == 0;
        } catch (IOException noShell) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void on(Object signal, Object handler) {
        if (!closed) {
            try {
                handle.invoke(null, signal, handler);
            } catch (ReflectiveOperationException theVmUsesIt) {
                throw new IllegalStateException(theVmUsesIt);
            }
        }
    }

    @Override
    public synchronized void close() {
        on(stop, byDefault);
        on(goOn, byDefault);
        closed = true;
    }
}
