package io.socketreaper.stack.classic;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.Endpoints;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.StateLockFields;
import io.socketreaper.stack.StreamSocketStack;
import io.socketreaper.stack.tls.TlsLayer;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketImpl;
import java.util.Objects;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The JDK's {@link Socket}s, accepted and connected; what is watched is the {@code NioSocketImpl} below. */
public final class ClassicSocketStack extends StreamSocketStack {
    /** {@code NioSocketImpl.ST_CONNECTED}. */
    private static final int CONNECTED = 3;

    private static final int UNCONNECTED = 1;

    /** Constants, which the compiler needs on the paths that every socket takes. Initialised by {@link #resolveFields}. */
    private static final class Fields {
        static final VarHandle IMPLEMENTATION;
        static final VarHandle DELEGATE;
        static final Class<?> DELEGATING;
        static final VarHandle FD;
        static final VarHandle NUMBER;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                DELEGATING = Class.forName("java.net.DelegatingSocketImpl");
                IMPLEMENTATION = MethodHandles.privateLookupIn(Socket.class, lookup)
                        .findVarHandle(Socket.class, "impl", SocketImpl.class);
                DELEGATE = MethodHandles.privateLookupIn(DELEGATING, lookup)
                        .findVarHandle(DELEGATING, "delegate", SocketImpl.class);
                FD = MethodHandles.privateLookupIn(SocketImpl.class, lookup)
                        .findVarHandle(SocketImpl.class, "fd", FileDescriptor.class);
                NUMBER = MethodHandles.privateLookupIn(FileDescriptor.class, lookup)
                        .findVarHandle(FileDescriptor.class, "fd", int.class);
            } catch (ReflectiveOperationException unknownInternals) {
                throw new ExceptionInInitializerError(unknownInternals);
            }
        }
    }

    /** Null if it is not known. */
    private @Nullable TlsLayer tls;

    private VarHandle address;
    private VarHandle port;
    private VarHandle localPort;
    private VarHandle readEnd;
    private MethodHandle close;
    /** {@code Socket.close} itself, not the override of a subclass. */
    private MethodHandle closeHolder;

    private MethodHandle newPlatformImplementation;

    public ClassicSocketStack(Descriptors descriptors) {
        super("Socket", "sun.nio.ch.NioSocketImpl", descriptors);
    }

    @Override
    public StateLockFields resolveFields(Class<?> type) throws ReflectiveOperationException {
        MethodHandles.Lookup java = MethodHandles.privateLookupIn(SocketImpl.class, MethodHandles.lookup());
        initialise(Fields.class);
        tls = TlsLayer.ofThisJdk();
        address = java.findVarHandle(SocketImpl.class, "address", InetAddress.class);
        port = java.findVarHandle(SocketImpl.class, "port", int.class);
        localPort = java.findVarHandle(SocketImpl.class, "localport", int.class);
        readEnd = MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                .findVarHandle(type, "readEOF", boolean.class);
        close = MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                .findVirtual(type, "close", MethodType.methodType(void.class))
                .asType(MethodType.methodType(void.class, Object.class));
        closeHolder = MethodHandles.privateLookupIn(Socket.class, MethodHandles.lookup())
                .findSpecial(Socket.class, "close", MethodType.methodType(void.class), Socket.class);
        newPlatformImplementation = java.findStatic(
                SocketImpl.class, "createPlatformSocketImpl", MethodType.methodType(SocketImpl.class, boolean.class));
        return new StateLockFields(type, SocketImpl.class, CONNECTED);
    }

    @Override
    public StackWeaving weaving(boolean all) {
        return new ClassicSocketWeaving(all);
    }

    @Override
    public HookProbe hookProbe(HookTrace trace, boolean all) {
        return new ClassicHookProbe(trace, all);
    }

    @Override
    public SocketHandle newHandle(Object socket) {
        return new ClassicSocket(this, socket);
    }

    /**
     * The implementation that events name, of the socket that the application holds; a channel, if TLS stands before its
     * adaptor. Null before {@link #proven}, and for an
     * {@code SSLSocket} of a kind that is not known here, whose {@code close} might make later reads return -1: what lies below
     * it is closed instead, and they throw.
     */
    public @Nullable Object implementationOf(Object front) {
        if (!isProven()) {
            return null;
        }
        Socket connection = (Socket) front;
        if (front instanceof SSLSocket) {
            TlsLayer known = tls;
            if (known == null || !known.isTls(front)) {
                return null;
            }
            connection = known.connection(connection);
            Object channel = known.channel(connection);
            if (channel != null) {
                return channel;
            }
        }
        Object found = Fields.IMPLEMENTATION.get(connection);
        return Fields.DELEGATING.isInstance(found) ? Fields.DELEGATE.get(found) : found;
    }

    /** Whether it is an {@code SSLSocket} of which {@link #tls} knows how to close it. */
    boolean isTls(@Nullable Object front) {
        return tls != null && tls.isTls(front);
    }

    /**
     * Whether the connection ends with the TLS of this {@code SSLSocket}. With {@code autoClose == false} the application may go on
     * with the socket below, in plain text (FTP's CCC, StopTLS). To be asked of one that {@link #implementationOf} knows.
     */
    public boolean ownsConnection(Object front) {
        return tls().owns((Socket) front);
    }

    public TlsLayer tls() {
        return Objects.requireNonNull(tls);
    }

    @Override
    public int numberOf(Object socket) {
        var fd = (FileDescriptor) Fields.FD.get(socket);
        return fd == null ? -1 : (int) Fields.NUMBER.get(fd);
    }

    /** Neither connected, connecting nor bound. */
    boolean isUnused(Object socket) {
        return fields().state(socket) == UNCONNECTED && (int) localPort.get(socket) == 0;
    }

    Endpoints endpoints(Object socket) {
        InetSocketAddress local = null;
        try {
            local = kernel().localAddress(fields().fd(socket));
        } catch (Throwable unknown) {
            // the report says that it is unknown
        }
        var remote = (InetAddress) address.get(socket);
        return new Endpoints(local, remote == null ? null : new InetSocketAddress(remote, (int) port.get(socket)));
    }

    /** The JDK's own state, guarded by its {@code readLock}: every later read returns -1. */
    void inputHasEnded(Object socket) {
        readEnd.set(socket, true);
    }

    /**
     * Makes an implementation of the JDK's own, even if the application has set a factory. After {@link #resolve}.
     *
     * @param server whether it is for a {@code ServerSocket}
     */
    public SocketImpl newPlatformImplementation(boolean server) {
        try {
            return (SocketImpl) newPlatformImplementation.invokeExact(server);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Closes what the application holds, and so the connection, without the code of a class that overrides {@code close}: that of a
     * pool may put the socket back among those that it lends.
     */
    void closeHolder(Socket holder) throws IOException {
        try {
            closeHolder.invokeExact(holder);
        } catch (IOException | RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    void close(Object socket) throws IOException {
        try {
            close.invokeExact(socket);
        } catch (IOException | RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
