package io.socketreaper.socket;

import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/**
 * The JDK's {@link SocketChannel}s. Handles may be made from the first event on, on any thread; they see nothing before
 * {@link #resolve} has found the JDK's internals to be the ones we know.
 */
public final class NioStack {
    private static final String CHANNEL_CLASS = "sun.nio.ch.SocketChannelImpl";

    private volatile NioInternals internals;

    /**
     * Looks the JDK's members up. Initialises the networking classes, so only call it once the application uses them.
     *
     * @throws ReflectiveOperationException naming the member that is missing
     */
    public void resolve() throws ReflectiveOperationException {
        internals = NioInternals.resolve();
    }

    /**
     * True once the application has initialised the channel class. Asking does not initialise it: a program may still want
     * to set {@code java.net.preferIPv4Stack} or a selector provider in its main method.
     */
    public boolean isInitialised() throws ReflectiveOperationException {
        Class<?> channel = Class.forName(CHANNEL_CLASS, false, null);
        Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
        Object theUnsafe = unsafe.getMethod("getUnsafe").invoke(null);
        return !(boolean) unsafe.getMethod("shouldBeInitialized", Class.class).invoke(theUnsafe, channel);
    }

    /** Null before {@link #resolve}. */
    NioInternals internals() {
        return internals;
    }

    /** The JDK's own selector provider, whatever the application has configured. Only after {@link #resolve}. */
    public SelectorProvider provider() {
        return internals.provider();
    }

    /**
     * A handle, or null for a channel of a class we do not know, e.g. {@code System.inheritedChannel()}, whose descriptor
     * others share.
     */
    public SocketHandle handle(Object socket) {
        return socket instanceof SocketChannel channel && socket.getClass().getName().equals(CHANNEL_CLASS)
                ? new NioSocket(this, channel) : null;
    }
}
