package io.socketreaper.stack.tls;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.SocketLayer;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.Socket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's {@code SSLSocket}, which stands before a TCP socket: one of its own, or one that the application has made and
 * handed over ("layered").
 *
 * <p>It is condemned and closed by its own state rather than by its {@code close()}. That one would have to be waited for,
 * for the lock of a writer or the kernel's buffer; it fails half-way, leaving the descriptor behind, where a condemned
 * socket below throws at its attempt to empty it; and after it every read returns -1, a normal end of input, whatever was
 * discarded.
 */
public final class TlsLayer {
    static final String PACKAGE = "sun.security.ssl.";

    /**
     * What the layers before one socket tell.
     *
     * @param plaintext bytes that they have taken from the socket below and not delivered yet
     * @param reading   a thread is in a read or a handshake of theirs, or waits to begin one
     * @param writing   a thread is in a write of theirs, or waits to begin one
     * @param over      no byte can pass in either direction any more, and the socket below is theirs to close
     */
    public record Facts(int plaintext, boolean reading, boolean writing, boolean over) {
        /** Of a JDK that is not built the way we know: there may be plaintext, so it counts as in use. */
        static final Facts UNKNOWN = new Facts(0, true, true, false);
    }

    private final Class<?> type;
    private final VarHandle below;
    private final VarHandle autoClose;
    private final Class<?> adaptors;
    private final VarHandle channel;
    private final MethodHandle closeOwn;
    /** Null if this JDK's TLS sockets are not built the way we know; they then count as in use. */
    private final @Nullable TlsState state;

    private static final class Holder {
        static final @Nullable TlsLayer OF_THIS_JDK = resolve();
    }

    /** Returns that of this JDK, or null if not even the socket below can be found. Initialises no class of the JDK. */
    public static @Nullable TlsLayer ofThisJdk() {
        return Holder.OF_THIS_JDK;
    }

    private static @Nullable TlsLayer resolve() {
        try {
            Class<?> type = Class.forName(PACKAGE + "SSLSocketImpl", false, null);
            return new TlsLayer(type, stateOf(type));
        } catch (ReflectiveOperationException | RuntimeException | LinkageError unknownInternals) {
            return null;
        }
    }

    private static @Nullable TlsState stateOf(Class<?> type) {
        try {
            return new TlsState(type);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError unknownInternals) {
            return null;
        }
    }

    TlsLayer(Class<?> type, @Nullable TlsState state) throws ReflectiveOperationException {
        this.type = type;
        this.state = state;
        Class<?> base = Class.forName(PACKAGE + "BaseSSLSocketImpl", false, null);
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        below = MethodHandles.privateLookupIn(base, lookup).findVarHandle(base, "self", Socket.class);
        autoClose = MethodHandles.privateLookupIn(type, lookup).findVarHandle(type, "autoClose", boolean.class);
        adaptors = Class.forName("sun.nio.ch.SocketAdaptor", false, null);
        Class<?> channels = Class.forName("sun.nio.ch.SocketChannelImpl", false, null);
        channel = MethodHandles.privateLookupIn(adaptors, lookup).findVarHandle(adaptors, "sc", channels);
        closeOwn = MethodHandles.privateLookupIn(Socket.class, lookup)
                .findSpecial(Socket.class, "close", MethodType.methodType(void.class), Socket.class);
    }

    /** Whether it is an {@code SSLSocket} of the JDK. */
    public boolean isTls(@Nullable Object socket) {
        return type.isInstance(socket);
    }

    /** The socket that holds the connection: the one below all layers of TLS, or the innermost layer if it has made its own. */
    public Socket connection(Socket front) {
        Socket socket = front;
        for (Socket next = front; next != null; next = next(next)) {
            socket = next;
        }
        return socket;
    }

    /** The channel, if it is one's adaptor that holds the connection; else null. */
    public @Nullable Object channel(Socket connection) {
        return adaptors.isInstance(connection) ? channel.get(connection) : null;
    }

    /** Whether closing the {@code SSLSocket} closes the connection, that is, whether no layer has {@code autoClose == false}. */
    public boolean owns(Socket front) {
        for (Socket layer = front; isTls(layer); layer = next(layer)) {
            if (next(layer) != null && !(boolean) autoClose.get(layer)) {
                return false;
            }
        }
        return true;
    }

    /** The next socket below; null below the one that holds the connection. */
    private @Nullable Socket next(@Nullable Socket socket) {
        if (!isTls(socket)) {
            return null;
        }
        var next = (Socket) below.get(socket);
        return next == socket ? null : next;
    }

    /** Takes no lock, and may be outdated as soon as it returns. */
    Facts facts(Socket front) {
        if (state == null) {
            return Facts.UNKNOWN;
        }
        int plaintext = 0;
        boolean reading = false;
        boolean writing = false;
        for (Socket layer = front; isTls(layer); layer = next(layer)) {
            reading |= state.isReading(layer);
            writing |= state.isWriting(layer);
            plaintext += state.plaintext(layer);
        }
        return new Facts(plaintext, reading, writing, state.isOver(front) && owns(front));
    }

    /** All layers of an {@code SSLSocket}, as one. */
    public SocketLayer layer(Socket front) {
        return new Session(front);
    }

    private final class Session implements SocketLayer {
        private final Socket front;

        Session(Socket front) {
            this.front = front;
        }

        @Override
        public SocketSnapshot addTo(SocketSnapshot below) {
            Facts facts = facts(front);
            return below.withTls(facts.plaintext(), facts.over()).withUse(facts.reading(), facts.writing());
        }

        @Override
        public boolean tryLock() {
            if (state == null) {
                return false;
            }
            for (Socket layer = front; isTls(layer); layer = next(layer)) {
                if (!state.tryLock(layer)) {
                    unlockAbove(layer);
                    return false;
                }
            }
            return true;
        }

        @Override
        public void unlock() {
            unlockAbove(null);
        }

        private void unlockAbove(@Nullable Socket end) {
            for (Socket layer = front; isTls(layer) && layer != end; layer = next(layer)) {
                Objects.requireNonNull(state).unlock(layer);
            }
        }

        /** What was decrypted already is lost. A layer whose input has ended in order goes on telling that end. */
        @Override
        public void condemn() {
            for (Socket layer = front; isTls(layer); layer = next(layer)) {
                Objects.requireNonNull(state).condemn(layer);
            }
        }
    }

    /**
     * Closes the connection, then all layers of a condemned {@code SSLSocket} that owns it; waits for no lock of theirs, and
     * sends no data.
     */
    public void close(Socket front) throws IOException {
        Socket connection = connection(front);
        if (isTls(connection)) {
            closeOwn(connection);
        } else {
            connection.close();
        }
        for (Socket layer = front; isTls(layer); layer = next(layer)) {
            Objects.requireNonNull(state).markClosed(layer);
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
