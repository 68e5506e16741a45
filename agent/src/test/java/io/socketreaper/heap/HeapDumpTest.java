package io.socketreaper.heap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dump of {@link HoldingProgram} shows. */
class HeapDumpTest {
    private static final Progress NONE = (what, done, total) -> {};

    @TempDir
    private static Path directory;

    private static Path file;
    private static List<HeapSocket> sockets;
    private static HeldSockets held;

    @BeforeAll
    static void takeADump() throws Exception {
        file = directory.resolve("program.hprof");
        var java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx64m",
                        "-cp",
                        Path.of(HoldingProgram.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                                .toString(),
                        HoldingProgram.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(java.waitFor(60, TimeUnit.SECONDS) && java.exitValue() == 0, said);
        try (var dump = HeapDump.open(file, NONE)) {
            sockets = dump.sockets();
            held = dump.holders(sockets);
        }
    }

    @Test
    void allOpenSocketsAreFoundAndNoClosedOne() {
        var counts = new TreeMap<SocketType, Integer>();
        sockets.forEach(socket -> counts.merge(socket.type(), 1, Integer::sum));
        assertEquals(
                Map.of(
                        SocketType.SOCKET, HoldingProgram.PARKED + 1,
                        SocketType.SERVER_SOCKET, 1,
                        // two chains, a weak one, and that of the selector
                        SocketType.SOCKET_CHANNEL, 3 + 3 + 1 + 1,
                        SocketType.DATAGRAM_CHANNEL, 1,
                        SocketType.ASYNC_CHANNEL, 1,
                        SocketType.ASYNC_SERVER_CHANNEL, 1,
                        SocketType.SELECTOR, 1,
                        // both ends of one
                        SocketType.PIPE, 2),
                counts);
        assertEquals(
                sockets.size(),
                sockets.stream().map(HeapSocket::descriptor).distinct().count());
    }

    @Test
    void connectedSocketsKnowTheirAddresses() {
        var listener = sockets.stream()
                .filter(socket -> socket.type() == SocketType.SERVER_SOCKET)
                .findFirst()
                .orElseThrow();
        String port = listener.local().substring(listener.local().indexOf(':'));
        assertNotEquals(":0", port);
        var channels = of(SocketType.SOCKET_CHANNEL);
        channels.addAll(of(SocketType.ASYNC_CHANNEL));
        for (var channel : channels) {
            assertEquals("127.0.0.1" + port, channel.remote(), channel.toString());
            assertTrue(channel.local().matches("127\\.0\\.0\\.1:\\d+"), channel.toString());
        }
        assertEquals(
                HoldingProgram.PARKED,
                of(SocketType.SOCKET).stream()
                        .filter(socket -> ("*" + port).equals(socket.local()))
                        .count());
    }

    @Test
    void parkedConnectionsAreOneGroupWithTheFieldThatHoldsThem() {
        var group = holding("static HoldingProgram.parked");
        assertEquals(HoldingProgram.PARKED, group.sockets().size());
        assertEquals(
                new HolderPath(
                        "class",
                        List.of(
                                new Holder(HoldingProgram.class.getName(), "static HoldingProgram.parked"),
                                new Holder("java.util.HashMap", "HashMap[*]"),
                                new Holder("java.net.Socket", "Socket.impl")),
                        "sun.nio.ch.NioSocketImpl"),
                group.path());
        assertTrue(group.path().showsApplication());
        assertEquals(group, held.groups().get(0), "the largest group of an application comes first");
    }

    @Test
    void aListIsOneHolderHoweverLongItIs() {
        assertEquals(3, holding("static HoldingProgram.chain").sockets().size());
        var nodes = holding("static HoldingProgram.nodes");
        assertEquals(3, nodes.sockets().size());
        assertEquals(
                List.of("static HoldingProgram.nodes", "HoldingProgram$Node.channel"),
                nodes.path().holders().stream().map(Holder::field).toList());
    }

    @Test
    void aLocalVariableIsNamedByItsThread() {
        var local = held.groups().stream()
                .filter(group -> group.path().root().contains("worker"))
                .toList();
        assertEquals(1, local.size(), held.toString());
        String root = local.get(0).path().root();
        assertTrue(root.startsWith("local variable of thread \"worker-*\" in "), root);
        assertTrue(
                root.contains("io.socketreaper.heap.HoldingProgram.holdInALocalVariable(HoldingProgram.java:"), root);
    }

    @Test
    void aWeakReferenceIsNoHolder() {
        assertEquals(
                List.of(SocketType.SOCKET_CHANNEL),
                held.unreachable().stream().map(HeapSocket::type).toList());
    }

    @Test
    void theKeysOfASelectorHoldAChannelIfNothingElseDoes() {
        var bySelector = held.groups().stream()
                .filter(group -> group.path().holders().stream()
                        .anyMatch(holder -> holder.className().equals("sun.nio.ch.EPollSelectorImpl")))
                .flatMap(group -> group.sockets().stream())
                .map(HeapSocket::type)
                .collect(Collectors.toSet());
        assertTrue(bySelector.contains(SocketType.SOCKET_CHANNEL), held.toString());
    }

    @Test
    void whatIsNoDumpOrCutOffIsAnError() throws IOException {
        var text = Files.writeString(directory.resolve("no.hprof"), "this is no dump of a heap");
        assertThrows(IOException.class, () -> HeapDump.open(text, NONE));
        byte[] all = Files.readAllBytes(file);
        var half = Files.write(directory.resolve("half.hprof"), Arrays.copyOf(all, all.length / 2));
        assertThrows(IOException.class, () -> HeapDump.open(half, NONE));
        var empty = Files.write(directory.resolve("empty.hprof"), new byte[0]);
        assertThrows(IOException.class, () -> HeapDump.open(empty, NONE));
    }

    @Test
    void theProgressIsTold() throws IOException {
        var told = new HashSet<String>();
        try (var dump = HeapDump.open(file, (what, done, total) -> told.add(what))) {
            assertFalse(dump.holders(dump.sockets()).groups().isEmpty());
        }
        assertEquals(Set.of("indexing", "looking for sockets", "searching"), told);
    }

    private static List<HeapSocket> of(SocketType type) {
        return sockets.stream().filter(socket -> socket.type() == type).collect(Collectors.toList());
    }

    private static HolderGroup holding(String field) {
        var found = held.groups().stream()
                .filter(group -> !group.path().holders().isEmpty())
                .filter(group -> group.path().holders().get(0).field().equals(field))
                .toList();
        assertEquals(1, found.size(), () -> field + " in " + held.groups());
        assertNotNull(found.get(0));
        return found.get(0);
    }
}
