package io.socketreaper.selector;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.channels.Selector;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a selector so that it can be told from {@link Selector#wakeup}: the descriptor that ends the wait is written to, while the flag
 * that {@code wakeup()} sets stays as it is. Where the selection takes both back, the hook reads the flag ({@code
 * stack/nio/SelectionWeaving}), and a selection that found no key is repeated if it was not set. The application, an interrupt
 * and a close set it, before the agent's wake-up or after it; all take one lock of the selector.
 */
public final class AgentWakeUp {
    private static final String TYPE = "sun.nio.ch.EPollSelectorImpl";
    /** Null on a JDK that is built in another way. */
    private static final @Nullable AgentWakeUp OF_EPOLL = ofEpoll();

    private final Class<?> type;
    private final VarHandle lock;
    private final VarHandle isWoken;
    private final VarHandle descriptor;
    private final MethodHandle write;

    private AgentWakeUp() throws ReflectiveOperationException {
        type = Class.forName(TYPE, false, null);
        Class<?> ofDescriptor = Class.forName("sun.nio.ch.EventFD", false, null);
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        lock = lookup.findVarHandle(type, "interruptLock", Object.class);
        isWoken = lookup.findVarHandle(type, "interruptTriggered", boolean.class);
        descriptor = lookup.findVarHandle(type, "eventfd", ofDescriptor);
        write = lookup.findVirtual(ofDescriptor, "set", MethodType.methodType(void.class))
                .asType(MethodType.methodType(void.class, Object.class));
    }

    private static @Nullable AgentWakeUp ofEpoll() {
        try {
            return new AgentWakeUp();
        } catch (ReflectiveOperationException | RuntimeException otherJdk) {
            return null;
        }
    }

    /** Looks the selectors' members up, which {@link #wake} needs: not on a thread of the application. */
    static void prepare() {}

    /** Ends the selection that is under way on the selector, or else the next one. Any thread. */
    public static void wake(Selector selector) {
        if (OF_EPOLL == null || selector.getClass() != OF_EPOLL.type || !OF_EPOLL.wakes(selector)) {
            selector.wakeup();
        }
    }

    private boolean wakes(Selector selector) {
        // As in wakeup(). Of a closed selector the flag is set: its descriptor may be a stranger's.
        synchronized (lock.get(selector)) {
            if ((boolean) isWoken.get(selector)) {
                return true;
            }
            try {
                write.invokeExact(descriptor.get(selector));
                return true;
            } catch (Throwable failed) {
                return false;
            }
        }
    }
}
