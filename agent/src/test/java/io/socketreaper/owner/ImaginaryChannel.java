package io.socketreaper.owner;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelectableChannel;

/** A channel that counts how often it is closed. */
final class ImaginaryChannel extends AbstractSelectableChannel {
    IOException failure;
    int closes;

    ImaginaryChannel() {
        super(null);
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        closes++;
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        // neither way
    }

    @Override
    public int validOps() {
        return SelectionKey.OP_READ;
    }
}
