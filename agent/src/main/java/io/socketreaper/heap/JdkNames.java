package io.socketreaper.heap;

import java.util.List;

/** Which classes are the JDK's, by name, and which of their fields keep an object without telling who needs it. */
final class JdkNames {
    private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");

    private static final List<String> PRIMITIVES =
            List.of("boolean[", "byte[", "char[", "short[", "int[", "long[", "float[", "double[");

    /**
     * Classes that hold what others use, by the beginning of their name: a selector its keys, a port its channels, a class loader its
     * classes, a thread group its threads, a cleaner what it will close.
     */
    private static final List<String> BOOKKEEPERS = List.of(
            "java.nio.channels.spi.AbstractSelector",
            "sun.nio.ch.SelectorImpl",
            "sun.nio.ch.EPollSelectorImpl",
            "sun.nio.ch.PollSelectorImpl",
            "sun.nio.ch.EPollPort",
            "sun.nio.ch.Port",
            "sun.nio.ch.AsynchronousChannelGroupImpl",
            "java.lang.ClassLoader",
            "java.lang.ThreadGroup",
            "java.lang.ref.",
            "jdk.internal.ref.",
            "jdk.internal.loader.",
            "jdk.internal.vm.");

    private JdkNames() {}

    static boolean isJdk(String className) {
        return JDK.stream().anyMatch(className::startsWith)
                || PRIMITIVES.stream().anyMatch(className::startsWith);
    }

    /** How late a search follows a field: paths of an earlier tier are preferred, however long. */
    static int tier(String declaringClass, String field) {
        if (BOOKKEEPERS.stream().anyMatch(declaringClass::startsWith)) {
            return PathSearch.BOOKKEEPING;
        }
        boolean threadLocals = declaringClass.equals("java.lang.Thread") && field.endsWith("hreadLocals");
        return threadLocals ? PathSearch.THREADS : PathSearch.FIELDS;
    }
}
