package io.socketreaper.stack.nio;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.Endpoints;
import io.socketreaper.selector.Selections;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.StateLockFields;
import io.socketreaper.stack.StreamSocketStack;
import io.socketreaper.stack.tls.TlsLayers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;

/** The JDK's {@code SocketChannel}s. */
public final class NioStack extends StreamSocketStack {
    /** {@code SocketChannelImpl.ST_CONNECTED}. */
    private static final int CONNECTED = 2;

    private static final int UNCONNECTED = 0;
    private static final int CONNECTION_PENDING = 1;

    private final Selections selections;
    private VarHandle localAddress;
    private VarHandle remoteAddress;
    private MethodHandle isUnixSocket;
    private Selectors selectors;
    /** The {@code SSLSocket}s that stand before a channel's adaptor. There are few, so they have no field in every handle. */
    private final TlsLayers tlsSockets = new TlsLayers();

    public NioStack(Descriptors descriptors, Selections selections) {
        super("SocketChannel", "sun.nio.ch.SocketChannelImpl", descriptors);
        this.selections = selections;
    }

    @Override
    public StateLockFields resolveFields(Class<?> type) throws ReflectiveOperationException {
        initialise(NioSocket.Fields.class);
        MethodHandles.Lookup channel = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        localAddress = channel.findVarHandle(type, "localAddress", SocketAddress.class);
        remoteAddress = channel.findVarHandle(type, "remoteAddress", SocketAddress.class);
        isUnixSocket = channel.findVirtual(type, "isUnixSocket", MethodType.methodType(boolean.class))
                .asType(MethodType.methodType(boolean.class, Object.class));
        selectors = new Selectors(selections);
        return new StateLockFields(type, type, CONNECTED);
    }

    @Override
    public StackWeaving weaving(boolean all) {
        return new NioWeaving(all);
    }

    @Override
    public HookProbe hookProbe(HookTrace trace, boolean all) {
        return new NioHookProbe(trace, all);
    }

    @Override
    public SocketHandle newHandle(Object socket) {
        return new NioSocket(this, socket);
    }

    @Override
    public int numberOf(Object socket) {
        return NioSocket.number(socket);
    }

    /** Under the channel's {@code readLock}. */
    void inputHasEnded(Object channel) {
        fields().inputHasEnded(channel);
    }

    boolean isUnixSocket(Object channel) {
        try {
            return (boolean) isUnixSocket.invokeExact(channel);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public Endpoints endpoints(Object channel) {
        return new Endpoints((SocketAddress) localAddress.get(channel), (SocketAddress) remoteAddress.get(channel));
    }

    /** Neither connected, connecting nor bound. */
    boolean isUnused(Object channel) {
        return fields().state(channel) == UNCONNECTED && localAddress.get(channel) == null;
    }

    /** A unix-domain socket has no outcome to wait for. */
    boolean isConnecting(Object channel) {
        return fields().state(channel) == CONNECTION_PENDING && !isUnixSocket(channel);
    }

    /** The {@code SSLSocket}s that stand before channels. */
    TlsLayers tlsSockets() {
        return tlsSockets;
    }

    Selections selections() {
        return selections;
    }

    Selectors selectors() {
        return selectors;
    }
}
