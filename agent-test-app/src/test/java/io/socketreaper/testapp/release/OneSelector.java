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
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A selector that holds many leaked channels and one that is in use. Its thread selects, selects without waiting, is busy for two seconds at a time, walks
 * slowly through the selector's keys or a copy of them, perhaps with a {@code selectNow()} at each step, or is not there. Says how long it took to leak them, how long the slowest leaked channel took
 * from its half-close until it was gone, and how the one in use has fared.
 */
final class OneSelector {
    private static final int BACKLOG = 500;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(90);
    private static final byte[] UNREAD = {1};
    /** What a slow walk through the selector's keys takes for each. */
    private static final int STEP_MILLIS = 120;

    private static final int POLL_MILLIS = 5;

    private record Leaked(SocketChannel channel, long halfClosedAt) {
        boolean isGone() {
            return !channel.isOpen() && !channel.isRegistered();
        }
    }

    private static volatile String trouble = "";
    private static volatile long rounds;

    private OneSelector() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        List<Object> held = new ArrayList<>();
        try (var server = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
                var selector = Selector.open()) {
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            var used = new Socket(InetAddress.getLoopbackAddress(), port);
            SocketChannel using = server.accept();
            using.configureBlocking(false);
            using.register(selector, SelectionKey.OP_READ);
            List<Leaked> leaked = new LinkedList<>();
            long first = System.nanoTime();
            for (int i = 0; i < count; i++) {
                var peer = new Socket(InetAddress.getLoopbackAddress(), port);
                SocketChannel ours = server.accept();
                peer.getOutputStream().write(UNREAD);
                ours.shutdownOutput();
                long halfClosedAt = System.nanoTime();
                ours.configureBlocking(false);
                ours.register(selector, 0);
                leaked.add(new Leaked(ours, halfClosedAt));
                held.add(peer);
            }
            long start = System.nanoTime();
            if (!arguments[1].equals("none")) {
                var loop = new Thread(() -> loop(selector, arguments[1]), "loop");
                loop.setDaemon(true);
                loop.start();
            }
            var echoing = new Thread(() -> echo(used), "user");
            echoing.setDaemon(true);
            if (arguments[1].equals("selects")) {
                echoing.start();
            }
            long slowest = 0;
            while (!leaked.isEmpty() && trouble.isEmpty()) {
                long now = System.nanoTime();
                for (Iterator<Leaked> each = leaked.iterator(); each.hasNext(); ) {
                    Leaked next = each.next();
                    if (next.isGone()) {
                        slowest = Math.max(slowest, now - next.halfClosedAt());
                        each.remove();
                    }
                }
                if (now - start > LONGEST) {
                    trouble = "not gone";
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
            if (arguments[1].startsWith("walks")) {
                // The walk that was under way goes on to the keys that it has not come to.
                TimeUnit.MILLISECONDS.sleep(5 * STEP_MILLIS);
            }
            System.out.println("leaked in " + TimeUnit.NANOSECONDS.toMillis(start - first) + " ms, gone after "
                    + TimeUnit.NANOSECONDS.toMillis(slowest) + " ms, " + rounds + " echoes, in use " + using.isOpen()
                    + ", trouble " + trouble);
            // A peer that is collected is closed, and its FIN restarts the idle time of the leak.
            Reference.reachabilityFence(held);
        }
        System.exit(0);
    }

    private static void loop(Selector selector, String mode) {
        try {
            while (true) {
                switch (mode) {
                    case "busy" -> {
                        selector.select(1);
                        TimeUnit.SECONDS.sleep(2);
                    }
                    case "polls" -> {
                        selector.selectNow();
                        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                    }
                    case "walks", "walks-copy", "walks-selects" -> selector.select(1);
                    default -> selector.select();
                }
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.interestOps() == SelectionKey.OP_READ) {
                        answer((SocketChannel) key.channel());
                    }
                }
                selector.selectedKeys().clear();
                // As some look for timeouts: it meets no cancelled key.
                for (SelectionKey key :
                        mode.startsWith("walks-") ? new ArrayList<>(selector.keys()) : selector.keys()) {
                    if (mode.startsWith("walks")) {
                        TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
                    }
                    if (mode.equals("walks-selects")) {
                        selector.selectNow();
                    }
                    key.interestOps(key.interestOps());
                }
            }
        } catch (IOException | InterruptedException | RuntimeException failed) {
            trouble = failed.toString();
        }
    }

    /** What was handed back and is no channel of the user's is left alone, as by a loop that looks at its own state only. */
    private static void answer(SocketChannel channel) throws IOException {
        if (!channel.socket().isOutputShutdown()) {
            ByteBuffer bytes = ByteBuffer.allocate(8);
            channel.read(bytes);
            channel.write(bytes.flip());
        }
    }

    private static void echo(Socket user) {
        try {
            while (true) {
                user.getOutputStream().write(7);
                if (user.getInputStream().read() != 7) {
                    trouble = "no echo";
                }
                rounds = rounds + 1;
            }
        } catch (IOException failed) {
            trouble = failed.toString();
        }
    }
}
