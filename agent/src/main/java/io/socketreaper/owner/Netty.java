package io.socketreaper.owner;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Netty's NIO transport and the frameworks built on it. On the channel's event loop the pipeline is told of the failure and then
 * closed, so that no handler takes the end for one of the peer's, and closeFuture, channelInactive and channelUnregistered all
 * run. Handlers may put that off (HTTP/2, AWS SDK); the second way closes below them. In 4.1 the key's attachment is the channel; in
 * 4.2 it is the registration whose handle is the channel's unsafe.
 */
final class Netty implements Framework {
    private static final String CHANNEL_41 = "netty.channel.nio.AbstractNioChannel";
    private static final String REGISTRATION_42 = "netty.channel.nio.NioIoHandler$DefaultNioRegistration";
    private static final String CHANNEL = "netty.channel.Channel";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
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
        Method isOpen = type.getMethod("isOpen");
        Method pipeline = type.getMethod("pipeline");
        Method exceptionCaught = pipeline.getReturnType().getMethod("fireExceptionCaught", Throwable.class);
        Method close = type.getMethod("close");
        Method unsafe = type.getMethod("unsafe");
        Method newPromise = type.getMethod("newPromise");
        Method closeNow = unsafe.getReturnType().getMethod("close", newPromise.getReturnType());
        Method outbound = unsafe.getReturnType().getMethod("outboundBuffer");
        Method isEmpty = outbound.getReturnType().getMethod("isEmpty");
        Method pendingBytes = outbound.getReturnType().getMethod("totalPendingWriteBytes");
        var eventLoop = (Executor) type.getMethod("eventLoop").invoke(channel);
        return new FrameworkOwner(
                        line + " " + channel.getClass().getName() + ", closed on its event loop", eventLoop, cause -> {
                            if ((boolean) isOpen.invoke(channel)) {
                                exceptionCaught.invoke(pipeline.invoke(channel), cause);
                                close.invoke(channel);
                            }
                        })
                .then(eventLoop, cause -> closeNow.invoke(unsafe.invoke(channel), newPromise.invoke(channel)))
                .onItsEventLoop()
                .using(() -> {
                    // The loop writes all queued bytes, whether they are flushed now or later.
                    Object buffer = outbound.invoke(unsafe.invoke(channel));
                    return buffer != null
                            && (!(boolean) isEmpty.invoke(buffer) || (long) pendingBytes.invoke(buffer) > 0);
                });
    }
}
