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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An echo server with one event loop, which ends a conversation by a half-close and forgets the channel. Then its key never becomes
 * ready, and the loop is not written for one that does. Says how often a thread of the loop has died, and whether it still serves. Begins to leak with a line on its standard input.
 */
final class DispatchLoop {
    /** What the application does with the key of a conversation that has ended, and what its loop makes of such a key. */
    enum Mode {
        /** Without attachment the loop throws a NullPointerException. */
        TAKES_OFF,
        /** The loop throws a ClassCastException. */
        MARKS,
        /** Nothing; the loop throws an IllegalStateException for a key that is ready although it has no interest of its own. */
        ASSERTS,
        /** No key has an attachment; the loop reads. */
        BARE
    }

    private static final int LEAKS = 20;
    private static final int LAST = 9;
    private static final byte[] UNREAD = new byte[5];
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);

    private final Mode mode;
    private final ServerSocketChannel server;
    private final Selector selector = Selector.open();
    private final Queue<SocketChannel> leaked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger deaths = new AtomicInteger();

    private DispatchLoop(Mode mode, ServerSocketChannel server) throws IOException {
        this.mode = mode;
        this.server = server;
    }

    /** What a key's attachment is where there is one. */
    private static final class Conversation {
        private final ByteBuffer bytes = ByteBuffer.allocate(8);
        private boolean over;
    }

    public static void main(String[] arguments) throws Exception {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            var loop = new DispatchLoop(Mode.valueOf(arguments[0]), server);
            server.configureBlocking(false);
            server.register(loop.selector, SelectionKey.OP_ACCEPT);
            loop.startThread();
            // The agent tests a stack once it is used, which the test waits for.
            System.out.println("serves " + serves(port));
            while (System.in.read() != '\n') {
                // up to the end of the line
            }
            List<Socket> peers = new ArrayList<>();
            for (int i = 0; i < LEAKS; i++) {
                var peer = new Socket(InetAddress.getLoopbackAddress(), port);
                peer.getOutputStream().write(LAST);
                peer.getInputStream().read();
                peer.getOutputStream().write(UNREAD);
                peers.add(peer);
            }
            long start = System.nanoTime();
            while ((loop.leaked.size() < LEAKS || loop.leaked.stream().anyMatch(SocketChannel::isOpen))
                    && System.nanoTime() - start < LONGEST) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            System.out.println("deaths " + loop.deaths + ", serves " + serves(port) + ", open "
                    + loop.leaked.stream().filter(SocketChannel::isOpen).count() + " of " + loop.leaked.size());
        }
        System.exit(0);
    }

    private static boolean serves(int port) throws IOException {
        try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(5_000);
            client.getOutputStream().write(7);
            return client.getInputStream().read() == 7;
        } catch (IOException noAnswer) {
            return false;
        }
    }

    private void startThread() {
        var thread = new Thread(this::run, "loop");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((dead, failed) -> {
            deaths.incrementAndGet();
            startThread();
        });
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                selector.select(100);
                for (var keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                    SelectionKey key = keys.next();
                    if (key.isAcceptable()) {
                        keys.remove();
                        SocketChannel accepted = server.accept();
                        accepted.configureBlocking(false);
                        accepted.register(
                                selector, SelectionKey.OP_READ, mode == Mode.BARE ? null : new Conversation());
                    } else {
                        serve(key, mode == Mode.BARE ? new Conversation() : (Conversation) key.attachment());
                        keys.remove();
                    }
                }
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void serve(SelectionKey key, Conversation conversation) throws IOException {
        var channel = (SocketChannel) key.channel();
        if (conversation.over) {
            throw new IllegalStateException("ready, but not wanted");
        }
        conversation.bytes.clear();
        try {
            if (channel.read(conversation.bytes) < 0) {
                channel.close();
                return;
            }
        } catch (IOException reset) {
            System.out.println("told by its read");
            channel.close();
            return;
        }
        channel.write(conversation.bytes.flip());
        if (conversation.bytes.get(0) == LAST) {
            channel.shutdownOutput();
            conversation.over = true;
            key.interestOps(0);
            if (mode == Mode.TAKES_OFF) {
                key.attach(null);
            } else if (mode == Mode.MARKS) {
                key.attach("over");
            }
            leaked.add(channel);
        }
    }
}
