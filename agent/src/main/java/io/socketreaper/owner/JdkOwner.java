package io.socketreaper.owner;

import io.socketreaper.selector.Selectors;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;

/**
 * No framework we know: a plain close, and a wake-up of every selector, because a registered channel keeps its descriptor
 * until a selection deregisters it and cancelling a key does not wake anybody.
 */
final class JdkOwner implements Owner {
    private final String name;

    JdkOwner(@Nullable Object unknownAttachment) {
        this.name = unknownAttachment == null
                ? "JDK channel"
                : "JDK channel (attachment " + unknownAttachment.getClass().getName()
                        + " is of no known framework: its callbacks may not run)";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int ways() {
        return 0;
    }

    @Override
    public void close(Channel channel, SelectionKey[] keys, int way, IOException cause) throws IOException {
        try {
            channel.close();
        } finally {
            Selectors.wakeUp(keys);
        }
    }
}
