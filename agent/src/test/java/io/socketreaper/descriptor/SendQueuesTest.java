package io.socketreaper.descriptor;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.model.Clock;
import io.socketreaper.stack.TcpConnection;
import io.socketreaper.stack.nio.NioSocket;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SendQueuesTest {
    private static final String HEADING =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
                    + "  timeout inode                                                     \n";

    @TempDir
    private Path directory;

    private final SendQueues queues = new SendQueues(Clock.SYSTEM);

    @AfterEach
    void close() {
        queues.close();
    }

    private int now(long inode) {
        return queues.of(inode, Clock.SYSTEM.nanoTime());
    }

    @Test
    void whatThePeerDoesNotTakeIsQueued() throws Exception {
        try (var connection = TcpConnection.open()) {
            long inode = Descriptors.inode(connection.link);
            await("all acknowledged", () -> now(inode) == 0);

            connection.ours.configureBlocking(false);
            int written = 0;
            for (int count = 1; count > 0; written += count) {
                count = connection.ours.write(ByteBuffer.allocate(64 * 1024));
            }
            int queued = now(inode);
            assertTrue(queued > 0 && queued <= written, queued + " of " + written);

            connection.peer.configureBlocking(false);
            await("all taken", () -> {
                connection.peer.read(ByteBuffer.allocate(1024 * 1024));
                return now(inode) == 0;
            });
        }
    }

    @Test
    void anIpv4SocketIsListed() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.INET)
                        .bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
                var ours = SocketChannel.open(StandardProtocolFamily.INET)) {
            ours.connect(server.getLocalAddress());
            long inode = Descriptors.inode(new ProcDescriptors(Clock.SYSTEM).link(NioSocket.number(ours)));
            assertEquals(0, now(inode));
        }
    }

    @Test
    void aConnectionThatHasEndedAndAStrangerAreUnknown() throws Exception {
        try (var connection = TcpConnection.halfClosed()) {
            connection.resetByPeer();
            await("ended", () -> connection.handle.snapshot().reset());
            assertEquals(SendQueues.UNKNOWN, now(Descriptors.inode(connection.link)));
        }
        assertEquals(SendQueues.UNKNOWN, now(0));
        assertEquals(SendQueues.UNKNOWN, now(Long.MAX_VALUE));
    }

    @Test
    void anOlderPassServesWhoeverDoesNotNeedANewerOne() throws Exception {
        var clock = new FakeClock();
        var file = directory.resolve("tcp");
        var some = new SendQueues(clock, file.toString());
        Files.writeString(file, line(7, 1));
        long before = clock.nanoTime();
        assertEquals(1, some.of(7, before));

        Files.writeString(file, line(7, 2));
        clock.advance(Duration.ofMillis(1));
        assertEquals(1, some.of(7, before));
        assertEquals(2, some.of(7, before + 1));
    }

    @Test
    void theyAreReadWithoutADescriptorLeft() throws Exception {
        var command = List.of(
                "sh",
                "-c",
                "ulimit -n 64 && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-MaxFDLimit",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
                "-cp",
                locationOf(SendQueuesTest.class) + File.pathSeparator + locationOf(SendQueues.class),
                Starved.class.getName());
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
        assertEquals(List.of("Too many open files", "0"), lines);
    }

    private static Path locationOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Opens files until it cannot any more; says why, and what a socket has queued. */
    static final class Starved {
        private Starved() {}

        public static void main(String[] none) throws Exception {
            var queues = new SendQueues(Clock.SYSTEM);
            queues.prepare();
            try (var server = ServerSocketChannel.open().bind(null);
                    var ours = SocketChannel.open(server.getLocalAddress())) {
                long inode = Descriptors.inode(new ProcDescriptors(Clock.SYSTEM).link(NioSocket.number(ours)));
                var files = new ArrayList<RandomAccessFile>();
                try {
                    while (true) {
                        files.add(new RandomAccessFile("/proc/self/status", "r"));
                    }
                } catch (IOException noneLeft) {
                    String why = noneLeft.getMessage();
                    System.out.println(why.substring(why.indexOf('(') + 1, why.indexOf(')')));
                    System.out.println(queues.of(inode, System.nanoTime()));
                    // No close: the JDK's first one needs descriptors itself.
                    Runtime.getRuntime().halt(0);
                }
            }
        }
    }

    @Test
    void aCrowdIsReadAndForgottenAgain() throws Exception {
        var file = directory.resolve("tcp");
        Files.writeString(file, lines(100_000));
        var crowd = new SendQueues(
                Clock.SYSTEM, file.toString(), directory.resolve("none").toString());
        long before = Clock.SYSTEM.nanoTime();
        crowd.prepare();
        for (int i = 1; i <= 100_000; i++) {
            assertEquals(i, crowd.of(i, before));
        }
        Files.writeString(file, lines(3));
        Files.writeString(directory.resolve("none"), HEADING + line(5, 50));
        for (int i = 0; i < 5; i++) {
            assertEquals(50, crowd.of(5, Clock.SYSTEM.nanoTime()));
        }
        assertEquals(3, crowd.of(3, before));
        assertEquals(SendQueues.UNKNOWN, crowd.of(4, before));
        crowd.close();
    }

    /** Each has queued as many bytes as its inode says. */
    private static String lines(int count) {
        var text = new StringBuilder(HEADING);
        for (int i = 1; i <= count; i++) {
            text.append(line(i, i));
        }
        return text.toString();
    }

    private static String line(int inode, int queued) {
        return "%4d: 0100007F:1F90 0100007F:C3B2 01 %08X:00000006 02:000AFC80 00000000     0        0 %d 2 00000000f2 20 4\n"
                .formatted(inode, queued, inode);
    }

    @Test
    void linesThatAreCutOrStrangeAreLeftOut() throws Exception {
        var file = directory.resolve("tcp");
        Files.writeString(
                file,
                lines(1) + "   2: 0100007F:1F90 0100007F:C3B2 01 00000002:0000\n\n"
                        + "   3: 0100007F:1F90 0100007F:C3B2 01 0000zzzz:00000000 02:000AFC80 00000000     0        0 3 2\n"
                        + "   4: 0100007F:1F90 0100007F:C3B2 01 FFFFFFFF:00000000 02:000AFC80 00000000     0        0 4\n"
                        + "   5: 0100007F:1F90 0100007F:C3B2 01 00000000:00000000 02:000AFC80 00000000     0        0 5");
        var some = new SendQueues(Clock.SYSTEM, file.toString());
        long before = Clock.SYSTEM.nanoTime();
        assertEquals(1, some.of(1, before));
        assertEquals(Integer.MAX_VALUE, some.of(4, before));
        for (int inode : new int[] {2, 3, 5}) {
            assertEquals(SendQueues.UNKNOWN, some.of(inode, before), "inode " + inode);
        }
    }
}
