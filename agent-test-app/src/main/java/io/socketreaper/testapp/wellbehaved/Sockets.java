package io.socketreaper.testapp.wellbehaved;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Everything with a descriptor that one {@link Attempt} opened, so that nothing of it outlives the attempt. */
final class Sockets implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Queue<Closeable> owned = new ConcurrentLinkedQueue<>();

    /** Both ends of one connection. */
    record Ends(SocketChannel client, SocketChannel server) {}

    Ends connect() throws IOException {
        return connect(SocketChannel.open());
    }

    /** Connects a client whose socket options are already set. */
    Ends connect(SocketChannel client) throws IOException {
        own(client);
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress("127.0.0.1", 0));
            client.connect(listener.getLocalAddress());
            return new Ends(client, own(listener.accept()));
        }
    }

    /** The same over a unix-domain socket. */
    Ends connectUnix() throws IOException {
        var directory = Files.createTempDirectory("socket-reaper");
        var address = UnixDomainSocketAddress.of(directory.resolve("server"));
        try (var listener =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address)) {
            var client = own(SocketChannel.open(address));
            return new Ends(client, own(listener.accept()));
        } finally {
            Files.deleteIfExists(address.getPath());
            Files.delete(directory);
        }
    }

    Selector selector() throws IOException {
        return own(Selector.open());
    }

    /** Frees every descriptor, those of registered channels too: closing their selectors deregisters them. */
    @Override
    public void close() {
        try {
            startClosing().join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** On a thread of its own: a close waits for the channel's locks, and whoever hangs may hold them for ever. */
    Thread startClosing() {
        var thread = new Thread(() -> owned.forEach(Sockets::closeQuietly), "closer");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Closes it with the attempt. */
    <C extends Closeable> C own(C resource) {
        owned.add(resource);
        return resource;
    }

    private static void closeQuietly(Closeable resource) {
        try {
            resource.close();
        } catch (IOException ignored) {
            // A close that fails has still given up its descriptor.
        }
    }
}
