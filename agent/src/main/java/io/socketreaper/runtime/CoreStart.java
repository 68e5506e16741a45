package io.socketreaper.runtime;

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
        var slots = ((Supplier<Object[]>) CoreStart.class.getClassLoader()).get();
        var link = new BootstrapLink(slots);
        if (Runtime.version().feature() < WITHOUT_SECURITY_MANAGER) {
            Privileged.start(link);
        } else {
            Core.start(link);
        }
    }

    private CoreStart() {}
}
