package io.socketreaper.runtime;

import static io.socketreaper.bootstrap.StartSlots.ARGUMENTS;
import static io.socketreaper.bootstrap.StartSlots.ATTACHED;
import static io.socketreaper.bootstrap.StartSlots.DETACHED;
import static io.socketreaper.bootstrap.StartSlots.FILE_CHANNELS;
import static io.socketreaper.bootstrap.StartSlots.INSTRUMENTATION;
import static io.socketreaper.bootstrap.StartSlots.RECEIVERS;
import static io.socketreaper.bootstrap.StartSlots.REQUESTS;

import io.socketreaper.bootstrap.StartSlots;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** What the core and the class loader that has started it tell each other: {@link StartSlots} with types. */
// Static imports: javac would name the class of a qualified constant in the class file.
final class BootstrapLink {
    private final Object[] slots;

    BootstrapLink(Object[] slots) {
        this.slots = slots;
    }

    /** The agent's arguments, or null. */
    String arguments() {
        return (String) slots[ARGUMENTS];
    }

    Instrumentation instrumentation() {
        return (Instrumentation) slots[INSTRUMENTATION];
    }

    /** True if the agent was attached to a running process. */
    boolean isAttached() {
        return (Boolean) slots[ATTACHED];
    }

    /** Those that want to hear of leaks; any thread may change the list. */
    @SuppressWarnings("unchecked") // what Agent has put there; its class is another one in this loader
    List<Consumer<Map<String, Object>>> receivers() {
        return (List<Consumer<Map<String, Object>>>) slots[RECEIVERS];
    }

    /**
     * The core runs now.
     *
     * @param requests     takes commands, and questions of the program
     * @param fileChannels whether a file channel may be opened
     */
    void running(Function<Object, Object> requests, BooleanSupplier fileChannels) {
        slots[FILE_CHANNELS] = fileChannels;
        slots[REQUESTS] = requests;
    }

    /** The core takes no requests any more. */
    void takesNoRequests() {
        slots[REQUESTS] = null;
    }

    /** The core has been detached. No class of it can be loaded after that. */
    void detached() {
        ((Runnable) slots[DETACHED]).run();
    }
}
