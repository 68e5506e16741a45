package io.socketreaper.stack.netty;

import io.socketreaper.model.Endpoints;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The members of a channel class of Netty's native transports that the agent reads or calls. Public members are reached by
 * reflection, the few others by their offset, which works in any module. State that Netty keeps on its event loop must be read
 * there.
 */
final class NettyMembers {
    /** {@code AbstractIoUringChannel.READ_SCHEDULED}: the kernel has been given a buffer to read into. */
    private static final int READ_SCHEDULED = 1 << 5;

    private static final String FLOW_CONTROL = "netty.handler.flow.FlowControlHandler";
    private static final long NONE = -1;

    private final MethodHandle offset;
    private final MethodHandle getByte;
    private final MethodHandle getReference;

    private final Method isOpen;
    private final Method isActive;
    private final Method isRegistered;
    private final Method isOutputShutdown;
    private final Method isInputShutdown;
    private final Method localAddress;
    private final Method remoteAddress;
    private final Method fd;
    private final Method intValue;
    private final Method eventLoop;
    private final Method config;
    private final Method isAutoRead;
    private final Method unsafe;
    private final Method outboundBuffer;
    private final Method isEmpty;
    private final Method pendingBytes;
    private final Method pipeline;
    private final Method exceptionCaught;
    private final Method close;
    private final Method newPromise;
    private final Method closeNow;

    private final long inputClosed;
    private final long connectPromise;
    private final boolean uring;
    /** epoll: channels that splice read without the pipeline. */
    private final long spliceQueue;

    private final long ioState;
    /** Of the channel with io_uring; with epoll of its unsafe, whose class is met later. */
    private volatile long readPending = NONE;

    /** @throws ReflectiveOperationException naming the member that this Netty lacks */
    NettyMembers(Class<?> type) throws ReflectiveOperationException {
        Class<?> jdkUnsafe = Class.forName("jdk.internal.misc.Unsafe");
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(jdkUnsafe, MethodHandles.lookup());
        Object theUnsafe = jdkUnsafe.getMethod("getUnsafe").invoke(null);
        offset = lookup.findVirtual(jdkUnsafe, "objectFieldOffset", MethodType.methodType(long.class, Field.class))
                .bindTo(theUnsafe);
        getByte = lookup.findVirtual(jdkUnsafe, "getByte", MethodType.methodType(byte.class, Object.class, long.class))
                .bindTo(theUnsafe);
        getReference = lookup.findVirtual(
                        jdkUnsafe, "getReference", MethodType.methodType(Object.class, Object.class, long.class))
                .bindTo(theUnsafe);

        Class<?> channel = known(type, "netty.channel.Channel");
        Class<?> duplex = known(type, "netty.channel.socket.DuplexChannel");
        isOpen = channel.getMethod("isOpen");
        isActive = channel.getMethod("isActive");
        isRegistered = channel.getMethod("isRegistered");
        localAddress = channel.getMethod("localAddress");
        remoteAddress = channel.getMethod("remoteAddress");
        eventLoop = channel.getMethod("eventLoop");
        close = channel.getMethod("close");
        newPromise = channel.getMethod("newPromise");
        config = channel.getMethod("config");
        isAutoRead = config.getReturnType().getMethod("isAutoRead");
        unsafe = channel.getMethod("unsafe");
        closeNow = unsafe.getReturnType().getMethod("close", newPromise.getReturnType());
        outboundBuffer = unsafe.getReturnType().getMethod("outboundBuffer");
        isEmpty = outboundBuffer.getReturnType().getMethod("isEmpty");
        pendingBytes = outboundBuffer.getReturnType().getMethod("totalPendingWriteBytes");
        pipeline = channel.getMethod("pipeline");
        exceptionCaught = pipeline.getReturnType().getMethod("fireExceptionCaught", Throwable.class);
        isOutputShutdown = duplex.getMethod("isOutputShutdown");
        isInputShutdown = duplex.getMethod("isInputShutdown");
        fd = known(type, "netty.channel.unix.UnixChannel").getMethod("fd");
        intValue = fd.getReturnType().getMethod("intValue");

        inputClosed = offset(type, "inputClosedSeenErrorOnRead", boolean.class);
        connectPromise = offset(type, "connectPromise", null);
        uring = type(type, "netty.channel.uring.AbstractIoUringChannel") != null;
        ioState = uring ? offset(type, "ioState", byte.class) : NONE;
        spliceQueue = uring ? NONE : offset(type, "spliceQueue", null);
        if (uring) {
            readPending = offset(type, "readPending", boolean.class);
        }
    }

    private static Class<?> known(Class<?> type, String end) throws ClassNotFoundException {
        Class<?> found = type(type, end);
        if (found == null) {
            throw new ClassNotFoundException(end + ", implemented by " + type.getName());
        }
        return found;
    }

    private static Class<?> type(Class<?> type, String end) {
        if (type == null || type.getName().endsWith(end)) {
            return type;
        }
        for (Class<?> above : type.getInterfaces()) {
            Class<?> found = type(above, end);
            if (found != null) {
                return found;
            }
        }
        return type(type.getSuperclass(), end);
    }

    /** @param fieldType null for any reference */
    private long offset(Class<?> type, String name, @Nullable Class<?> fieldType) throws ReflectiveOperationException {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (field.getName().equals(name)
                        && (fieldType == null ? !field.getType().isPrimitive() : field.getType() == fieldType)) {
                    try {
                        return (long) offset.invokeExact(field);
                    } catch (Throwable impossible) {
                        throw new ReflectiveOperationException(impossible);
                    }
                }
            }
        }
        throw new NoSuchFieldException(type.getName() + "." + name);
    }

    // -- Any thread

    /** Whether the channel is open. While it is, its descriptor number belongs to it; afterwards the number may be reused. */
    boolean isOpen(@Nullable Object channel) throws ReflectiveOperationException {
        return (boolean) isOpen.invoke(channel);
    }

    boolean isActive(@Nullable Object channel) throws ReflectiveOperationException {
        return (boolean) isActive.invoke(channel);
    }

    boolean isRegistered(Object channel) throws ReflectiveOperationException {
        return (boolean) isRegistered.invoke(channel);
    }

    boolean isOutputShutdown(@Nullable Object channel) throws ReflectiveOperationException {
        return (boolean) isOutputShutdown.invoke(channel);
    }

    boolean isInputShutdown(@Nullable Object channel) throws ReflectiveOperationException {
        return (boolean) isInputShutdown.invoke(channel);
    }

    /** Both ends, as Netty has them cached. */
    Endpoints endpoints(@Nullable Object channel) throws ReflectiveOperationException {
        return new Endpoints(
                (SocketAddress) localAddress.invoke(channel), (SocketAddress) remoteAddress.invoke(channel));
    }

    int descriptor(Object channel) throws ReflectiveOperationException {
        return (int) intValue.invoke(fd.invoke(channel));
    }

    /** Of a registered channel. */
    Executor eventLoop(Object channel) throws ReflectiveOperationException {
        return (Executor) eventLoop.invoke(channel);
    }

    String transport() {
        return uring ? "io_uring" : "epoll";
    }

    /** A connect is under way. Exact on the event loop only. */
    boolean isConnecting(@Nullable Object channel) {
        return reference(channel, connectPromise) != null;
    }

    // -- The channel's event loop only

    /** Netty has read the end of input and will not read again. */
    boolean isInputEnded(@Nullable Object channel) {
        return flag(channel, inputClosed);
    }

    boolean isReadWanted(@Nullable Object channel) throws ReflectiveOperationException {
        if (isInputEnded(channel)) {
            return false;
        }
        if ((boolean) isAutoRead.invoke(config.invoke(channel))) {
            return true;
        }
        if (uring) {
            return flag(channel, readPending);
        }
        Object theUnsafe = unsafe.invoke(channel);
        if (readPending == NONE) {
            readPending = offset(theUnsafe.getClass(), "readPending", boolean.class);
        }
        return flag(theUnsafe, readPending);
    }

    /** Whether bytes may have been read from the kernel, or may be read now, that have not reached the application. */
    boolean isReading(@Nullable Object channel) {
        if (uring) {
            return (byteOf(channel, ioState) & READ_SCHEDULED) != 0;
        }
        return reference(channel, spliceQueue) instanceof Queue<?> queue && !queue.isEmpty();
    }

    /** Whether output is queued, flushed or not. */
    boolean isWriting(@Nullable Object channel) throws ReflectiveOperationException {
        Object buffer = outboundBuffer.invoke(unsafe.invoke(channel));
        return buffer != null && (!(boolean) isEmpty.invoke(buffer) || (long) pendingBytes.invoke(buffer) > 0);
    }

    /** Messages that a handler holds until the application wants to read, and would drop at a close. */
    int held(@Nullable Object channel) throws ReflectiveOperationException {
        int held = 0;
        for (Object entry : (Iterable<?>) pipeline.invoke(channel)) {
            Object handler = ((Map.Entry<?, ?>) entry).getValue();
            Class<?> type = type(handler.getClass(), FLOW_CONTROL);
            if (type != null && reference(handler, offset(type, "queue", null)) instanceof Queue<?> queue) {
                held += queue.size();
            }
        }
        return held;
    }

    /** Tells the pipeline of a failure, as Netty does when a read fails. */
    void fail(Object channel, Throwable cause) throws ReflectiveOperationException {
        exceptionCaught.invoke(pipeline.invoke(channel), cause);
    }

    /** Closes through the pipeline, whose handlers may put it off or refuse. */
    void close(Object channel) throws ReflectiveOperationException {
        close.invoke(channel);
    }

    /** Closes without the pipeline's handlers; close future and callbacks are as with any close. */
    void closeNow(Object channel) throws ReflectiveOperationException {
        closeNow.invoke(unsafe.invoke(channel), newPromise.invoke(channel));
    }

    private boolean flag(@Nullable Object object, long at) {
        return byteOf(object, at) != 0;
    }

    private byte byteOf(@Nullable Object object, long at) {
        try {
            return (byte) getByte.invokeExact(object, at);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Object reference(@Nullable Object object, long at) {
        try {
            return (Object) getReference.invokeExact(object, at);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
