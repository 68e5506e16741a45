package io.socketreaper.stack.nio;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.selector.SelectorWork;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.Claim;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;

/** The claim on a channel that the application has closed while a selector held it. */
final class ClosedChannelClaim implements Claim {
    private final SelectableChannel channel;
    private final Selectors selectors;
    private final SocketSnapshot snapshot;
    private final String owner;

    ClosedChannelClaim(SelectableChannel channel, Selectors selectors, SocketSnapshot snapshot) {
        this.channel = channel;
        this.selectors = selectors;
        this.snapshot = snapshot;
        this.owner = selectors.describe(selectors.keys(channel));
    }

    @Override
    public SocketSnapshot snapshot() {
        return snapshot;
    }

    @Override
    public int read(ByteBuffer discarded) {
        return CLOSED_MEANWHILE;
    }

    @Override
    public String owner() {
        return owner;
    }

    /** The channel is closed already; the next selection frees its descriptor. */
    @Override
    public boolean closeInSelection() {
        boolean waits = false;
        for (SelectionKey key : selectors.keys(channel)) {
            SelectorWork work = key == null ? null : selectors.workOfNextSelection(key.selector());
            if (work != null) {
                waits |= !selectors.isAbandoned(key.selector());
                work.addClose(key, inSelection -> false);
            }
        }
        return waits;
    }

    @Override
    public boolean mayBeGone() {
        return !channel.isRegistered();
    }

    @Override
    public void close() throws IOException {
        selectors.release(channel, selectors.keys(channel));
    }
}
