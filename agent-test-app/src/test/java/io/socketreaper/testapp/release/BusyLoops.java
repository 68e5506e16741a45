package io.socketreaper.testapp.release;

import java.io.IOException;
import java.lang.ref.Reference;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loops that are busy for two seconds at a time, each at another moment when channels of its selector are leaked: in one of them the
 * agent hands its channels back right before that. A loop ignores what is ready; or, if {@code asks} or {@code asks-if-unset} is given, it asks for the input of
 * what was ready while it is busy, in any case or if the key does not ask yet, and reads when that is ready again. Says how long the slowest channel took from its half-close until
 * it was gone, for how many input was asked, and how many of those reads have failed.
 */
final class BusyLoops {
    private static final int LOOPS = 10;
    private static final int LEAKS_OF_EACH = 30;
    private static final int BUSY_MILLIS = 2_000;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);
    private static final byte[] UNREAD = {1};

    private static final AtomicInteger ASKED = new AtomicInteger();
    private static final AtomicInteger FAILED = new AtomicInteger();
    private static volatile String trouble = "";

    private record Leaked(SocketChannel channel, long halfClosedAt) {
        boolean isGone() {
            return !channel.isOpen() && !channel.isRegistered();
        }
    }

    private BusyLoops() {}

    public static void main(String[] arguments) throws Exception {
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            var selector = Selector.open();
            selectors.add(selector);
            var loop = new Thread(() -> loop(selector, arguments[0]), "busy-" + i);
            loop.setDaemon(true);
            loop.start();
            TimeUnit.MILLISECONDS.sleep(BUSY_MILLIS / LOOPS);
        }
        List<Object> held = new ArrayList<>();
        List<Leaked> leaked = new ArrayList<>();
        try (var server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LOOPS)) {
            for (int i = 0; i < LEAKS_OF_EACH * LOOPS; i++) {
                var peer = new Socket(
                        InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.getLocalAddress()).getPort());
                SocketChannel ours = server.accept();
                peer.getOutputStream().write(UNREAD);
                ours.configureBlocking(false);
                // A key without an attachment is handed back only if the agent knows that it never had one.
                ours.register(selectors.get(i % LOOPS), 0, "connection " + i);
                ours.shutdownOutput();
                long halfClosedAt = System.nanoTime();
                leaked.add(new Leaked(ours, halfClosedAt));
                held.add(peer);
            }
        }
        long start = System.nanoTime();
        long slowest = 0;
        while (!leaked.isEmpty() && trouble.isEmpty()) {
            long now = System.nanoTime();
            for (Leaked each : leaked) {
                slowest = each.isGone() ? Math.max(slowest, now - each.halfClosedAt()) : slowest;
            }
            leaked.removeIf(Leaked::isGone);
            if (now - start > LONGEST) {
                trouble = "not gone";
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        System.out.println("gone after " + TimeUnit.NANOSECONDS.toMillis(slowest) + " ms, asked for " + ASKED
                + ", failed " + FAILED + ", trouble " + trouble);
        Reference.reachabilityFence(held);
        System.exit(0);
    }

    private static void loop(Selector selector, String mode) {
        Set<SelectionKey> wanted = ConcurrentHashMap.newKeySet();
        try {
            while (true) {
                selector.select(1);
                List<SelectionKey> ready = new ArrayList<>(selector.selectedKeys());
                selector.selectedKeys().clear();
                for (SelectionKey key : ready) {
                    if (wanted.remove(key)) {
                        read((SocketChannel) key.channel());
                    }
                }
                TimeUnit.MILLISECONDS.sleep(BUSY_MILLIS / 2);
                for (SelectionKey key : ready) {
                    if (mode.startsWith("asks") && key.isValid()) {
                        wanted.add(key);
                        ASKED.incrementAndGet();
                        if (mode.equals("asks") || (key.interestOps() & SelectionKey.OP_READ) == 0) {
                            key.interestOps(SelectionKey.OP_READ);
                        }
                    }
                }
                TimeUnit.MILLISECONDS.sleep(BUSY_MILLIS / 2);
            }
        } catch (IOException | InterruptedException | RuntimeException failed) {
            trouble = failed.toString();
        }
    }

    private static void read(SocketChannel channel) throws IOException {
        try {
            if (channel.read(ByteBuffer.allocate(8)) < 0) {
                trouble = "an end of input";
            }
        } catch (IOException reset) {
            FAILED.incrementAndGet();
        }
        channel.close();
    }
}
