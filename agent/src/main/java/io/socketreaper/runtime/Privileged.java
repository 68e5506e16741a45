package io.socketreaper.runtime;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Starts the core so that its threads have the core's permissions, which are all, and not those of the code that started it: the
 * application may set a security manager later. Not loaded where the JDK has none any more.
 */
@SuppressWarnings("removal") // while some JDKs still have it
final class Privileged implements PrivilegedAction<Void> {
    private final BootstrapLink link;

    private Privileged(BootstrapLink link) {
        this.link = link;
    }

    static void start(BootstrapLink link) {
        AccessController.doPrivileged(new Privileged(link));
    }

    @Override
    public Void run() {
        Core.start(link);
        return null;
    }
}
