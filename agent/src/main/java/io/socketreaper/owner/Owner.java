package io.socketreaper.owner;

import java.io.IOException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Closes a channel in the way its framework expects. The channel is condemned before: its reads throw "Connection reset" and its
 * writes fail. A framework that reads its channels when their keys are ready has been given that chance before, too.
 */
public interface Owner {
    /** Names the framework or object that owns the channel, for the report. */
    String name();

    /**
     * How many ways to close it the framework has, each stronger than the one before; 0 for a channel that only the JDK can
     * close, of which any way is that. The release tries way 1 first, and the next one if the descriptor is still there a
     * second later.
     */
    int ways();

    /**
     * Closes the channel, or asks the framework's own thread to; returns without waiting for that thread. Harmless when repeated.
     * What the framework cannot do, the JDK's close does at once.
     *
     * @param keys  the channel's keys as they are now, cancelled ones included; none of an asynchronous channel
     * @param way   1 to {@link #ways}: 1 tells the framework of the cause and lets it close, 2 closes below whatever may have put
     *              that off, such as a handler of a pipeline
     * @param cause what the application's callbacks are to be told: a {@code SocketException} "Connection reset", never an end of
     *              input
     */
    void close(Channel channel, SelectionKey[] keys, int way, IOException cause) throws IOException;

    /** False while the framework's thread has not come to the close that it was last asked for. */
    default boolean hasBegun() {
        return true;
    }

    /**
     * The one thread on which the framework reads, writes and closes this channel, if there is one: the socket is looked at there
     * once more, and {@link #isInUse} is asked, before it is claimed. Null if any thread may close it.
     */
    default @Nullable Executor eventLoop() {
        return null;
    }

    /**
     * Whether the framework has something under way that neither the JDK nor the kernel knows of, such as bytes in a queue of its
     * own that wait to be written. Asked on the {@link #eventLoop} if there is one, else on the reaper thread: it must not block.
     */
    default boolean isInUse() {
        return false;
    }

    /**
     * False if the framework draws a wrong conclusion from a reset that it reads: a normal end, or that it may repeat the request. The
     * channel is not made to look ready to it then. An application that resumes between the claim and the close would still have the
     * framework read; that read fails with a {@code NotYetConnectedException}, which is no {@code IOException}.
     */
    default boolean handsBack() {
        return true;
    }

    /** Finds the owner by the attachments of a channel's keys. */
    static Owner of(SelectionKey[] keys) {
        List<Framework> frameworks = List.of(
                new Netty(),
                new Jetty(),
                new Tomcat(),
                new Xnio(),
                new Grizzly(),
                new Mina(),
                new HttpCore5(),
                new HttpCore4(),
                new Pekko());
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

    /**
     * How many messages a handler of the owner's holds until the application asks for them, so that they are in no queue of the
     * kernel. Any thread: takes no lock and calls no code of the application; it is exact on the owner's event loop, elsewhere it may
     * be outdated.
     */
    static int heldInput(SelectionKey[] keys) {
        int held = 0;
        for (SelectionKey key : keys) {
            Object attachment = key == null ? null : key.attachment();
            held += attachment == null ? 0 : Netty.held(attachment);
        }
        return held;
    }

    /**
     * Finds the owner of an asynchronous channel, which has no key.
     *
     * @param acceptHandlers to which the server channels of its group accept
     * @return null if it is not known
     */
    static @Nullable Owner of(AsynchronousSocketChannel channel, List<Object> acceptHandlers) {
        for (Object handler : acceptHandlers) {
            try {
                Owner owner = TomcatNio2.ownerOf(channel, handler);
                if (owner != null) {
                    return owner;
                }
            } catch (ReflectiveOperationException | RuntimeException | LinkageError notAsKnown) {
                // The owner is then not told, and the report says so.
            }
        }
        return null;
    }
}
