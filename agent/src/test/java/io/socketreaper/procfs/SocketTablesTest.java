package io.socketreaper.procfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as a little-endian kernel writes them. */
class SocketTablesTest {
    private static final int MANY = 100_000;

    @TempDir
    private Path directory;

    private RecordedProc proc;

    @BeforeAll
    static void recordedOnALittleEndianMachine() {
        Assumptions.assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    }

    @BeforeEach
    void record() {
        proc = new RecordedProc(directory);
    }

    @Test
    void aConnectionHasItsStateItsEndsAndItsUnreadBytes() throws IOException {
        proc.tcp("0100007F:1F90", "0A01A8C0:D431", "05", 6, 77);
        assertEquals(
                Map.of(
                        77L,
                        new SocketLine(
                                "TCP",
                                TcpState.FIN_WAIT2,
                                new Endpoint("127.0.0.1", 8080),
                                new Endpoint("192.168.1.10", 54321),
                                6)),
                read(77L).lines());
    }

    @Test
    void addressesAreWrittenAsPeopleWriteThem() throws IOException {
        proc.file(
                "net/tcp6",
                "head\n"
                        + line("00000000000000000000000000000000:0050", 1)
                        + line("0000000000000000FFFF00000100007F:0050", 2)
                        + line("00000000000000000000000001000000:0050", 3)
                        + line("B80D0120000000000000000001000000:0050", 4));
        var lines = read(1L, 2L, 3L, 4L).lines();
        assertEquals(
                List.of("*:80", "127.0.0.1:80", "[::1]:80", "[2001:db8::1]:80"),
                List.of(lines.get(1L), lines.get(2L), lines.get(3L), lines.get(4L)).stream()
                        .map(line -> line.local().toString())
                        .toList());
    }

    private static String line(String local, long inode) {
        return "   0: " + local
                + " 00000000000000000000000000000000:0000 01 00000000:00000000 00:00000000 00000000  0 0 " + inode
                + " 1 0 20 4 30 10 -1\n";
    }

    @Test
    void theQueueOfAListeningSocketIsNoBytes() throws IOException {
        proc.tcp("00000000:1F90", "00000000:0000", "0A", 7, 77);
        assertTrue(read(77L).lines().get(77L).listens());
        assertEquals(0, read(77L).lines().get(77L).unread());
    }

    @Test
    void theEndOfAPeerCountsAsOneByteUntilItIsRead() throws IOException {
        proc.tcp("0100007F:1F90", "0100007F:D431", "08", 1, 1)
                .tcp("0100007F:1F90", "0100007F:D432", "08", 0, 2)
                .tcp("0100007F:1F90", "0100007F:D433", "08", 7, 3);
        var lines = read(1L, 2L, 3L).lines();
        assertTrue(lines.get(1L).endUnread());
        assertEquals(0, lines.get(1L).unread());
        assertFalse(lines.get(2L).endUnread());
        assertEquals(6, lines.get(3L).unread());
    }

    @Test
    void everyFamilyIsFoundInItsOwnColumn() throws IOException {
        proc.file("net/unix", """
                Num       RefCount Protocol Flags    Type St Inode Path
                00000000eb219bae: 00000003 00000000 00000000 0001 03  1661
                000000001a5d6116: 00000002 00000000 00010000 0001 01 36653031 /run/a b.sock
                """)
                .file("net/netlink", """
                sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
                0000000036c03b7c 0   0          00000000 0        0        0     2        0        4
                """)
                .file("net/packet", """
                sk               RefCnt Type Proto  Iface R Rmem   User   Inode
                0000000036c03b7c 3      3    0003   2     1 0      0      55
                """)
                .file("net/udp", """
                   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                 1234: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 66 2
                """);
        var families = Map.of(1661L, "unix", 36653031L, "unix", 4L, "netlink", 55L, "packet", 66L, "UDP");
        var lines = read(families.keySet().toArray(Long[]::new)).lines();
        families.forEach(
                (inode, family) -> assertEquals(family, lines.get(inode).family()));
        assertEquals(families.size(), lines.size());
    }

    @Test
    void connectionsOfNobodyAreCountedByTheirPort() throws IOException {
        proc.tcp("0100007F:1F90", "0100007F:D431", "06", 0, 0).tcp("0100007F:1F90", "0100007F:D432", "06", 0, 0);
        assertEquals(Map.of(8080, 2), read(1L).timeWait());
    }

    @Test
    void aTableThatCannotBeReadIsNamed() throws IOException {
        proc.file("net/udp/is", "a directory, which cannot be read as root either");
        assertEquals(List.of("udp"), read(1L).unreadable());
    }

    @Test
    void hugeAndTornTablesAreNoTrouble() throws IOException {
        var text = new StringBuilder("head\n");
        for (int i = 0; i < MANY; i++) {
            text.append(line("0000000000000000FFFF00000100007F:0050", MANY + i));
        }
        proc.file("net/tcp6", text + "   1: garbage\n\n 1: x y z 0:0 a b c d 5\n" + text.substring(0, 40));
        assertTimeout(
                Duration.ofSeconds(20),
                () -> assertEquals(1, read(MANY + 5L, 5L).lines().size()));
    }

    private SocketTables read(Long... inodes) throws IOException {
        return SocketTables.of(proc.process(), Set.of(inodes));
    }
}
