package io.socketreaper.owner;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.SocketException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Stands above all conduits of one XNIO connection, in place of the first one: reads fail, because the connection's own conduits return
 * the end of input once it is closed. What does not read goes to the lowest conduit below it that an XNIO connection made for itself; the
 * conduits in between, such as those of an HTTP body, would take their close for the end of the body. Its methods may be called by any
 * thread.
 */
final class XnioSource implements InvocationHandler {
    private static final String CHANNEL = "xnio.conduits.ConduitStreamSourceChannel";
    private static final String CONDUIT = "xnio.conduits.StreamSourceConduit";
    private static final String ON_TOP = "xnio.conduits.AbstractSourceConduit";
    private static final String HANDLER = "xnio.conduits.ReadReadyHandler";

    private final Object connections;
    private final Object handler;
    private final Method readReady;
    private final Executor thread;
    private final @Nullable String cause;

    private XnioSource(Object connections, Object handler, Executor thread, @Nullable String cause)
            throws ReflectiveOperationException {
        this.connections = connections;
        this.handler = handler;
        this.readReady = Members.knownTypeOf(handler, HANDLER).getMethod("readReady");
        this.thread = thread;
        this.cause = cause;
    }

    /**
     * Makes the reads of the application's source channel fail. Call it on the I/O thread, before the close.
     *
     * @param handle the attachment of the connection's key
     * @throws ReflectiveOperationException if XNIO, or what is above it, is not as we know it
     */
    static void fail(Object handle, Executor thread, IOException cause) throws ReflectiveOperationException {
        Object handler = Members.field(handle, handle.getClass(), "readReadyHandler");
        Object channel = channelOf(handler);
        while (channel == null) {
            handler = above(handler);
            channel = channelOf(handler);
        }
        Class<?> type = Members.knownTypeOf(channel, CHANNEL);
        Object first = type.getMethod("getConduit").invoke(channel);
        if (Proxy.isProxyClass(first.getClass())) {
            return;
        }
        Class<?> conduit = Members.knownTypeOf(first, CONDUIT);
        Object failing = Proxy.newProxyInstance(
                conduit.getClassLoader(),
                new Class<?>[] {conduit},
                new XnioSource(connections(first), handler, thread, cause.getMessage()));
        type.getMethod("setConduit", conduit).invoke(channel, failing);
    }

    /** The channel that a handler tells of input; null if it tells another handler. */
    private static @Nullable Object channelOf(Object handler) throws ReflectiveOperationException {
        try {
            return Members.field(handler, handler.getClass(), "channel");
        } catch (NoSuchFieldException another) {
            return null;
        }
    }

    /** The handler that another one tells, as Undertow's for TLS and for timeouts do; XNIO's own for TLS leaves that to its conduit. */
    private static Object above(Object handler) throws ReflectiveOperationException {
        for (Field field : handler.getClass().getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                field.setAccessible(true);
                Object told = field.get(handler);
                if (told != handler && Members.typeOf(told, HANDLER) != null) {
                    return told;
                }
            }
        }
        Object conduit = Members.field(handler, handler.getClass(), "this$0");
        return Members.field(conduit, conduit.getClass(), "readReadyHandler");
    }

    private static Object connections(Object first) throws ReflectiveOperationException {
        Object conduit = first;
        while (Members.typeOf(conduit, ON_TOP) != null) {
            conduit = Members.field(conduit, conduit.getClass(), "next");
        }
        return conduit;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "read", "transferTo" -> throw new SocketException(cause);
            case "awaitReadable" -> {
                return null;
            }
            case "resumeReads", "wakeupReads" -> {
                // No selection will notify it of input.
                thread.execute(this::tell);
                return null;
            }
            case "equals" -> {
                return proxy == arguments[0];
            }
            default -> {
                try {
                    return method.invoke(connections, arguments);
                } catch (InvocationTargetException thrown) {
                    throw thrown.getCause();
                }
            }
        }
    }

    private void tell() {
        try {
            readReady.invoke(handler);
        } catch (ReflectiveOperationException listenerFailed) {
            // as any listener may
        }
    }
}
