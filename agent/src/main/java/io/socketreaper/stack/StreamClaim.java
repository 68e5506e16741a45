package io.socketreaper.stack;

import io.socketreaper.model.SocketSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The claim on a stream socket that is open and condemned; each stack says who closes it. */
public abstract class StreamClaim implements Claim {
    private final StreamSocketHandle handle;
    private final Object socket;
    private final Condemned condemned;

    /**
     * What was done to a socket that was just condemned.
     *
     * @param snapshot      taken under its locks
     * @param emptied       what the reset has discarded; null if the connection was not reset
     * @param tellsByUnread whether the peer is told by what stays unread
     * @param told          the error of the connection, which the kernel tells once and has told the claim; else null
     */
    public record Condemned(
            SocketSnapshot snapshot,
            @Nullable Emptied emptied,
            boolean tellsByUnread,
            @Nullable IOException told) {}

    protected StreamClaim(StreamSocketHandle handle, Object socket, Condemned condemned) {
        this.handle = handle;
        this.socket = socket;
        this.condemned = condemned;
    }

    @Override
    public final SocketSnapshot snapshot() {
        return condemned.snapshot();
    }

    @Override
    public final boolean isReset() {
        return condemned.emptied() != null;
    }

    @Override
    public final boolean tellsByUnread() {
        return condemned.tellsByUnread();
    }

    @Override
    public final @Nullable Emptied emptied() {
        return condemned.emptied();
    }

    @Override
    public final int read(ByteBuffer discarded) throws IOException {
        if (!handle.isOpen(socket)) {
            return CLOSED_MEANWHILE;
        }
        if (condemned.told() != null) {
            throw condemned.told();
        }
        return isReset() ? WITH_CLOSE : handle.readOnce(socket, discarded);
    }

    @Override
    public final boolean isClosed() {
        return !handle.isOpen(socket);
    }

    @Override
    public final boolean mayBeGone() {
        return handle.fields().isFreed(socket);
    }
}
