package io.socketreaper.stack.classic;

import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketLayer;
import io.socketreaper.stack.StreamClaim;
import io.socketreaper.stack.StreamSocketHandle;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Socket} of the JDK, by its {@code NioSocketImpl}. Its connect is a call that waits, and closes the socket if it
 * fails, so no connect is left whose result the application must ask for; and no selector holds it.
 */
final class ClassicSocket extends StreamSocketHandle {
    private final ClassicSocketStack stack;
    /**
     * The object that the application holds, an {@code SSLSocket} if there is one; it is closed so that its own state is right,
     * too.
     */
    private volatile @Nullable WeakReference<Socket> heldThrough;

    /**
     * An {@code SSLSocket} that leaves the socket below to the application: it may hold plaintext, but it is not closed, the
     * socket below is.
     */
    private static final class Borrower extends WeakReference<Socket> {
        private final WeakReference<Socket> owner;

        Borrower(Socket borrower, Socket owner) {
            super(borrower);
            this.owner = new WeakReference<>(owner);
        }
    }

    ClassicSocket(ClassicSocketStack stack, Object implementation) {
        // The JDK's Cleaner closes the descriptor of a dropped Socket, at a moment that cannot be known.
        super(stack, implementation, true);
        this.stack = stack;
    }

    /** A layer of TLS that is known already stays known when its own connection is named, as by a shutdown of the socket below. */
    @Override
    public void heldThrough(Object socket) {
        var named = (Socket) socket;
        Socket known = tlsSocket();
        if (stack.isTls(named) && !stack.tls().owns(named)) {
            heldThrough = new Borrower(named, stack.tls().connection(named));
        } else if (known == null || stack.tls().connection(known) != named) {
            heldThrough = new WeakReference<>(named);
        }
    }

    /** The object to be closed; null if unknown. */
    private @Nullable Socket owner() {
        WeakReference<Socket> named = heldThrough;
        if (named instanceof Borrower borrower) {
            return borrower.owner.get();
        }
        return named == null ? null : named.get();
    }

    /** The {@code SSLSocket} that the application holds; null if there is none, or if it is not known. */
    private @Nullable Socket tlsSocket() {
        WeakReference<Socket> named = heldThrough;
        Socket known = named == null ? null : named.get();
        return stack.isTls(known) ? known : null;
    }

    @Override
    public @Nullable SocketLayer layer(Object socket) {
        Socket known = tlsSocket();
        return known == null ? null : stack.tls().layer(known);
    }

    @Override
    public boolean isOpen(Object socket) {
        return !stack.fields().isClosed(socket);
    }

    @Override
    public boolean isUnused(Object socket) {
        return stack.isUnused(socket);
    }

    @Override
    public int descriptor(Object socket) {
        return stack.numberOf(socket);
    }

    @Override
    public Endpoints endpoints(Object socket) {
        return stack.endpoints(socket);
    }

    @Override
    public StreamClaim condemned(Object socket, StreamClaim.Condemned condemned) {
        return new ClassicClaim(socket, owner(), condemned);
    }

    /** Later reads return -1, as the JDK's own do after the first one that did, also when the socket is closed. */
    @Override
    public void nothingIsMissing(Object socket) {
        stack.inputHasEnded(socket);
    }

    /** It is {@link #isStuck() stuck}; no second close would change that. */
    @Override
    public @Nullable Claim closed(Object socket, SocketSnapshot snapshot) {
        return null;
    }

    private final class ClassicClaim extends StreamClaim {
        private final Object implementation;
        /** The object that the application holds; null if unknown. */
        private final @Nullable Socket held;

        private volatile boolean closing;

        ClassicClaim(Object implementation, @Nullable Socket held, Condemned condemned) {
            super(ClassicSocket.this, implementation, condemned);
            this.implementation = implementation;
            this.held = held;
        }

        @Override
        public String owner() {
            return held == null
                    ? "JDK socket (its java.net.Socket object is unknown and will not be marked as closed)"
                    : held.getClass().getName();
        }

        @Override
        public void closeBelow() throws IOException {
            stack.close(implementation);
        }

        @Override
        public void close() throws IOException {
            if (held == null || closing) {
                // unknown, or an earlier attempt has not freed the descriptor
                closeBelow();
                return;
            }
            closing = true;
            boolean tls = stack.isTls(held);
            if (tls) {
                stack.tls().close(held);
            } else {
                stack.closeHolder(held);
            }
        }
    }
}
