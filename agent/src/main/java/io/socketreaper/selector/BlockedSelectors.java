package io.socketreaper.selector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.spi.AbstractSelector;

/** The selectors in which a platform thread is blocked at this moment, by what the JDK would wake it with. */
public final class BlockedSelectors {
    private static final String[] BLOCKER_FIELDS = {"nioBlocker", "blocker"};
    private static final int ROOM = 64;

    private BlockedSelectors() {}

    /** Tells of every such selector; of none on a JDK that is built in another way. Needs {@code java.lang} opened. */
    public static void all(Selections selections) {
        try {
            Class<?> interruptible = Class.forName("sun.nio.ch.Interruptible");
            Class<?> ofSelector = Class.forName("java.nio.channels.spi.AbstractSelector$1");
            VarHandle blocker = blocker(interruptible);
            VarHandle selector = MethodHandles.privateLookupIn(ofSelector, MethodHandles.lookup())
                    .findVarHandle(ofSelector, "this$0", AbstractSelector.class);
            for (Thread thread : threads()) {
                Object found = thread == null ? null : blocker.getVolatile(thread);
                if (ofSelector.isInstance(found)) {
                    selections.met(selector.get(found));
                }
            }
        } catch (ReflectiveOperationException | RuntimeException unknownInternals) {
            // they are met when they next select
        }
    }

    private static VarHandle blocker(Class<?> interruptible) throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
        NoSuchFieldException unknown = null;
        for (String field : BLOCKER_FIELDS) {
            try {
                return lookup.findVarHandle(Thread.class, field, interruptible);
            } catch (NoSuchFieldException otherJdk) {
                unknown = otherJdk;
            }
        }
        throw unknown;
    }

    private static Thread[] threads() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] threads = new Thread[root.activeCount() + ROOM];
        root.enumerate(threads);
        return threads;
    }
}
