package io.socketreaper.stack;

import io.socketreaper.model.SocketSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** The claim on a descriptor whose object was collected. */
final class RemainsClaim implements Claim {
    private final WeakSocketHandle handle;
    private final KernelSocket socket;
    private final SocketSnapshot snapshot;
    private final AtomicBoolean closed = new AtomicBoolean();

    RemainsClaim(WeakSocketHandle handle, KernelSocket socket, SocketSnapshot snapshot) {
        this.handle = handle;
        this.socket = socket;
        this.snapshot = snapshot;
    }

    @Override
    public SocketSnapshot snapshot() {
        return snapshot;
    }

    @Override
    public int read(ByteBuffer discarded) throws IOException {
        return handle.stillOurs() ? socket.readIfReady(discarded) : CLOSED_MEANWHILE;
    }

    @Override
    public boolean isReset() {
        return KernelSocket.isUnfinished(snapshot) && socket.canBeReset();
    }

    @Override
    public boolean tellsByUnread() {
        return KernelSocket.isUnfinished(snapshot) && !socket.canBeReset();
    }

    @Override
    public String owner() {
        return "Socket Reaper, because its object was collected";
    }

    @Override
    public void close() throws IOException {
        if (!handle.stillOurs() || !closed.compareAndSet(false, true)) {
            return;
        }
        try {
            if (isReset()) {
                lingerZero();
                socket.kernel().closeAsItIs(socket.fd());
            } else {
                socket.kernel().close(socket.fd());
            }
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable unexpected) {
            throw new IOException(unexpected);
        }
    }

    /**
     * Resets the connection, because a plain close would look like a normal end to the peer. If it fails, the next attempt repeats
     * it.
     */
    private void lingerZero() throws Throwable {
        try {
            socket.kernel().lingerZero(socket.fd());
        } catch (Throwable notSet) {
            closed.set(false);
            throw notSet;
        }
    }
}
