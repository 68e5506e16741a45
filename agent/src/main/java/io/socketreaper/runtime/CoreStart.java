package io.socketreaper.runtime;

import java.lang.instrument.Instrumentation;
import java.util.function.Supplier;

/**
 * The entrance to the core: being initialised by {@code CoreLoader} starts it. A static initialiser is the one way into
 * another class loader that needs no reflection.
 */
final class CoreStart {
    /** The first Java without a security manager. */
    private static final int WITHOUT_SECURITY_MANAGER = 24;

    static {
        @SuppressWarnings("unchecked") // CoreLoader is this loader; here its class is not visible
        var start = ((Supplier<Object[]>) CoreStart.class.getClassLoader()).get();
        if (Runtime.version().feature() < WITHOUT_SECURITY_MANAGER) {
            Privileged.start(start);
        } else {
            start(start);
        }
    }

    private CoreStart() {}

    static void start(Object[] start) {
        Core.start((String) start[0], (Instrumentation) start[1], (Boolean) start[2], start);
    }
}
