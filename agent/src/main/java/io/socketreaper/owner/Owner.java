package io.socketreaper.owner;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.List;

/** Closes a channel in the way its framework expects. */
public interface Owner {
    /** Whom the channel belongs to, for the report. */
    String name();

    /**
     * Closes the channel, or asks the framework's own thread to; returns without waiting for that thread. Harmless when
     * repeated.
     *
     * @param keys the channel's keys as they are now, cancelled ones included
     */
    void close(SelectableChannel channel, SelectionKey[] keys) throws IOException;

    /** Finds the owner by the attachments of a channel's keys. */
    static Owner of(SelectionKey[] keys) {
        List<Framework> frameworks = List.of(
                new Netty(), new Jetty(), new Tomcat(), new Xnio(), new Grizzly(), new Mina());
        Object unknown = null;
        for (SelectionKey key : keys) {
            Object attachment = key == null ? null : key.attachment();
            if (attachment == null) {
                continue;
            }
            for (Framework framework : frameworks) {
                try {
                    Owner owner = framework.ownerBy(attachment);
                    if (owner != null) {
                        return owner;
                    }
                } catch (ReflectiveOperationException | RuntimeException | LinkageError notAsKnown) {
                    // closed as a JDK channel then, and the report names the attachment
                }
            }
            unknown = attachment;
        }
        return new JdkOwner(unknown);
    }
}
