package io.socketreaper.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.SocketReaperHook;

/**
 * Half-closes, reads and closes a socket of its own on the loopback interface and looks whether the hook says so: an agent
 * whose hook is dead would otherwise be silent for ever. No name is resolved; every wait is bounded.
 */
final class SelfTest {
    private static final int WAIT_MILLIS = 2000;

    /** @param dead true if a socket was half-closed and the hook missed something */
    record Result(boolean passed, boolean dead, String text) {
    }

    private final SelectorProvider provider;
    private final Events events;

    SelfTest(SelectorProvider provider, Events events) {
        this.provider = provider;
        this.events = events;
    }

    Result run() {
        try (ServerSocketChannel server = provider.openServerSocketChannel()) {
            var loopback = InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1});
            server.bind(new InetSocketAddress(loopback, 0), 1);
            try (SocketChannel client = provider.openSocketChannel()) {
                client.connect(server.getLocalAddress());
                server.configureBlocking(false);
                try (SocketChannel accepted = server.accept()) {
                    if (accepted == null) {
                        return new Result(false, false, "a loopback connection was not accepted");
                    }
                    return halfCloseReadAndClose(client, accepted);
                }
            }
        } catch (IOException | RuntimeException noLoopback) {
            return new Result(false, false, noLoopback.toString());
        }
    }

    private Result halfCloseReadAndClose(SocketChannel client, SocketChannel peer) throws IOException {
        client.configureBlocking(false);
        try (Selector selector = provider.openSelector()) {
            SelectionKey key = client.register(selector, 0);
            client.shutdownOutput();
            peer.write(ByteBuffer.wrap(new byte[1]));
            key.interestOps(SelectionKey.OP_READ);
            selector.select(WAIT_MILLIS);
            client.read(ByteBuffer.allocate(1));
            client.close();
        }
        var missed = new StringBuilder();
        note(missed, SocketReaperHook.HALF_CLOSED, "shutdownOutput");
        note(missed, SocketReaperHook.READ, "read");
        note(missed, SocketReaperHook.INTEREST_CHANGED, "interestOps");
        note(missed, SocketReaperHook.CLOSED, "close");
        return missed.length() == 0 ? new Result(true, false, "")
                : new Result(false, true, "the hook heard nothing of" + missed);
    }

    private void note(StringBuilder missed, int event, String method) {
        if (!events.seenBySelfTest(event)) {
            missed.append(' ').append(method);
        }
    }
}
