package io.socketreaper.descriptor;

import io.socketreaper.model.TcpState;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import org.jspecify.annotations.Nullable;

/**
 * The system calls that the JDK's own {@code sun.nio.ch} makes, looked up there once; the package was opened to the agent
 * before. All exist with these types in JDK 17, 21 and 25. None of them blocks. The caller must make sure that the descriptor
 * cannot be freed meanwhile.
 */
public final class Kernel {
    // poll(2) events of Linux
    public static final int POLLIN = 0x1;
    public static final int POLLPRI = 0x2;
    public static final int POLLOUT = 0x4;
    public static final int POLLERR = 0x8;
    public static final int POLLHUP = 0x10;
    public static final int POLLRDHUP = 0x2000;

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_DOMAIN = 39;
    private static final int AF_UNIX = 1;
    private static final int SHUT_RD = 0;

    private final MethodHandle available;
    private final MethodHandle pollNow;
    private final MethodHandle intOption;
    private final MethodHandle setIntOption;
    private final MethodHandle localAddress;
    private final MethodHandle remoteAddress;
    private final MethodHandle read;
    private final MethodHandle close;
    private final MethodHandle setOption;
    private final MethodHandle provider;
    private final MethodHandle newDescriptor;
    private final MethodHandle shutdown;
    private final MethodHandle disconnect;

    /** @throws ReflectiveOperationException naming the member that this JDK lacks */
    public Kernel() throws ReflectiveOperationException {
        Class<?> net = Class.forName("sun.nio.ch.Net");
        Class<?> ioUtil = Class.forName("sun.nio.ch.IOUtil");
        Class<?> dispatcher = Class.forName("sun.nio.ch.NativeDispatcher");
        Class<?> channel = Class.forName("sun.nio.ch.SocketChannelImpl");
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(net, MethodHandles.lookup());

        available = lookup.findStatic(net, "available", MethodType.methodType(int.class, FileDescriptor.class));
        pollNow = lookup.findStatic(net, "pollNow", MethodType.methodType(int.class, FileDescriptor.class, int.class));
        intOption = lookup.findStatic(
                net,
                "getIntOption0",
                MethodType.methodType(int.class, FileDescriptor.class, boolean.class, int.class, int.class));
        setIntOption = lookup.findStatic(
                net,
                "setIntOption0",
                MethodType.methodType(
                        void.class,
                        FileDescriptor.class,
                        boolean.class,
                        int.class,
                        int.class,
                        int.class,
                        boolean.class));
        localAddress = lookup.findStatic(
                net, "localAddress", MethodType.methodType(InetSocketAddress.class, FileDescriptor.class));
        remoteAddress = lookup.findStatic(
                net, "remoteAddress", MethodType.methodType(InetSocketAddress.class, FileDescriptor.class));
        Object nd = MethodHandles.privateLookupIn(channel, MethodHandles.lookup())
                .findStaticVarHandle(channel, "nd", dispatcher)
                .get();
        read = MethodHandles.insertArguments(
                lookup.findStatic(
                        ioUtil,
                        "read",
                        MethodType.methodType(
                                int.class, FileDescriptor.class, ByteBuffer.class, long.class, dispatcher)),
                3,
                nd);
        close = MethodHandles.privateLookupIn(dispatcher, MethodHandles.lookup())
                .findVirtual(dispatcher, "close", MethodType.methodType(void.class, FileDescriptor.class))
                .bindTo(nd);
        setOption = lookup.findStatic(
                net,
                "setSocketOption",
                MethodType.methodType(void.class, FileDescriptor.class, SocketOption.class, Object.class));
        newDescriptor = lookup.findStatic(ioUtil, "newFD", MethodType.methodType(FileDescriptor.class, int.class));
        shutdown =
                lookup.findStatic(net, "shutdown", MethodType.methodType(void.class, FileDescriptor.class, int.class));
        Class<?> datagrams = Class.forName("sun.nio.ch.DatagramChannelImpl");
        disconnect = MethodHandles.privateLookupIn(datagrams, MethodHandles.lookup())
                .findStatic(
                        datagrams,
                        "disconnect0",
                        MethodType.methodType(void.class, FileDescriptor.class, boolean.class));
        provider = provider(Class.forName("sun.nio.ch.DefaultSelectorProvider"));
    }

    private static MethodHandle provider(Class<?> providers) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(providers, MethodHandles.lookup())
                .findStatic(
                        providers,
                        "get",
                        MethodType.methodType(Class.forName("sun.nio.ch.SelectorProviderImpl", false, null)));
    }

    /** As {@link #provider}, without a look at the rest; initialises the networking classes. */
    public static SelectorProvider jdkProvider() throws ReflectiveOperationException {
        try {
            return (SelectorProvider) provider(Class.forName("sun.nio.ch.DefaultSelectorProvider"))
                    .invoke();
        } catch (ReflectiveOperationException | RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** FIONREAD. */
    public int available(FileDescriptor descriptor) throws Throwable {
        return (int) available.invokeExact(descriptor);
    }

    /** poll(2) with no timeout; returns all events that are set. */
    public int pollNow(FileDescriptor descriptor, int events) throws Throwable {
        return (int) pollNow.invokeExact(descriptor, events);
    }

    /** The first byte of {@code struct tcp_info} is the state. */
    public int tcpState(FileDescriptor descriptor) throws Throwable {
        return tcpInfo(descriptor) & 0xff;
    }

    /** The first four bytes of {@code struct tcp_info}, from the lowest: state, ca_state, retransmits, unanswered probes. */
    int tcpInfo(FileDescriptor descriptor) throws Throwable {
        return intOption(descriptor, IPPROTO_TCP, TCP_INFO);
    }

    /** getsockopt(2) of an option whose value is an int. Never to be used for SO_ERROR, which reading takes away. */
    int intOption(FileDescriptor descriptor, int level, int option) throws Throwable {
        return (int) intOption.invokeExact(descriptor, false, level, option);
    }

    /** setsockopt(2) of an option whose value is an int. */
    void setIntOption(FileDescriptor descriptor, int level, int option, int value) throws Throwable {
        setIntOption.invokeExact(descriptor, false, level, option, value, false);
    }

    /**
     * The state of the socket that has that number now, {@link TcpState#UNKNOWN} if it is not a TCP socket. Harmless if
     * the number changes hands: the answer is then about another socket.
     */
    TcpState tcpStateOf(int number) {
        try {
            return TcpState.of(tcpState(descriptor(number)));
        } catch (Throwable noTcpSocket) {
            return TcpState.UNKNOWN;
        }
    }

    /** SO_RCVBUF: the bytes that unread input and the kernel's own overhead of it may take. */
    public int receiveBuffer(FileDescriptor descriptor) throws Throwable {
        return intOption(descriptor, SOL_SOCKET, SO_RCVBUF);
    }

    /** Whether it is a unix-domain socket. */
    public boolean isUnix(FileDescriptor descriptor) {
        return isOption(descriptor, SO_DOMAIN, AF_UNIX);
    }

    /** Whether it is a unix-domain socket that listens; one of TCP says so by its state. */
    public boolean isListening(FileDescriptor descriptor) {
        return isOption(descriptor, SO_ACCEPTCONN, 1);
    }

    private boolean isOption(FileDescriptor descriptor, int option, int value) {
        try {
            return intOption(descriptor, SOL_SOCKET, option) == value;
        } catch (Throwable noSocket) {
            return false;
        }
    }

    /** getsockname(2). */
    public InetSocketAddress localAddress(@Nullable FileDescriptor descriptor) throws Throwable {
        return (InetSocketAddress) localAddress.invokeExact(descriptor);
    }

    /** getpeername(2); fails unless there is a connection. */
    public InetSocketAddress remoteAddress(@Nullable FileDescriptor descriptor) throws Throwable {
        return (InetSocketAddress) remoteAddress.invokeExact(descriptor);
    }

    /** read(2) into a direct buffer, as the JDK does it: the count, -1 at the end, -2 or -3 when no byte was read. */
    public int read(FileDescriptor descriptor, ByteBuffer into) throws Throwable {
        return (int) read.invokeExact(descriptor, into, -1L);
    }

    /** close(2), lingering switched off before, so that it neither waits nor resets the peer. */
    public void close(FileDescriptor descriptor) throws Throwable {
        noLinger(descriptor);
        close.invokeExact(descriptor);
    }

    /**
     * Resets a TCP connection, by connect(2) to AF_UNSPEC: the peer is sent a RST, our queues are emptied, and every later read and
     * write of the descriptor fails, also one that takes no lock of the JDK's. The descriptor stays what it is. A connection that
     * has ended is left alone by the kernel.
     */
    public void reset(FileDescriptor descriptor) throws Throwable {
        disconnect.invokeExact(descriptor, false);
    }

    /** Makes a close reset the connection. */
    public void lingerZero(FileDescriptor descriptor) throws Throwable {
        setOption.invoke(descriptor, StandardSocketOptions.SO_LINGER, (Object) 0);
    }

    /** close(2), which neither waits nor changes how the socket lingers. */
    public void closeAsItIs(FileDescriptor descriptor) throws Throwable {
        close.invokeExact(descriptor);
    }

    /** shutdown(2) of the input: from here on the socket is ready to be read. */
    public void shutInput(FileDescriptor descriptor) throws Throwable {
        shutdown.invokeExact(descriptor, SHUT_RD);
    }

    /** Switches SO_LINGER off. */
    public void noLinger(FileDescriptor descriptor) throws Throwable {
        setOption.invoke(descriptor, StandardSocketOptions.SO_LINGER, (Object) Integer.valueOf(-1));
    }

    /** The JDK's object for a descriptor that others have opened. */
    public FileDescriptor descriptor(int number) {
        try {
            return (FileDescriptor) newDescriptor.invokeExact(number);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The JDK's own provider, even if the application has configured another. */
    public SelectorProvider provider() {
        try {
            return (SelectorProvider) provider.invoke();
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
