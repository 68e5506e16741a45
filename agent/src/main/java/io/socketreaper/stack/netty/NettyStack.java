package io.socketreaper.stack.netty;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketStack;
import io.socketreaper.stack.StackWeaving;
import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The TCP and unix-domain channels of Netty's native transports, epoll and io_uring, of any class loader. Their event loops, listeners and
 * datagram channels are only counted, with {@code track=all}.
 */
public final class NettyStack extends SocketStack {
    private static final String EPOLL = "netty.channel.epoll.AbstractEpollStreamChannel";
    private static final String URING = "netty.channel.uring.AbstractIoUringStreamChannel";

    /** The classes that hold members of ours. */
    private final Queue<WeakReference<Class<?>>> known = new ConcurrentLinkedQueue<>();

    private final ClassValue<NettyMembers> members = new ClassValue<>() {
        @Override
        protected @Nullable NettyMembers computeValue(Class<?> type) {
            known.add(new WeakReference<>(type));
            try {
                return new NettyMembers(type);
            } catch (ReflectiveOperationException | RuntimeException | LinkageError notAsKnown) {
                unknown(notAsKnown);
                return null;
            }
        }
    };

    public NettyStack(Descriptors descriptors) {
        super("Netty's native transports", null, descriptors);
    }

    /** Has no self-test, which would need an event loop of the application's own Netty. */
    @Override
    public StackWeaving weaving(boolean all) {
        return new NettyWeaving(all);
    }

    @Override
    public String home() {
        return "a Netty of this application";
    }

    /** The agent initialises no class of Netty. */
    @Override
    public boolean isInitialised() {
        return true;
    }

    @Override
    public void resolveMembers(@Nullable Class<?> none) {
        // those of a channel are looked up when the first of its class is looked at
    }

    @Override
    public @Nullable SocketHandle handle(Object socket) {
        if (!isListening() || socket == null) {
            return null;
        }
        return isStreamChannel(socket.getClass()) ? newHandle(socket) : NettyCounted.of(this, socket);
    }

    private static boolean isStreamChannel(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (c.getName().endsWith(EPOLL) || c.getName().endsWith(URING)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public SocketHandle newHandle(Object socket) {
        return new NettySocket(this, socket);
    }

    /** Null if the internals of this Netty are unknown. */
    NettyMembers members(Object channel) {
        return members.get(channel.getClass());
    }

    @Override
    public void forget() {
        for (WeakReference<Class<?>> reference = known.poll(); reference != null; reference = known.poll()) {
            Class<?> type = reference.get();
            if (type != null) {
                members.remove(type);
            }
        }
    }
}
