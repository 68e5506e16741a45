package io.socketreaper.stack.nio;

import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.Loopback;
import io.socketreaper.stack.SocketStack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.SocketReaperHook;

/**
 * The self-test of {@code SocketChannel}.
 *
 * @param all whether {@code track=all}
 */
public record NioHookProbe(HookTrace trace, boolean all) implements HookProbe {
    private static final int WAIT_MILLIS = 2000;
    private static final int[] OF_HALF_CLOSED = {
        SocketReaperHook.HALF_CLOSED,
        SocketReaperHook.READ,
        SocketReaperHook.READ_NOTHING,
        SocketReaperHook.INTEREST_CHANGED,
        SocketReaperHook.CLOSED
    };

    @Override
    public Result run(SocketStack stack) {
        SelectorProvider provider = stack.provider();
        trace.begin();
        try (ServerSocketChannel server = provider.openServerSocketChannel()) {
            server.bind(Loopback.anyPort(), 1);
            try (SocketChannel client = provider.openSocketChannel()) {
                client.configureBlocking(false);
                if (!client.connect(server.getLocalAddress()) && !finishConnect(provider, client)) {
                    return Result.couldNotRun("a loopback connection was not made");
                }
                server.configureBlocking(false);
                try (SocketChannel accepted = server.accept()) {
                    if (accepted == null) {
                        return Result.couldNotRun("a loopback connection was not accepted");
                    }
                    halfCloseReadAndClose(provider, client, accepted);
                }
            }
        } catch (IOException | RuntimeException noLoopback) {
            return Result.couldNotRun(noLoopback);
        }
        return trace.result(
                all ? HookTrace.withAll(OF_HALF_CLOSED) : OF_HALF_CLOSED,
                SocketReaperHook.END_OF_INPUT,
                SocketReaperHook.POLLED_INPUT);
    }

    /** Bounded, because a firewall may drop packets even on the loopback interface. */
    private static boolean finishConnect(SelectorProvider provider, SocketChannel client) throws IOException {
        try (Selector selector = provider.openSelector()) {
            client.register(selector, SelectionKey.OP_CONNECT);
            selector.select(WAIT_MILLIS);
            return client.finishConnect();
        }
    }

    private void halfCloseReadAndClose(SelectorProvider provider, SocketChannel client, SocketChannel peer)
            throws IOException {
        boolean told = SocketReaperHook.traffic;
        try (Selector selector = provider.openSelector()) {
            SocketReaperHook.traffic = all;
            SelectionKey key = client.register(selector, 0);
            client.shutdownOutput();
            peer.write(ByteBuffer.wrap(new byte[1]));
            key.interestOps(SelectionKey.OP_READ);
            selector.select(WAIT_MILLIS);
            client.read(ByteBuffer.allocate(1));
            client.socket().getInputStream().available();
            peer.shutdownOutput();
            selector.selectedKeys().clear();
            selector.select(WAIT_MILLIS);
            client.read(ByteBuffer.allocate(1));
            client.close();
        } finally {
            SocketReaperHook.traffic = told;
        }
    }
}
