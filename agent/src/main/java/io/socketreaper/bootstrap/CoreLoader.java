package io.socketreaper.bootstrap;

import java.io.DataInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.security.AllPermission;
import java.security.PermissionCollection;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads the agent's core apart from the application: its parent is the platform loader, so the application's class path
 * cannot reach into the core, and opening {@code sun.nio.ch} to the core's unnamed module opens it to the core only.
 *
 * <p>It reads the agent's own jar with {@link JarFile}; a {@code URLClassLoader} would load the JDK's URL handlers at
 * start. Compiled for Java 8, so that {@link Agent} can call it without reflection, which costs a JVM's start more than
 * all of the core's classes together (measured on JDK 25).
 */
final class CoreLoader extends ClassLoader implements Supplier<Object[]>, Runnable {
    private static final String CORE = "io.socketreaper.";
    private static final String ENTRANCE = "io.socketreaper.runtime.CoreStart";

    static {
        registerAsParallelCapable();
    }

    private final JarFile jar;
    private final @Nullable URL root = FromJar.root(this);
    private final Object[] start = new Object[StartSlots.COUNT];
    /** All permissions, whatever the policy of a security manager says of the application's class path. */
    private final ProtectionDomain domain =
            new ProtectionDomain(CoreLoader.class.getProtectionDomain().getCodeSource(), all());

    CoreLoader(File file, String arguments, Instrumentation instrumentation, boolean attached, List<Object> receivers)
            throws IOException {
        super(platformLoader());
        this.jar = new JarFile(file, false);
        start[StartSlots.ARGUMENTS] = arguments;
        start[StartSlots.INSTRUMENTATION] = instrumentation;
        start[StartSlots.ATTACHED] = attached;
        start[StartSlots.RECEIVERS] = receivers;
        start[StartSlots.DETACHED] = this;
    }

    private static PermissionCollection all() {
        AllPermission all = new AllPermission();
        PermissionCollection permissions = all.newPermissionCollection();
        permissions.add(all);
        return permissions;
    }

    private static ClassLoader platformLoader() {
        ClassLoader loader = getSystemClassLoader();
        while (loader.getParent() != null) {
            loader = loader.getParent();
        }
        return loader;
    }

    /** Initialises the entrance class, which starts the core. */
    void startCore() throws ClassNotFoundException {
        Class.forName(ENTRANCE, true, this);
    }

    /** Hands a command to the core, which must be running; returns its answer, JSON. */
    String command(String command) {
        return (String) requests().apply(command);
    }

    /** The core's receiver of commands and questions; null unless the core runs. */
    @SuppressWarnings("unchecked") // what the core has put there; in this loader its class is not visible
    Function<Object, Object> requests() {
        return (Function<Object, Object>) start[StartSlots.REQUESTS];
    }

    /** Whether a file channel may be opened; false if that is not known. */
    boolean mayUseFileChannels() {
        Object tells = start[StartSlots.FILE_CHANNELS];
        return tells != null && ((BooleanSupplier) tells).getAsBoolean();
    }

    /** Whether the core runs; no longer once it has been detached. */
    boolean isRunning() {
        return start[StartSlots.REQUESTS] != null;
    }

    /** Closes the jar, so that it can be replaced. No class can be loaded after that. */
    void close() {
        try {
            jar.close();
        } catch (IOException stillOpen) {
            // the collector will close it
        }
    }

    /** Called by the core, as the last thing it does. */
    @Override
    public void run() {
        Agent.ended(this);
        close();
    }

    /** Returns what the loader and the core tell each other, see {@link StartSlots}. The entrance class asks its loader for it. */
    @Override
    public Object[] get() {
        return start;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = name.startsWith(CORE) ? bytes(name.replace('.', '/') + ".class") : null;
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : defineClass(name, bytes, 0, bytes.length, domain);
        }
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        try {
            JarEntry entry = jar.getJarEntry(name);
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException | IllegalStateException unreadable) {
            // the latter once it is closed
            return null;
        }
    }

    /** For libraries, whose service files and tables it finds. */
    @Override
    protected @Nullable URL findResource(String name) {
        try {
            return jar.getJarEntry(name) == null ? null : FromJar.url(root, name);
        } catch (IllegalStateException closed) {
            return null;
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL found = findResource(name);
        return found == null
                ? Collections.<URL>emptyEnumeration()
                : Collections.enumeration(Collections.singleton(found));
    }

    /** Reads from the jar that is open; the JDK's own handler would open it anew, and keep it. */
    private static final class FromJar extends URLStreamHandler {
        private final CoreLoader loader;

        private FromJar(CoreLoader loader) {
            this.loader = loader;
        }

        /** Makes a URL from another one: naming a handler would take a permission that a security manager may refuse later. */
        static @Nullable URL root(CoreLoader loader) {
            try {
                return new URL(null, "socket-reaper:/", new FromJar(loader));
            } catch (MalformedURLException impossible) {
                return null;
            }
        }

        static @Nullable URL url(@Nullable URL root, String name) {
            try {
                return new URL(root, "/" + name);
            } catch (MalformedURLException impossible) {
                return null;
            }
        }

        @Override
        protected URLConnection openConnection(final URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {
                    // the jar is open
                }

                @Override
                public InputStream getInputStream() throws IOException {
                    InputStream in = loader.getResourceAsStream(url.getPath().substring(1));
                    if (in == null) {
                        throw new FileNotFoundException(url.toString());
                    }
                    return in;
                }
            };
        }
    }

    private byte @Nullable [] bytes(String entryName) {
        try {
            JarEntry entry = jar.getJarEntry(entryName);
            if (entry == null) {
                return null;
            }
            byte[] bytes = new byte[(int) entry.getSize()];
            try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
                in.readFully(bytes);
            }
            return bytes;
        } catch (IOException | IllegalStateException unreadable) {
            // e.g. the jar was replaced under a running JVM; or closed, after a detach
            return null;
        }
    }
}
