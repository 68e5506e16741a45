package io.socketreaper.stack;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;

/**
 * The transformer. Every class that any thread loads passes through {@link #transform}, so it first compares the name
 * and is gone in nanoseconds; it returns null ("unchanged") for all but a handful of classes.
 */
public final class Weaver implements ClassFileTransformer {
    /** Hears what became of a stack's classes. Called on whatever thread loads them: no lock, no logging. */
    public interface Listener {
        void woven(StackWeaving stack, String internalName);

        void refused(StackWeaving stack, Throwable why);

        /** A class was refused that the stack {@linkplain StackWeaving#canDoWithout can do without}. */
        void lacking(StackWeaving stack, Throwable why);
    }

    private final StackWeaving stack;
    private final String[] classes;
    private final Listener listener;
    private volatile boolean refused;

    public Weaver(StackWeaving stack, Listener listener) {
        this.stack = stack;
        this.classes = stack.classes();
        this.listener = listener;
    }

    @Override
    public byte[] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
        if (name == null || refused || !(loader == null ? isOurs(name) : stack.weavesOfApplication(name))) {
            return null;
        }
        try {
            if (loader != null) {
                byte[] woven = stack.weaveOfApplication(loader, domain, name, bytes);
                listener.woven(stack, name);
                return woven;
            }
            byte[] woven = stack.weave(name, bytes);
            listener.woven(stack, name);
            return woven;
        } catch (Throwable unknown) {
            // The JVM would swallow it; the class stays as it is.
            if (stack.canDoWithout(name)) {
                listener.lacking(stack, unknown);
            } else {
                refused = true;
                listener.refused(stack, unknown);
            }
            return null;
        }
    }

    private boolean isOurs(String name) {
        for (String candidate : classes) {
            if (candidate.equals(name)) {
                return true;
            }
        }
        return false;
    }
}
