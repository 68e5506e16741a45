package io.socketreaper.runtime;

import io.socketreaper.bootstrap.StartSlots;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** What the core and the class loader that has started it tell each other: {@link StartSlots} with types. */
final class BootstrapLink {
    private final Object[] slots;

    BootstrapLink(Object[] slots) {
        this.slots = slots;
    }

    /** The agent's arguments, or null. */
    String arguments() {
        return (String) slots[StartSlots.ARGUMENTS];
    }

    Instrumentation instrumentation() {
        return (Instrumentation) slots[StartSlots.INSTRUMENTATION];
    }

    /** True if the agent was attached to a running process. */
    boolean isAttached() {
        return (Boolean) slots[StartSlots.ATTACHED];
    }

    /** Those that want to hear of leaks; any thread may change the list. */
    @SuppressWarnings("unchecked") // what Agent has put there; its class is another one in this loader
    List<Consumer<Map<String, Object>>> receivers() {
        return (List<Consumer<Map<String, Object>>>) slots[StartSlots.RECEIVERS];
    }

    /**
     * The core runs now.
     *
     * @param requests     takes commands, and questions of the program
     * @param fileChannels whether a file channel may be opened
     */
    void running(Function<Object, Object> requests, BooleanSupplier fileChannels) {
        slots[StartSlots.FILE_CHANNELS] = fileChannels;
        slots[StartSlots.REQUESTS] = requests;
    }

    /** The core takes no requests any more. */
    void takesNoRequests() {
        slots[StartSlots.REQUESTS] = null;
    }

    /** The core has been detached. No class of it can be loaded after that. */
    void detached() {
        ((Runnable) slots[StartSlots.DETACHED]).run();
    }
}
