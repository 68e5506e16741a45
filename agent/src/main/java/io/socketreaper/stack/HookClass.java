package io.socketreaper.stack;

import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import sun.nio.ch.SocketReaperHook;

/**
 * The agent's one class inside {@code java.base}: defined through a private lookup, which needs no boot class path entry,
 * prints no warning and keeps class data sharing.
 */
public final class HookClass {
    private static final String NAME = "sun.nio.ch.SocketReaperHook";
    /** Any class of the package; this one holds constants only. */
    private static final String NEIGHBOUR = "sun.nio.ch.IOStatus";
    /**
     * The sockets and their kernel calls; the keys of a channel; the two halves of a Socket, and the number of its descriptor;
     * Unsafe, to ask whether a class is initialised; TLS.
     */
    private static final String[] PACKAGES = {
        "sun.nio.ch", "java.nio.channels.spi", "java.net", "java.io", "jdk.internal.misc", "sun.security.ssl"
    };

    private HookClass() {}

    /** Opens the JDK's packages to the agent's own module, and to no other. */
    public static void openPackages(Instrumentation instrumentation) {
        Map<String, Set<Module>> packages = new HashMap<>();
        for (String name : PACKAGES) {
            packages.put(name, Set.of(HookClass.class.getModule()));
        }
        open(instrumentation, packages);
    }

    /** The same for {@code java.lang}: it tells what a thread is blocked on, which only an attached agent needs to know. */
    public static void openThreads(Instrumentation instrumentation) {
        open(instrumentation, Map.of("java.lang", Set.of(HookClass.class.getModule())));
    }

    private static void open(Instrumentation instrumentation, Map<String, Set<Module>> packages) {
        instrumentation.redefineModule(Object.class.getModule(), Set.of(), Map.of(), packages, Set.of(), Map.of());
    }

    /**
     * Defines the hook, unless an earlier agent of this JVM has left it behind. Must come before any code that names it is
     * run.
     *
     * @throws ReflectiveOperationException also if that was another version, which lacks what this one's woven code calls
     */
    public static void define(byte[] classFile) throws ReflectiveOperationException {
        try {
            checkVersion(Class.forName(NAME, false, null));
        } catch (ClassNotFoundException firstAgentOfThisJvm) {
            Class<?> neighbour = Class.forName(NEIGHBOUR, false, null);
            MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup()).defineClass(classFile);
        }
    }

    /** Refuses a hook whose members are not those that this version's woven code calls. */
    static void checkVersion(Class<?> left) throws ReflectiveOperationException {
        boolean same;
        try {
            same = left.getField("VERSION").getInt(null) == SocketReaperHook.VERSION;
        } catch (NoSuchFieldException older) {
            same = false;
        }
        if (!same) {
            throw new ReflectiveOperationException(
                    "another version of Socket Reaper was in this JVM before, and one of its classes"
                            + " stays until the JVM ends: restart the JVM to use this version");
        }
    }

    /** Name of the hook's class file as a resource. */
    public static String resource() {
        return NAME.replace('.', '/') + ".class";
    }
}
