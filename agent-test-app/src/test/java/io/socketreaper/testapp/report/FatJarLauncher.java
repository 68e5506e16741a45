package io.socketreaper.testapp.report;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** Runs a program in a class loader of its own, as the launcher of a fat jar does: the system class loader has none of its classes. */
public final class FatJarLauncher {
    private FatJarLauncher() {}

    /** @param arguments the main class; jars and directories */
    public static void main(String[] arguments) throws Exception {
        var urls = new URL[arguments.length - 1];
        for (int i = 1; i < arguments.length; i++) {
            urls[i - 1] = Path.of(arguments[i]).toUri().toURL();
        }
        try (var loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Class.forName(arguments[0], true, loader)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[0]);
        }
    }
}
