package io.socketreaper.testapp.doc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The server of the runbook: answers {@code hello} as often as it is greeted, and closes a connection when the client does. A client
 * that says anything else is rejected: the server half-closes the connection and forgets it, until no descriptor is left. Needs
 * java.base only.
 */
final class RejectingServer {
    private static final int BACKLOG = 1024;
    private static final int TRY_AGAIN_MILLIS = 10;

    private final Map<Integer, SocketChannel> sessions = new HashMap<>();
    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private int count;
    private boolean failed;

    private RejectingServer() throws IOException {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] arguments) throws Exception {
        new RejectingServer().serve();
    }

    private void serve() throws IOException {
        System.out.println("port " + ((InetSocketAddress) listener.getLocalAddress()).getPort());
        while (true) {
            selector.select(this::handle);
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else {
                answer(key, (SocketChannel) key.channel());
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException why) {
        if (!failed) {
            System.err.println("ERROR accept failed: " + why);
        }
        failed = true;
        try {
            Thread.sleep(TRY_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept() throws IOException {
        for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            sessions.put(count++, channel);
        }
    }

    private void answer(SelectionKey key, SocketChannel channel) throws IOException {
        var line = ByteBuffer.allocate(100);
        if (channel.read(line) < 0) {
            channel.close();
            sessions.values().remove(channel);
        } else if (new String(line.array(), 0, line.position(), StandardCharsets.US_ASCII).startsWith("hello")) {
            channel.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.US_ASCII)));
        } else {
            reject(key, channel);
        }
    }

    private static void reject(SelectionKey key, SocketChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap("no\n".getBytes(StandardCharsets.US_ASCII)));
        key.interestOps(0);
        channel.shutdownOutput();
    }
}
