package io.socketreaper.descriptor;

import org.jspecify.annotations.Nullable;

/**
 * Asks about classes of the JDK without initialising them. Needs {@code jdk.internal.misc}, which the agent opens to itself.
 * Any thread.
 */
public final class JdkClasses {
    private JdkClasses() {}

    /** @param className of a class that the boot loader can find */
    public static boolean isInitialised(@Nullable String className) throws ReflectiveOperationException {
        return isInitialised(Class.forName(className, false, null));
    }

    /** Whether the static initialiser has run, or never has to. */
    public static boolean isInitialised(Class<?> type) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
        Object theUnsafe = unsafe.getMethod("getUnsafe").invoke(null);
        return !(boolean) unsafe.getMethod("shouldBeInitialized", Class.class).invoke(theUnsafe, type);
    }
}
