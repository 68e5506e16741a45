package io.socketreaper.agent;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.net.MalformedURLException;
import java.net.URL;
import java.security.AllPermission;
import java.security.CodeSource;
import java.security.Permissions;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the agent's core apart from the application: its parent is the platform loader, so the application's class path
 * cannot reach into the core, and opening {@code sun.nio.ch} to the core's unnamed module opens it to nobody else.
 *
 * <p>It reads the agent's own jar with {@link JarFile} instead of a {@code URLClassLoader}, which would load URL handlers
 * and the default file system at start.
 */
final class CoreLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private final File file;
    private final JarFile jar;
    private final ProtectionDomain domain;

    private CoreLoader(File file) throws IOException {
        super("socket-reaper", ClassLoader.getPlatformClassLoader());
        this.file = file;
        this.jar = new JarFile(file, false);
        var all = new Permissions();
        all.add(new AllPermission());
        this.domain = new ProtectionDomain(new CodeSource(null, (Certificate[]) null), all, this, null);
    }

    /** Called by {@link Agent} through reflection, because that class is compiled for Java 8. */
    public static void startCore(File file, String arguments, Instrumentation instrumentation, boolean attached)
            throws Exception {
        var loader = new CoreLoader(file);
        Class.forName("io.socketreaper.agent.Core", true, loader)
                .getMethod("start", String.class, Instrumentation.class, boolean.class)
                .invoke(null, arguments, instrumentation, attached);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = bytes(name.replace('.', '/') + ".class");
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : defineClass(name, bytes, 0, bytes.length, domain);
        }
    }

    @Override
    protected URL findResource(String name) {
        try {
            return jar.getEntry(name) == null ? null : new URL("jar:" + file.toURI() + "!/" + name);
        } catch (MalformedURLException impossible) {
            return null;
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL found = findResource(name);
        return found == null ? Collections.emptyEnumeration() : Collections.enumeration(Collections.singleton(found));
    }

    private byte[] bytes(String entryName) {
        JarEntry entry = jar.getJarEntry(entryName);
        if (entry == null) {
            return null;
        }
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        } catch (IOException unreadable) {
            // e.g. the jar was replaced under a running JVM
            return null;
        }
    }
}
