package io.socketreaper.testapp.release;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An echo server whose loop gives a meaning to a selection that finds no key. Half-closes a connection that begins with 9 and forgets it,
 * closes one that begins with 8 from another thread, and says on its standard output when its loop has ended or hangs.
 */
final class EmptySelections {
    enum Mode {
        /** The loop goes on while there are keys. */
        WHILE_KEYS,
        /** The loop takes it for a timeout, and ends. */
        TIMEOUT,
        /** Somebody has left one task and has woken the loop. */
        ONE_TASK
    }

    private static final int HALF_CLOSE = 9;
    private static final int CLOSE = 8;
    private static final int MINUTE = 60_000;

    private final Mode mode;
    private final ServerSocketChannel server;
    private final Selector selector;
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final BlockingQueue<SocketChannel> toClose = new LinkedBlockingQueue<>();
    private final List<Socket> clients = new ArrayList<>();

    private EmptySelections(Mode mode, ServerSocketChannel server, Selector selector) {
        this.mode = mode;
        this.server = server;
        this.selector = selector;
    }

    public static void main(String[] arguments) throws Exception {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var selector = Selector.open()) {
            var program = new EmptySelections(Mode.valueOf(arguments[0]), server, selector);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            program.start(program::loop);
            program.start(program::closeThem);
            program.play(((InetSocketAddress) server.getLocalAddress()).getPort());
        }
        System.exit(0);
    }

    private interface Work {
        void run() throws Exception;
    }

    private void start(Work work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (Exception failed) {
                System.out.println("failed: " + failed);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void play(int port) throws Exception {
        System.out.println("serves " + echoes(port, 1));
        for (int line = System.in.read(); line >= 0; line = System.in.read()) {
            switch (line) {
                case 'h' -> leakHalfClosed(port);
                case 'c' -> leakClosed(port);
                case 's' -> System.out.println("serves " + echoes(port, 1));
                case 't' -> {
                    tasks.add(() -> System.out.println("task done"));
                    selector.wakeup();
                }
                default -> {}
            }
        }
    }

    private static void leakHalfClosed(int port) throws IOException {
        try (var peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
            peer.getOutputStream().write(HALF_CLOSE);
            peer.getInputStream().read();
            peer.getOutputStream().write(new byte[5]);
        }
    }

    /** Its client stays, so that only the agent wakes the loop. */
    private void leakClosed(int port) throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), port);
        clients.add(client);
        client.getOutputStream().write(CLOSE);
        client.getInputStream().read();
    }

    /** Its client stays, too: a wake-up that comes together with the end of its input would be part of that selection. */
    private boolean echoes(int port, int first) {
        try {
            var client = new Socket(InetAddress.getLoopbackAddress(), port);
            clients.add(client);
            client.setSoTimeout(5_000);
            client.getOutputStream().write(first);
            return client.getInputStream().read() == first;
        } catch (IOException noAnswer) {
            return false;
        }
    }

    private void closeThem() throws Exception {
        while (true) {
            SocketChannel channel = toClose.take();
            // The loop has begun to select again by then: before, it would free the channel.
            TimeUnit.MILLISECONDS.sleep(300);
            channel.close();
        }
    }

    private void loop() throws Exception {
        while (true) {
            int keys = mode == Mode.TIMEOUT ? selector.select(MINUTE) : selector.select();
            if (keys == 0) {
                System.out.println("found nothing");
                if (mode != Mode.ONE_TASK) {
                    return;
                }
                tasks.take().run();
            }
            for (SelectionKey key : selector.selectedKeys()) {
                handle(key);
            }
            selector.selectedKeys().clear();
        }
    }

    private void handle(SelectionKey key) throws IOException {
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            SocketChannel accepted = server.accept();
            accepted.configureBlocking(false);
            accepted.register(selector, SelectionKey.OP_READ);
            return;
        }
        var channel = (SocketChannel) key.channel();
        var bytes = ByteBuffer.allocate(8);
        try {
            if (channel.read(bytes) < 0) {
                channel.close();
                return;
            }
            channel.write(bytes.flip());
        } catch (IOException condemned) {
            channel.close();
            return;
        }
        if (bytes.get(0) == HALF_CLOSE) {
            key.interestOps(0);
            channel.shutdownOutput();
        } else if (bytes.get(0) == CLOSE) {
            toClose.add(channel);
        }
    }
}
