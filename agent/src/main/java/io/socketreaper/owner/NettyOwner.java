package io.socketreaper.owner;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Netty's NIO transport: {@code Channel.close()} on the channel's event loop, so that closeFuture, channelInactive and
 * channelUnregistered all run. In 4.1 the key's attachment is the channel; in 4.2 it is the registration whose handle is
 * the channel's unsafe. Names are compared by their end, because many products carry a relocated Netty.
 */
final class NettyOwner implements Owner {
    private static final String CHANNEL_41 = "netty.channel.nio.AbstractNioChannel";
    private static final String REGISTRATION_42 = "netty.channel.nio.NioIoHandler$DefaultNioRegistration";
    private static final String CHANNEL = "netty.channel.Channel";

    private final Object channel;
    private final Method close;
    private final Executor eventLoop;
    private final String name;

    private NettyOwner(Object channel, String line) throws ReflectiveOperationException {
        Class<?> type = interfaceOf(channel.getClass(), CHANNEL);
        if (type == null) {
            throw new ClassNotFoundException(CHANNEL);
        }
        this.channel = channel;
        this.close = type.getMethod("close");
        this.eventLoop = (Executor) type.getMethod("eventLoop").invoke(channel);
        this.name = line + " " + channel.getClass().getName() + ", closed on its event loop";
    }

    /** Null if the attachment is not Netty's, or is of a Netty whose members are not those we know. */
    static Owner of(Object attachment) {
        try {
            if (superclassOf(attachment.getClass(), CHANNEL_41) != null) {
                return new NettyOwner(attachment, "Netty 4.1");
            }
            Class<?> registration = superclassOf(attachment.getClass(), REGISTRATION_42);
            if (registration != null) {
                Field handle = registration.getDeclaredField("handle");
                handle.setAccessible(true);
                Object unsafe = handle.get(attachment);
                Method channel = declared(unsafe.getClass(), "channel");
                channel.setAccessible(true);
                return new NettyOwner(channel.invoke(unsafe), "Netty 4.2");
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError unknownNetty) {
            // closed as a JDK channel then, and the report names the attachment
        }
        return null;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close(SelectableChannel jdkChannel, SelectionKey[] keys) throws IOException {
        try {
            eventLoop.execute(this::closeOnEventLoop);
        } catch (RejectedExecutionException eventLoopIsShutDown) {
            new JdkOwner(null).close(jdkChannel, keys);
        }
    }

    private void closeOnEventLoop() {
        try {
            close.invoke(channel);
        } catch (ReflectiveOperationException failed) {
            // Netty reports failures through the future; the descriptor is checked afterwards in any case.
        }
    }

    private static Class<?> superclassOf(Class<?> type, String end) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (c.getName().endsWith(end)) {
                return c;
            }
        }
        return null;
    }

    private static Class<?> interfaceOf(Class<?> type, String end) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Class<?> candidate : c.getInterfaces()) {
                if (candidate.getName().endsWith(end)) {
                    return candidate;
                }
                Class<?> above = interfaceOf(candidate, end);
                if (above != null) {
                    return above;
                }
            }
        }
        return null;
    }

    private static Method declared(Class<?> type, String name) throws NoSuchMethodException {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Method method : c.getDeclaredMethods()) {
                if (method.getName().equals(name) && method.getParameterCount() == 0) {
                    return method;
                }
            }
        }
        throw new NoSuchMethodException(type.getName() + "." + name);
    }
}
