package io.socketreaper.stack.classic;

import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.StreamSocketHandle;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.net.StandardSocketOptions;

/** A {@link Socket} of the JDK, by its {@code NioSocketImpl}. */
final class ClassicSocket extends StreamSocketHandle {
    private final ClassicSocketStack stack;
    /** What the application holds, an {@code SSLSocket} if there is one; it is closed so that it knows that it is closed. */
    private volatile WeakReference<Socket> front;

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
        // The JDK's Cleaner closes the descriptor of a dropped Socket, at a moment that nobody can know.
        super(stack, implementation, true);
        this.stack = stack;
    }

    /** A layer of TLS that is known already stays known when its own connection is named, as by a shutdown of the socket below. */
    @Override
    public void heldThrough(Object socket) {
        var named = (Socket) socket;
        Socket known = layers(null);
        if (stack.isTls(named) && !stack.tls().owns(named)) {
            front = new Borrower(named, stack.tls().connection(named));
        } else if (known == null || stack.tls().connection(known) != named) {
            front = new WeakReference<>(named);
        }
    }

    /** What is to be closed; null if it is not known. */
    private Socket owner() {
        WeakReference<Socket> named = front;
        if (named instanceof Borrower borrower) {
            return borrower.owner.get();
        }
        return named == null ? null : named.get();
    }

    @Override
    public Socket layers(Object socket) {
        WeakReference<Socket> named = front;
        Socket known = named == null ? null : named.get();
        return stack.isTls(known) ? known : null;
    }

    @Override
    public boolean isOpen(Object socket) {
        return !stack.fields().isClosed(socket);
    }

    @Override
    public boolean isUnused(Object socket) {
        return stack.isUnused(socket);
    }

    /** Its connect is a call that waits, and closes what has failed. */
    @Override
    public boolean isConnecting(Object socket) {
        return false;
    }

    @Override
    public boolean isWaitedForInVain(Object socket) {
        return false;
    }

    @Override
    public boolean isRegistered(Object socket) {
        return false;
    }

    @Override
    public String selectorsOf(Object socket) {
        return "";
    }

    @Override
    public boolean isUnix(Object socket) {
        return false;
    }

    @Override
    public int interest(Object socket) {
        return 0;
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
    public LiveClaim condemned(Object socket, Condemned how) {
        return new ClassicClaim(socket, owner(), how);
    }

    /** Later reads return -1, as the JDK's own do after the first one that did, also when the socket is closed. */
    @Override
    public void nothingIsMissing(Object socket) {
        stack.inputHasEnded(socket);
    }

    /** It is {@link #isStuck() stuck}; no second close would change that. */
    @Override
    public Claim closed(Object socket, SocketSnapshot snapshot) {
        return null;
    }

    private final class ClassicClaim extends LiveClaim {
        private final Object implementation;
        private final Socket front;
        private volatile boolean closing;

        ClassicClaim(Object implementation, Socket front, Condemned how) {
            super(implementation, how);
            this.implementation = implementation;
            this.front = front;
        }

        @Override
        public String owner() {
            return front == null
                    ? "JDK socket (its java.net.Socket is not known and will not know that it is closed)"
                    : front.getClass().getName();
        }

        @Override
        public void closeBelow() throws IOException {
            stack.close(implementation);
        }

        @Override
        public void close() throws IOException {
            if (front == null || closing) {
                // unknown, or an earlier attempt has freed nothing
                closeBelow();
                return;
            }
            closing = true;
            boolean tls = stack.isTls(front);
            Socket connection = tls ? stack.tls().connection(front) : front;
            try {
                // A lingering close would block this thread, an abortive one would reset the peer.
                connection.setOption(StandardSocketOptions.SO_LINGER, -1);
            } catch (IOException | RuntimeException closedMeanwhile) {
                // then nothing is left to linger
            }
            if (tls) {
                stack.tls().close(front);
            } else {
                front.close();
            }
        }
    }
}
