package io.socketreaper.runtime;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Starts the core so that its threads have the core's permissions, which are all, and not those of whoever started it: the
 * application may set a security manager later. Not loaded where the JDK has none any more.
 */
@SuppressWarnings("removal") // as long as there are JDKs that have it
final class Privileged implements PrivilegedAction<Void> {
    private final Object[] start;

    private Privileged(Object[] start) {
        this.start = start;
    }

    static void start(Object[] start) {
        AccessController.doPrivileged(new Privileged(start));
    }

    @Override
    public Void run() {
        CoreStart.start(start);
        return null;
    }
}
