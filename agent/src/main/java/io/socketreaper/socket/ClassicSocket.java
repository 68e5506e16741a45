package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.net.StandardSocketOptions;

/** A {@link Socket} of the JDK, by its {@code NioSocketImpl}. */
final class ClassicSocket extends JdkSocket {
    private final SocketStack stack;
    /** What the application holds; it is told apart from the implementation so that it knows that it is closed. */
    private volatile WeakReference<Socket> front;

    ClassicSocket(SocketStack stack, Object implementation) {
        // The JDK's Cleaner closes the descriptor of a dropped Socket, at a moment that nobody can know.
        super(stack, implementation, true);
        this.stack = stack;
    }

    @Override
    public void front(Object socket) {
        front = new WeakReference<>((Socket) socket);
    }

    @Override
    boolean isOpen(Object socket) {
        return stack.fields().isConnected(socket);
    }

    @Override
    boolean readInterest(Object socket) {
        return false;
    }

    @Override
    int descriptor(Object socket) {
        return stack.descriptor(socket);
    }

    @Override
    Endpoints endpoints(Object socket) {
        return stack.endpoints(socket);
    }

    @Override
    Claim condemned(Object socket, Sighting sighting) {
        return new ClassicClaim(socket, front == null ? null : front.get(), sighting);
    }

    private final class ClassicClaim extends LiveClaim {
        private final Object implementation;
        private final Socket front;

        ClassicClaim(Object implementation, Socket front, Sighting sighting) {
            super(implementation, sighting);
            this.implementation = implementation;
            this.front = front;
        }

        @Override
        public String owner() {
            return front == null ? "JDK socket (its java.net.Socket is not known and will not know that it is closed)"
                    : front.getClass().getName();
        }

        @Override
        public void close() throws IOException {
            if (front == null) {
                stack.close(implementation);
                return;
            }
            try {
                // A lingering close would block this thread, an abortive one would reset the peer.
                front.setOption(StandardSocketOptions.SO_LINGER, -1);
            } catch (IOException | RuntimeException closedMeanwhile) {
                // then nothing is left to linger
            }
            front.close();
        }
    }
}
