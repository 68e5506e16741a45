package io.socketreaper.runtime;

import io.socketreaper.bootstrap.StartSlots;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** Typed access to the {@link StartSlots}, by which the core and the class that has started it exchange values. */
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

    /** The receivers of leaks; any thread may change the list. */
    @SuppressWarnings("unchecked") // set by Agent, whose class is another one in this loader
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

    /** The core no longer takes requests. */
    void takesNoRequests() {
        slots[StartSlots.REQUESTS] = null;
    }

    /** The core has been detached. No class of it can be loaded after that. */
    void detached() {
        ((Runnable) slots[StartSlots.DETACHED]).run();
    }
}
