package io.socketreaper.owner;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** A key with an attachment. */
final class ImaginaryKey extends SelectionKey {
    private final Selector selector;

    ImaginaryKey(Selector selector, Object attachment) {
        this.selector = selector;
        attach(attachment);
    }

    @Override
    public SelectableChannel channel() {
        return null;
    }

    @Override
    public Selector selector() {
        return selector;
    }

    @Override
    public boolean isValid() {
        return false;
    }

    @Override
    public void cancel() {
        // cancelled it is
    }

    @Override
    public int interestOps() {
        return 0;
    }

    @Override
    public SelectionKey interestOps(int ops) {
        return this;
    }

    @Override
    public int readyOps() {
        return 0;
    }
}
