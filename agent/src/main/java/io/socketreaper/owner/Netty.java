package io.socketreaper.owner;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;

/**
 * Netty's NIO transport, and all that is built on it: {@code Channel.close()} on the channel's event loop, so that
 * closeFuture, channelInactive and channelUnregistered all run. In 4.1 the key's attachment is the channel; in 4.2 it is the
 * registration whose handle is the channel's unsafe.
 */
final class Netty implements Framework {
    private static final String CHANNEL_41 = "netty.channel.nio.AbstractNioChannel";
    private static final String REGISTRATION_42 = "netty.channel.nio.NioIoHandler$DefaultNioRegistration";
    private static final String CHANNEL = "netty.channel.Channel";

    @Override
    public Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        if (Members.typeOf(attachment, CHANNEL_41) != null) {
            return owner("Netty 4.1", attachment);
        }
        Class<?> registration = Members.typeOf(attachment, REGISTRATION_42);
        if (registration == null) {
            return null;
        }
        Object unsafe = Members.field(attachment, registration, "handle");
        return owner("Netty 4.2", Members.method(unsafe.getClass(), "channel").invoke(unsafe));
    }

    private static Owner owner(String line, Object channel) throws ReflectiveOperationException {
        Class<?> type = Members.knownTypeOf(channel, CHANNEL);
        Method close = type.getMethod("close");
        var eventLoop = (Executor) type.getMethod("eventLoop").invoke(channel);
        return new FrameworkOwner(line + " " + channel.getClass().getName() + ", closed on its event loop", eventLoop,
                cause -> close.invoke(channel)).onItsEventLoop();
    }
}
