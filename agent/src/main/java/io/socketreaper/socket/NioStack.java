package io.socketreaper.socket;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelectableChannel;

/** The JDK's {@code SocketChannel}s. */
public final class NioStack extends JdkStack {
    /** {@code SocketChannelImpl.ST_CONNECTED}. */
    private static final int CONNECTED = 2;

    private VarHandle fdVal;
    private VarHandle localAddress;
    private VarHandle remoteAddress;
    private VarHandle keys;
    private VarHandle keyLock;
    private MethodHandle isNetSocket;

    public NioStack(Descriptors descriptors) {
        super("SocketChannel", "sun.nio.ch.SocketChannelImpl", descriptors);
    }

    @Override
    JdkSocketFields resolveFields(Class<?> type) throws ReflectiveOperationException {
        MethodHandles.Lookup channel = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        MethodHandles.Lookup keyed =
                MethodHandles.privateLookupIn(AbstractSelectableChannel.class, MethodHandles.lookup());
        fdVal = channel.findVarHandle(type, "fdVal", int.class);
        localAddress = channel.findVarHandle(type, "localAddress", SocketAddress.class);
        remoteAddress = channel.findVarHandle(type, "remoteAddress", SocketAddress.class);
        keys = keyed.findVarHandle(AbstractSelectableChannel.class, "keys", SelectionKey[].class);
        keyLock = keyed.findVarHandle(AbstractSelectableChannel.class, "keyLock", Object.class);
        isNetSocket = channel.findVirtual(type, "isNetSocket", MethodType.methodType(boolean.class));
        return new JdkSocketFields(type, type, CONNECTED);
    }

    @Override
    SocketHandle newHandle(Object socket) {
        return new NioSocket(this, socket);
    }

    boolean isNetSocket(Object channel) {
        try {
            return (boolean) isNetSocket.invoke(channel);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    int descriptor(Object channel) {
        return (int) fdVal.get(channel);
    }

    Endpoints endpoints(Object channel) {
        return new Endpoints(inet(localAddress.get(channel)), inet(remoteAddress.get(channel)));
    }

    private static InetSocketAddress inet(Object address) {
        return address instanceof InetSocketAddress inet ? inet : null;
    }

    /** The channel's keys, cancelled ones that are not yet deregistered included; never null. */
    SelectionKey[] keys(Object channel) {
        synchronized (keyLock.get(channel)) {
            var current = (SelectionKey[]) keys.get(channel);
            return current == null ? new SelectionKey[0] : current.clone();
        }
    }
}
