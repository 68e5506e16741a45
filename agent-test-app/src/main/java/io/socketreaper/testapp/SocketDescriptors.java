package io.socketreaper.testapp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Counts the socket descriptors of this process as the kernel lists them. */
public final class SocketDescriptors {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path UNIX_SOCKETS = Path.of("/proc/net/unix");
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);
    private static final Duration STILL = Duration.ofMillis(300);
    private static final Duration LONGEST_UNREST = Duration.ofSeconds(5);

    private SocketDescriptors() {}

    public static int count() throws IOException {
        return links().size();
    }

    /**
     * The links of all descriptors that are sockets, such as {@code socket:[4711]}. A socket that the JVM itself listens on,
     * because another process has attached to it, is left out.
     */
    public static Set<String> links() throws IOException {
        var links = new HashSet<String>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (var descriptor : descriptors) {
                try {
                    var link = Files.readSymbolicLink(descriptor).toString();
                    if (link.startsWith("socket:")) {
                        links.add(link);
                    }
                } catch (NoSuchFileException e) {
                    // Closed between listing and reading.
                }
            }
        }
        links.removeAll(attachListeners());
        return links;
    }

    /**
     * The count once it has stood still for a while, the fewest seen: a tool inside this JVM may hold some sockets of its
     * own for a moment, as an agent does that tests itself.
     */
    public static int settled() throws IOException, InterruptedException {
        long giveUp = System.nanoTime() + LONGEST_UNREST.toNanos();
        int last = count();
        int fewest = last;
        long still = System.nanoTime();
        for (long now = still; now - still < STILL.toNanos() && now - giveUp < 0; now = System.nanoTime()) {
            Thread.sleep(LOOK_EVERY.toMillis());
            int count = count();
            if (count != last) {
                last = count;
                still = System.nanoTime();
            }
            fewest = Math.min(fewest, count);
        }
        return fewest;
    }

    /** Opens and closes one of everything, so that descriptors the JDK keeps for good are there before a baseline. */
    public static void warmUp() throws IOException {
        try (var selector = Selector.open();
                var server =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var client = SocketChannel.open(server.getLocalAddress());
                var accepted = server.accept()) {
            client.shutdownOutput();
            accepted.configureBlocking(false);
            selector.selectNow();
        }
        count();
    }

    /** Attaching to a JVM leaves it with a listening unix socket, which is no leak of the application's. */
    private static Set<String> attachListeners() throws IOException {
        var found = new HashSet<String>();
        for (var line : Files.readAllLines(UNIX_SOCKETS)) {
            if (line.contains(".java_pid")) {
                var columns = line.trim().split("\\s+");
                found.add("socket:[" + columns[6] + "]");
            }
        }
        return found;
    }
}
