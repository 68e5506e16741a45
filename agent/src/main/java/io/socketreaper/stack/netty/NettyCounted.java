package io.socketreaper.stack.netty;

import io.socketreaper.model.CountedState;
import io.socketreaper.stack.CountedObject;
import org.jspecify.annotations.Nullable;

/** An event loop, listener or datagram channel of Netty's native transports. */
final class NettyCounted extends CountedObject {
    private final Type type;

    /** What is only counted, by the end of its class's name or of a superclass's. */
    private enum Type {
        /** Of Netty 4.1: epoll, eventfd, timerfd. */
        EPOLL_LOOP("netty.channel.epoll.EpollEventLoop", CountedState.EVENT_LOOP, 3),
        /** The same of 4.2. */
        EPOLL_HANDLER("netty.channel.epoll.EpollIoHandler", CountedState.EVENT_LOOP, 3),
        /** The ring and eventfd. */
        URING_HANDLER("netty.channel.uring.IoUringIoHandler", CountedState.EVENT_LOOP, 2),
        EPOLL_SERVER("netty.channel.epoll.AbstractEpollServerChannel", CountedState.NATIVE_LISTENER, 1),
        URING_SERVER("netty.channel.uring.AbstractIoUringServerChannel", CountedState.NATIVE_LISTENER, 1),
        EPOLL_DATAGRAM("netty.channel.epoll.EpollDatagramChannel", CountedState.DATAGRAM, 1),
        URING_DATAGRAM("netty.channel.uring.IoUringDatagramChannel", CountedState.DATAGRAM, 1);

        private static final Type[] ALL = values();

        private final String endOfName;
        private final CountedState state;
        private final int descriptors;

        Type(String endOfName, CountedState state, int descriptors) {
            this.endOfName = endOfName;
            this.state = state;
            this.descriptors = descriptors;
        }

        /** Null of a class that is none of them. */
        static @Nullable Type of(Class<?> type) {
            for (Class<?> c = type; c != null; c = c.getSuperclass()) {
                for (Type known : ALL) {
                    if (c.getName().endsWith(known.endOfName)) {
                        return known;
                    }
                }
            }
            return null;
        }
    }

    private NettyCounted(NettyStack stack, Object object, Type type) {
        super(stack, object);
        this.type = type;
    }

    /** A handle; null of an object that is not counted. Any thread. */
    static @Nullable NettyCounted of(NettyStack stack, Object object) {
        Type type = Type.of(object.getClass());
        return type == null ? null : new NettyCounted(stack, object, type);
    }

    /** Netty closes no descriptor of a collected object, and every close is told before the object can be collected. */
    @Override
    protected Boolean staysOpen() {
        return true;
    }

    @Override
    protected CountedState state() {
        return type.state;
    }

    @Override
    public int onlyCounted() {
        return type.descriptors;
    }

    /** Not looked for. */
    @Override
    public int descriptor() {
        return -1;
    }
}
