package io.socketreaper.owner;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Map;
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
    private static final String FLOW_CONTROL = "netty.handler.flow.FlowControlHandler";
    /** A handler that may hold something counts as if it held one message. */
    private static final int NOT_KNOWN = 1;

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Object channel = channelOf(attachment);
        return channel == null ? null : owner(channel == attachment ? "Netty 4.1" : "Netty 4.2", channel);
    }

    private static @Nullable Object channelOf(Object attachment) throws ReflectiveOperationException {
        if (Members.typeOf(attachment, CHANNEL_41) != null) {
            return attachment;
        }
        Class<?> registration = Members.typeOf(attachment, REGISTRATION_42);
        if (registration == null) {
            return null;
        }
        Object unsafe = Members.field(attachment, registration, "handle");
        return Members.method(unsafe.getClass(), "channel").invoke(unsafe);
    }

    /**
     * How many messages handlers of flow control hold in the pipeline of the channel of that attachment; 0 if it is not Netty's. Any
     * thread: Netty lets any walk through the handlers, and each queue is only asked for its size.
     */
    static int held(Object attachment) {
        try {
            Object channel = channelOf(attachment);
            if (channel == null) {
                return 0;
            }
            Object pipeline =
                    Members.knownTypeOf(channel, CHANNEL).getMethod("pipeline").invoke(channel);
            int held = 0;
            for (Object entry : (Iterable<?>) pipeline) {
                held += heldBy(((Map.Entry<?, ?>) entry).getValue());
            }
            return held;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError notAsKnown) {
            // then it is closed as a JDK channel, too
            return 0;
        }
    }

    private static int heldBy(Object handler) {
        Class<?> type = Members.typeOf(handler, FLOW_CONTROL);
        if (type == null) {
            return 0;
        }
        try {
            // Null before the first message.
            Object queue = Members.field(handler, type, "queue");
            return queue instanceof ArrayDeque<?> messages ? messages.size() : queue == null ? 0 : NOT_KNOWN;
        } catch (ReflectiveOperationException | RuntimeException notTold) {
            return NOT_KNOWN;
        }
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
