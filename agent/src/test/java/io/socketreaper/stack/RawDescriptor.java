package io.socketreaper.stack;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** dup(2) and close(2) on bare numbers, as native code would call them; the JDK keeps both for its inherited channel. */
public final class RawDescriptor {
    private static final MethodHandle DUP;
    private static final MethodHandle CLOSE;

    static {
        try {
            Class<?> natives = Class.forName("sun.nio.ch.InheritedChannel");
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(natives, MethodHandles.lookup());
            DUP = lookup.findStatic(natives, "dup", MethodType.methodType(int.class, int.class));
            CLOSE = lookup.findStatic(natives, "close0", MethodType.methodType(void.class, int.class));
        } catch (ReflectiveOperationException unknownJdk) {
            throw new ExceptionInInitializerError(unknownJdk);
        }
    }

    private RawDescriptor() {}

    public static int dup(int descriptor) throws Throwable {
        return (int) DUP.invokeExact(descriptor);
    }

    public static void close(int descriptor) throws Throwable {
        CLOSE.invokeExact(descriptor);
    }
}
