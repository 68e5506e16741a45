package io.socketreaper.owner;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** A selector that counts how often it is woken, and must not be used for anything else. */
final class ImaginarySelector extends Selector {
    boolean open = true;
    int wakeUps;
    Runnable onWakeUp = () -> {};

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public Selector wakeup() {
        wakeUps++;
        onWakeUp.run();
        return this;
    }

    @Override
    public SelectorProvider provider() {
        return null;
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return Set.of();
    }

    @Override
    public int selectNow() {
        throw new AssertionError("never select on the application's selector");
    }

    @Override
    public int select(long timeout) {
        throw new AssertionError("never select on the application's selector");
    }

    @Override
    public int select() {
        throw new AssertionError("never select on the application's selector");
    }

    @Override
    public void close() {
        throw new AssertionError("never close the application's selector");
    }
}
