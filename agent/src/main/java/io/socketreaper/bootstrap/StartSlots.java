package io.socketreaper.bootstrap;

/**
 * The places in the array by which {@link CoreLoader} and the core know each other. They are in different class loaders, so only types of the
 * JDK cross; the compiler copies these numbers into both, and no class refers to this one at run time.
 */
public final class StartSlots {
    /** From the loader: the agent's arguments, a {@code String} or null. */
    public static final int ARGUMENTS = 0;
    /** From the loader: the {@code Instrumentation}. */
    public static final int INSTRUMENTATION = 1;
    /** From the loader: a {@code Boolean}, true if the agent was attached to a running process. */
    public static final int ATTACHED = 2;
    /**
     * From the core, while it runs: a {@code Function<Object, Object>} that takes a command, a {@code String}, and returns its answer; or that
     * takes a question of the program, an {@code Object[]} of its name and its argument. Null otherwise.
     */
    public static final int REQUESTS = 3;
    /** From the loader: a {@code List<Consumer<Map<String, Object>>>} of the receivers of leaks. Any thread may change it. */
    public static final int RECEIVERS = 4;
    /** From the loader: a {@code Runnable} that the core calls when it has been detached, as the last thing it does. */
    public static final int DETACHED = 5;
    /** From the core: a {@code BooleanSupplier} that tells whether a file channel may be opened. Null if that is not known. */
    public static final int FILE_CHANNELS = 6;
    /** How many places there are. */
    public static final int COUNT = 7;

    private StartSlots() {}
}
