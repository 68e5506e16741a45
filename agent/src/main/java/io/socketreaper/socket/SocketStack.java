package io.socketreaper.socket;

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

/** The JDK's {@link Socket}s, accepted and connected; what is watched is the {@code NioSocketImpl} below. */
public final class SocketStack extends JdkStack {
    /** {@code NioSocketImpl.ST_CONNECTED}. */
    private static final int CONNECTED = 3;

    private VarHandle implementation;
    private VarHandle delegate;
    private Class<?> delegating;
    private VarHandle address;
    private VarHandle port;
    private MethodHandle fdVal;
    private MethodHandle close;

    public SocketStack(Descriptors descriptors) {
        super("Socket", "sun.nio.ch.NioSocketImpl", descriptors);
    }

    @Override
    JdkSocketFields resolveFields(Class<?> type) throws ReflectiveOperationException {
        MethodHandles.Lookup java = MethodHandles.privateLookupIn(SocketImpl.class, MethodHandles.lookup());
        MethodHandles.Lookup front = MethodHandles.privateLookupIn(Socket.class, MethodHandles.lookup());
        delegating = Class.forName("java.net.DelegatingSocketImpl");
        implementation = front.findVarHandle(Socket.class, "impl", SocketImpl.class);
        delegate = MethodHandles.privateLookupIn(delegating, MethodHandles.lookup())
                .findVarHandle(delegating, "delegate", SocketImpl.class);
        address = java.findVarHandle(SocketImpl.class, "address", InetAddress.class);
        port = java.findVarHandle(SocketImpl.class, "port", int.class);
        Class<?> ioUtil = Class.forName("sun.nio.ch.IOUtil");
        fdVal = MethodHandles.privateLookupIn(ioUtil, MethodHandles.lookup()).findStatic(ioUtil, "fdVal",
                MethodType.methodType(int.class, FileDescriptor.class));
        close = MethodHandles.privateLookupIn(type, MethodHandles.lookup()).findVirtual(type, "close",
                MethodType.methodType(void.class)).asType(MethodType.methodType(void.class, Object.class));
        return new JdkSocketFields(type, SocketImpl.class, CONNECTED);
    }

    @Override
    SocketHandle newHandle(Object socket) {
        return new ClassicSocket(this, socket);
    }

    /** The implementation that events name, of the socket that the application holds; null before {@link #proven}. */
    public Object implementationOf(Object front) {
        if (!isProven()) {
            return null;
        }
        Object found = implementation.get(front);
        return delegating.isInstance(found) ? delegate.get(found) : found;
    }

    int descriptor(Object socket) {
        try {
            return (int) fdVal.invokeExact(fields().fd(socket));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Endpoints endpoints(Object socket) {
        InetSocketAddress local = null;
        try {
            local = kernel().localAddress(fields().fd(socket));
        } catch (Throwable unknown) {
            // the report says so
        }
        var remote = (InetAddress) address.get(socket);
        return new Endpoints(local, remote == null ? null : new InetSocketAddress(remote, (int) port.get(socket)));
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
