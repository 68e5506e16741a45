package io.socketreaper.stack;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.JdkClasses;
import io.socketreaper.descriptor.Kernel;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One socket stack, with what is particular to it: name, class, table of hook calls, self-test, handles. Handles
 * may be made from the first event on, on any thread; they see no socket before the stack's internals were checked and its self-test has
 * passed.
 */
public abstract class SocketStack {
    /** Is told that the internals of a socket of the stack are unknown. Any thread. */
    @FunctionalInterface
    public interface UnknownListener {
        void unknown(Throwable why);
    }

    private final String name;
    private final @Nullable String className;
    private final Descriptors descriptors;
    private Kernel kernel;
    private @Nullable DiscardBuffer discarded;
    private @Nullable UnknownListener whenUnknown;
    /** The stack's class, once a socket of it was seen: every opened socket is compared with it. */
    private @Nullable Class<?> seen;

    private volatile boolean proven;
    private volatile boolean listening = true;
    /** Stays true once it is, even if the stack is switched off: see {@link HandleFactory#number}. */
    private volatile boolean numbered;

    /** @param className null if the sockets are not the JDK's own */
    public SocketStack(String name, @Nullable String className, Descriptors descriptors) {
        this.name = name;
        this.className = className;
        this.descriptors = descriptors;
    }

    /**
     * Which of its classes call the hook where.
     *
     * @param all whether {@code track=all}
     */
    public abstract StackWeaving weaving(boolean all);

    /**
     * Its self-test; null for a stack that cannot be tested without the application's own classes.
     *
     * @param trace what the hook tells of the test's sockets
     * @param all   whether {@code track=all}
     */
    public @Nullable HookProbe hookProbe(HookTrace trace, boolean all) {
        return null;
    }

    /**
     * Whether leaks are looked for among its sockets; a stack without is woven only to count them, or for other events of its classes.
     *
     * @param all whether {@code track=all}
     */
    public boolean isWatched(boolean all) {
        return true;
    }

    /** What it means that the stack is switched off, for the log line that says so. */
    public String consequenceOfOff() {
        return "Its sockets are not watched";
    }

    /** The product whose internals it depends on, for the log line that says that they are unknown. */
    public String home() {
        return "this JDK (" + System.getProperty("java.runtime.version") + ")";
    }

    /** Its name for users, e.g. {@code SocketChannel}. */
    public final String name() {
        return name;
    }

    /**
     * True once the application has initialised the stack's class. This method does not initialise it: a program may still set
     * {@code java.net.preferIPv4Stack} or a selector provider in its main method.
     */
    public boolean isInitialised() throws ReflectiveOperationException {
        return JdkClasses.isInitialised(className);
    }

    /**
     * Looks the JDK's members up. Initialises the networking classes, so only call it once the application uses them.
     *
     * @throws ReflectiveOperationException naming the member that is missing
     */
    public final void resolve() throws ReflectiveOperationException {
        kernel = new Kernel();
        resolveMembers(className == null ? null : Class.forName(className));
    }

    /** @param type the stack's class, null if it has none of the JDK's */
    public abstract void resolveMembers(@Nullable Class<?> type) throws ReflectiveOperationException;

    /** From here on handles see their sockets. After {@link #resolve}. */
    public final void proven() {
        listening = true;
        numbered = true;
        proven = true;
    }

    /** True once handles see their sockets. Any thread. */
    public final boolean isProven() {
        return proven;
    }

    public final Descriptors descriptors() {
        return descriptors;
    }

    /** Sets the buffer that claims read into; without one they only count. Before the first claim. */
    public final void discardInto(DiscardBuffer shared) {
        discarded = shared;
    }

    /** Null if there is none. The caller holds its monitor while it uses it. */
    public final @Nullable ByteBuffer discardBuffer() {
        return discarded == null ? null : discarded.get();
    }

    /** Sets the listener for unknown sockets. To be called once, before the first event. */
    public final void whenUnknown(UnknownListener listener) {
        whenUnknown = listener;
    }

    /** The internals of a socket are unknown: no more sockets of the stack are watched. Any thread. */
    protected final void unknown(Throwable why) {
        stopListening();
        Objects.requireNonNull(whenUnknown).unknown(why);
    }

    public final Kernel kernel() {
        return kernel;
    }

    /** False while no handles are made for new sockets, because it is not certain that the hook tells of every close. */
    public final boolean isListening() {
        return listening;
    }

    public final void stopListening() {
        listening = false;
        proven = false;
    }

    /** Removes references to the agent from the application's classes. Called after the last socket was watched. */
    public void forget() {
        // most stacks leave none there
    }

    /** The JDK's own selector provider, even if the application has configured another. After {@link #resolve}. */
    public final SelectorProvider provider() {
        return kernel.provider();
    }

    /** A handle, or null for an object that is not of this stack or not to be watched. Any thread. */
    public @Nullable SocketHandle handle(Object socket) {
        return listening && socket != null && isOurs(socket.getClass()) ? newHandle(socket) : null;
    }

    /** Not instanceof: System.inheritedChannel() is a subclass whose descriptor others share. */
    private boolean isOurs(Class<?> type) {
        Class<?> known = seen;
        if (known != null) {
            return type == known;
        }
        if (!type.getName().equals(className)) {
            return false;
        }
        // Two threads may both write it, the same.
        seen = type;
        return true;
    }

    public abstract SocketHandle newHandle(Object socket);

    /** As {@link HandleFactory#number}; -1 for an object that is not of this stack, too. Any thread. */
    public final int number(Object socket) {
        return numbered && isOurs(socket.getClass()) ? numberOf(socket) : -1;
    }

    /** As {@link HandleFactory#number}, of a socket of this stack, after {@link #proven}. Any thread. */
    public int numberOf(Object socket) {
        return -1;
    }
}
