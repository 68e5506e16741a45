package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.function.Supplier;

/**
 * An NIO server on one selector thread that never closes a connection it has half-closed.
 *
 * <p>{@link #close()} stops listening only: the selector and the connections live on, as in a server that runs for
 * weeks, until the run is closed.
 */
final class LineServer implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int SYSTEM_CHOICE = 0;

    private final Run run;
    private final Supplier<Protocol> protocols;
    private final int sendBuffer;
    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final InetSocketAddress address;

    LineServer(Run run, Supplier<Protocol> protocols) throws IOException {
        this(run, protocols, SYSTEM_CHOICE);
    }

    /** @param protocols one for each connection */
    LineServer(Run run, Supplier<Protocol> protocols, int sendBuffer) throws IOException {
        this.run = run;
        this.protocols = protocols;
        this.sendBuffer = sendBuffer;
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
        address = (InetSocketAddress) listener.getLocalAddress();
        var thread = new Thread(this::serve, "line-server");
        thread.setDaemon(true);
        thread.start();
        run.endWith(() -> {
            selector.close();
            thread.join();
        });
    }

    InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        // Deregisters the listener, which is what frees its descriptor.
        selector.wakeup();
    }

    private void serve() {
        try {
            while (selector.isOpen()) {
                selector.select(this::serve);
            }
        } catch (ClosedSelectorException e) {
            // The run was closed.
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else {
                ((LineConnection) key.attachment()).ready();
            }
        } catch (IOException | CancelledKeyException e) {
            if (key.attachment() instanceof LineConnection connection && connection.isHalfClosed()) {
                close(connection);
            } else if (listener.isOpen()) {
                run.damaged("server: " + e);
            }
        }
    }

    /** A connection that fails is closed, as in any server: a release is such a failure. */
    private void close(LineConnection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    private void accept() throws IOException {
        for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
            run.opened();
            run.keep(channel);
            if (sendBuffer != SYSTEM_CHOICE) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBuffer);
            }
            channel.configureBlocking(false);
            var key = channel.register(selector, SelectionKey.OP_READ);
            var protocol = protocols.get();
            var connection = new LineConnection(channel, key, protocol, run);
            key.attach(connection);
            protocol.connected(connection);
        }
    }
}
