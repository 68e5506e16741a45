package io.socketreaper.socket;

import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The members of {@code sun.nio.ch} that {@link NioSocket} works with, looked up once; the packages were opened to the
 * agent before. All exist with these types in JDK 17, 21 and 25; where one is missing, {@link #resolve} says which, and
 * the stack stays off.
 */
final class NioInternals {
    /** {@code SocketChannelImpl.ST_CONNECTED}: connected, and not closing or closed. */
    static final int CONNECTED = 2;

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    final Class<?> channelClass;
    final VarHandle readLock;
    final VarHandle stateLock;
    final VarHandle state;
    final VarHandle fd;
    final VarHandle fdVal;
    final VarHandle inputClosed;
    final VarHandle outputClosed;
    final VarHandle connectionReset;
    final VarHandle localAddress;
    final VarHandle remoteAddress;
    private final VarHandle keys;
    private final VarHandle keyLock;
    private final MethodHandle isNetSocket;
    private final MethodHandle available;
    private final MethodHandle pollNow;
    private final MethodHandle intOption;
    private final MethodHandle read;
    private final MethodHandle provider;

    private NioInternals() throws ReflectiveOperationException {
        channelClass = Class.forName("sun.nio.ch.SocketChannelImpl");
        Class<?> net = Class.forName("sun.nio.ch.Net");
        Class<?> ioUtil = Class.forName("sun.nio.ch.IOUtil");
        Class<?> dispatcher = Class.forName("sun.nio.ch.NativeDispatcher");
        Class<?> providers = Class.forName("sun.nio.ch.DefaultSelectorProvider");
        MethodHandles.Lookup channel = MethodHandles.privateLookupIn(channelClass, MethodHandles.lookup());
        MethodHandles.Lookup keyed =
                MethodHandles.privateLookupIn(AbstractSelectableChannel.class, MethodHandles.lookup());
        MethodHandles.Lookup network = MethodHandles.privateLookupIn(net, MethodHandles.lookup());

        readLock = channel.findVarHandle(channelClass, "readLock", ReentrantLock.class);
        stateLock = channel.findVarHandle(channelClass, "stateLock", Object.class);
        state = channel.findVarHandle(channelClass, "state", int.class);
        fd = channel.findVarHandle(channelClass, "fd", FileDescriptor.class);
        fdVal = channel.findVarHandle(channelClass, "fdVal", int.class);
        inputClosed = channel.findVarHandle(channelClass, "isInputClosed", boolean.class);
        outputClosed = channel.findVarHandle(channelClass, "isOutputClosed", boolean.class);
        connectionReset = channel.findVarHandle(channelClass, "connectionReset", boolean.class);
        localAddress = channel.findVarHandle(channelClass, "localAddress", java.net.SocketAddress.class);
        remoteAddress = channel.findVarHandle(channelClass, "remoteAddress", java.net.SocketAddress.class);
        keys = keyed.findVarHandle(AbstractSelectableChannel.class, "keys", SelectionKey[].class);
        keyLock = keyed.findVarHandle(AbstractSelectableChannel.class, "keyLock", Object.class);
        isNetSocket = channel.findVirtual(channelClass, "isNetSocket", MethodType.methodType(boolean.class));
        available = network.findStatic(net, "available", MethodType.methodType(int.class, FileDescriptor.class));
        pollNow = network.findStatic(net, "pollNow", MethodType.methodType(int.class, FileDescriptor.class, int.class));
        intOption = network.findStatic(net, "getIntOption0", MethodType.methodType(int.class, FileDescriptor.class,
                boolean.class, int.class, int.class));
        Object nd = channel.findStaticVarHandle(channelClass, "nd", dispatcher).get();
        read = MethodHandles.insertArguments(channel.findStatic(ioUtil, "read", MethodType.methodType(int.class,
                FileDescriptor.class, ByteBuffer.class, long.class, dispatcher)), 3, nd);
        provider = MethodHandles.privateLookupIn(providers, MethodHandles.lookup()).findStatic(providers, "get",
                MethodType.methodType(Class.forName("sun.nio.ch.SelectorProviderImpl")));
    }

    /** @throws ReflectiveOperationException naming the member that this JDK lacks */
    static NioInternals resolve() throws ReflectiveOperationException {
        return new NioInternals();
    }

    boolean isNetSocket(Object channel) {
        try {
            return (boolean) isNetSocket.invoke(channel);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** FIONREAD. Caller holds the state lock and has seen {@link #CONNECTED}. */
    int available(FileDescriptor descriptor) throws Throwable {
        return (int) available.invokeExact(descriptor);
    }

    /** poll(2) with no timeout; returns all events that are set. Caller as above. */
    int pollNow(FileDescriptor descriptor, int events) throws Throwable {
        return (int) pollNow.invokeExact(descriptor, events);
    }

    /** The first byte of {@code struct tcp_info} is the state. Caller as above. */
    int tcpState(FileDescriptor descriptor) throws Throwable {
        return (int) intOption.invokeExact(descriptor, false, IPPROTO_TCP, TCP_INFO) & 0xff;
    }

    /** read(2) as the JDK does it: the count, -1 at the end, -2 when nothing is there. Caller holds both locks. */
    int read(FileDescriptor descriptor, ByteBuffer into) throws Throwable {
        return (int) read.invokeExact(descriptor, into, -1L);
    }

    /** The JDK's own provider, whatever the application has configured. */
    SelectorProvider provider() {
        try {
            return (SelectorProvider) provider.invoke();
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The channel's keys, cancelled ones that are not yet deregistered included; never null. */
    SelectionKey[] keys(Object channel) {
        synchronized (keyLock.get(channel)) {
            var current = (SelectionKey[]) keys.get(channel);
            return current == null ? new SelectionKey[0] : current.clone();
        }
    }
}
