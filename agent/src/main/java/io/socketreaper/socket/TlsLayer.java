package io.socketreaper.socket;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.Socket;
import java.net.SocketException;

/**
 * The JDK's {@code SSLSocket}, which stands before a TCP socket: one of its own, or one that the application has made and
 * handed over ("layered").
 *
 * <p>It is condemned and closed by its own state rather than by its {@code close()}. That one would have to be waited for,
 * for the lock of a writer or the kernel's buffer; it fails half-way, leaving the descriptor behind, where a condemned
 * socket below throws at its attempt to empty it; and after it every read returns -1, a normal end of input, whatever was
 * discarded.
 */
final class TlsLayer {
    private static final String PACKAGE = "sun.security.ssl.";

    private final Class<?> type;
    private final VarHandle below;
    private final VarHandle autoClose;
    private final VarHandle context;
    private final VarHandle closed;
    private final VarHandle broken;
    private final VarHandle closeReason;
    private final MethodHandle closeOwn;

    /** That of this JDK, or null if it is not built the way we know. Initialises nothing. */
    static TlsLayer ofThisJdk() {
        try {
            return new TlsLayer();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError unknownInternals) {
            return null;
        }
    }

    private TlsLayer() throws ReflectiveOperationException {
        type = Class.forName(PACKAGE + "SSLSocketImpl", false, null);
        Class<?> base = Class.forName(PACKAGE + "BaseSSLSocketImpl", false, null);
        Class<?> contexts = Class.forName(PACKAGE + "TransportContext", false, null);
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandles.Lookup ours = MethodHandles.privateLookupIn(type, lookup);
        below = MethodHandles.privateLookupIn(base, lookup).findVarHandle(base, "self", Socket.class);
        autoClose = ours.findVarHandle(type, "autoClose", boolean.class);
        context = ours.findVarHandle(type, "conContext", contexts);
        closed = ours.findVarHandle(type, "tlsIsClosed", boolean.class);
        MethodHandles.Lookup inside = MethodHandles.privateLookupIn(contexts, lookup);
        broken = inside.findVarHandle(contexts, "isBroken", boolean.class);
        closeReason = inside.findVarHandle(contexts, "closeReason", Exception.class);
        closeOwn = MethodHandles.privateLookupIn(Socket.class, lookup)
                .findSpecial(Socket.class, "close", MethodType.methodType(void.class), Socket.class);
    }

    /** Whether it is an {@code SSLSocket} of the JDK. */
    boolean isTls(Object socket) {
        return type.isInstance(socket);
    }

    /**
     * The socket that holds the connection: the one below all layers of TLS, or the {@code SSLSocket} itself if it has made
     * its own. Null for one that leaves the socket below to the application when it is closed ({@code autoClose == false}).
     */
    Socket connection(Socket front) {
        Socket socket = front;
        while (isTls(socket)) {
            var next = (Socket) below.get(socket);
            if (next == socket) {
                return socket;
            }
            if (!(boolean) autoClose.get(socket)) {
                return null;
            }
            socket = next;
        }
        return socket;
    }

    /**
     * From here on every read of the application through any layer throws, as it does after the JDK itself has found the
     * connection broken; what has been decrypted already is lost with it.
     */
    void condemn(Socket front) {
        for (Socket socket = front; isTls(socket); socket = (Socket) below.get(socket)) {
            Object state = context.get(socket);
            if (closeReason.getVolatile(state) == null) {
                closeReason.setVolatile(state, (Exception) new SocketException("Connection reset"));
            }
            broken.setVolatile(state, true);
            if (below.get(socket) == socket) {
                return;
            }
        }
    }

    /** Closes the connection, then all layers of a condemned {@code SSLSocket}; waits for no lock of theirs, and writes nothing. */
    void close(Socket front) throws IOException {
        Socket connection = connection(front);
        if (connection == null) {
            return;
        }
        if (isTls(connection)) {
            closeOwn(connection);
        } else {
            connection.close();
        }
        for (Socket socket = front; isTls(socket); socket = (Socket) below.get(socket)) {
            closed.setVolatile(socket, true);
            if (below.get(socket) == socket) {
                return;
            }
        }
    }

    private void closeOwn(Socket socket) throws IOException {
        try {
            closeOwn.invokeExact(socket);
        } catch (IOException | RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
