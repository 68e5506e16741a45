package io.socketreaper.stack;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/**
 * The transformer of one stack. Every class that any thread loads passes through {@link #transform}, so it first compares the name and
 * returns within nanoseconds; it returns null ("unchanged") for all but a handful of classes.
 */
public final class Weaver implements ClassFileTransformer {
    /** Listens to the weaving of a stack's classes, on the thread that loads them: no lock, no logging. */
    public interface Listener {
        void woven(WovenClass woven);

        /** The internals of a class are unknown, and no further class of the stack is woven. */
        void refused(Throwable why);

        /**
         * The internals of a class are unknown, and the stack is watched without it.
         *
         * @param unnoticed what the agent may then not notice
         */
        void lacking(String unnoticed, Throwable why);

        /** A class was not woven, because the thread's stack or the memory was used up. It may be woven anew later. */
        void missed();
    }

    private final StackWeaving stack;
    private final Listener listener;
    private volatile boolean refused;

    public Weaver(StackWeaving stack, Listener listener) {
        this.stack = stack;
        this.listener = listener;
    }

    @Override
    public byte @Nullable [] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
        WovenClass woven = name == null || refused ? null : stack.find(loader, name);
        if (woven == null) {
            return null;
        }
        try {
            byte[] result = stack.weave(woven, name, bytes);
            stack.prepare(loader, domain, name);
            listener.woven(woven);
            return result;
        } catch (VirtualMachineError usedUp) {
            // It tells nothing of the class.
            listener.missed();
            return null;
        } catch (Throwable unknown) {
            // The JVM would swallow it; the class stays as it is.
            if (woven.unnoticed() != null) {
                listener.lacking(woven.unnoticed(), unknown);
            } else {
                refused = true;
                listener.refused(unknown);
            }
            return null;
        }
    }
}
