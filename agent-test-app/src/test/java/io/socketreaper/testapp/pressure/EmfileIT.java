package io.socketreaper.testapp.pressure;

import static io.socketreaper.testapp.harness.AgentSays.says;
import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.AgentSays;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.FreePort;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.LoggedEvent;
import io.socketreaper.testapp.harness.RealProgram;
import io.socketreaper.testapp.harness.RetryAlone;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JVMs that leak until {@code Too many open files}, under {@code ulimit -n}; their clients are in this JVM. */
@Isolated
@Execution(ExecutionMode.SAME_THREAD)
class EmfileIT {
    private static final String NETTY = "NettyEpollDescriptorEater";
    private static final int LIMIT = 300;
    /** Descriptors that are left when the sockets are given time to become old. */
    private static final int LEFT = 3;

    private static final int LATE_CLIENTS = 20;
    private static final int WITHIN_MILLIS = 2000;
    /** Descriptors that are left while the agent is asked whether the sockets are old; a command takes three. */
    private static final int ROOM = 24;
    /** Three times the {@code pressure.timeout} of these tests. */
    private static final int OLD_MILLIS = 1500;
    /** Only running out helps: the timeout is an hour, and there is no pressure before the last descriptor. */
    private static final String ONLY_AT_THE_END = "timeout=1h,pressure=100%,pressure.timeout=500ms,pressure.gc=false";

    private static final EventPattern SHORTAGE = event("out-of-descriptors")
            .between("descriptors_open", LIMIT - 10, LIMIT)
            .with("descriptors_limit", LIMIT);

    private static final Pattern SERVED = Pattern.compile("SERVED after (\\d+) ms");

    /** A child and where its server listens. */
    private record Server(ChildJvm child, int port) {}

    /** They are filled side by side, and run out one after another. */
    @Test
    void aServerThatRanOutServesAgainWithinTwoSeconds() throws Exception {
        String settings = "action=drain," + ONLY_AT_THE_END;
        Map<String, FutureTask<Server>> servers = new LinkedHashMap<>();
        Map<String, ChildJvm> served = new LinkedHashMap<>();
        try {
            for (var kind : List.of("channel", "selector", "socket", "async", NETTY)) {
                var server = new FutureTask<>(() -> full(kind, settings));
                servers.put(kind, server);
                new Thread(server, "fills " + kind).start();
            }
            // Nothing else is to be at work when the first runs out.
            for (var server : servers.values()) {
                server.get();
            }
            for (var server : servers.entrySet()) {
                String kind = server.getKey();
                served.put(kind, servesAgain(server.getValue().get(), () -> full(kind, settings)));
            }
            served.forEach(EmfileIT::hasReleasedWhatItNeeded);
        } finally {
            for (var server : servers.values()) {
                closeIfFilled(server);
            }
            served.values().forEach(ChildJvm::close);
        }
    }

    private static void closeIfFilled(FutureTask<Server> server) throws InterruptedException {
        try {
            server.get().child().close();
        } catch (ExecutionException notFilled) {
            // the test has failed with that
        }
    }

    private static void hasReleasedWhatItNeeded(String kind, ChildJvm child) {
        var shortage = child.awaitEvent(SHORTAGE.atLeast("released", 1)
                .with("collecting", false)
                .with("close_wait", 0)
                .with("listen", 1)
                .between("finished", 200, 299)
                .having("established", "fin_wait", "other_sockets", "pipes", "selectors", "eventfds", "files", "others")
                .having("descriptors_now", "since_ms"));
        largestSiteIs(
                child,
                shortage,
                kind.equals(NETTY) ? "^" + NETTY : "^io\\.socketreaper\\.testapp\\.pressure\\.DescriptorEater\\.");
        child.awaitEvent(event("descriptors-left")
                .with("descriptors_limit", LIMIT)
                .between("descriptors_before", LIMIT - 10, LIMIT)
                .between("released", 200, 399)
                .with("collected", false)
                .having("lasted_ms"));
        child.expectEvents(1, event("out-of-descriptors")).expectEvents(1, event("pressure-begun"));
        if (!kind.equals(NETTY)) {
            // it logs what it cannot accept
            child.expectOnlyOwnLines();
        }
        child.awaitEvent(event("pressure-ended").with("descriptors_limit", LIMIT));
    }

    /** The leak site that has lost most is half-closed and in that code. */
    private static void largestSiteIs(ChildJvm child, LoggedEvent shortage, String code) {
        var sites = shortage.list("sites");
        child.expect("a leak site in " + shortage, false, sites.isEmpty());
        child.expectEvent(
                leak().with("site", sites.get(0)).with("kind", "half-closed").at(code));
    }

    /** An operator searches a log for this word, whatever else is reworded. */
    @Test
    void theTextOfTheLogSaysOutOfDescriptors() throws Exception {
        var server = full("channel", "action=drain,log=stderr," + ONLY_AT_THE_END);
        try (var child = server.child()) {
            var clients = new Clients(server.port(), LATE_CLIENTS);
            child.awaitErr("WARN  \\[socket-reaper] OUT OF DESCRIPTORS \\(\"Too many open files\"\\)");
            child.awaitOut("SERVED");
            clients.expectRightAnswers();
            child.expectErr(1, "OUT OF DESCRIPTORS").expectOnlyOwnLines();
        }
    }

    /** What is opened need not be watched, nor what is lost be a socket. */
    @Test
    void whateverCannotBeOpenedIsHeardOf() throws Exception {
        try (var child = Jvm.program(DescriptorEater.class, "open")
                .descriptors(LIMIT)
                .agent(ONLY_AT_THE_END)
                .start()) {
            child.awaitWatching();
            var kinds = List.of("ServerSocketChannel", "ServerSocket", "unix-domain SocketChannel");
            for (int i = 1; i <= kinds.size(); i++) {
                child.tell("fill");
                child.awaitOut("FAILED " + kinds.get(i - 1) + ": .*Too many open files");
                child.awaitEvents(
                        i,
                        event("pressure-begun")
                                .between("descriptors_open", LIMIT - 10, LIMIT)
                                .with("descriptors_limit", LIMIT));
                child.tell("free");
                child.awaitEvents(i, event("pressure-ended"));
            }
            child.expectEvents(1, event("out-of-descriptors")).expectOnlyOwnLines();
        }
    }

    @Test
    void metricsAreServedAgainAndTellOfIt() throws Exception {
        int port = FreePort.next();
        var over = new AtomicBoolean();
        var scraper = new Thread(() -> {
            while (!over.get()) {
                try {
                    scrape(port);
                } catch (IOException notNow) {
                    // what was asked in need must not spoil what comes later
                }
            }
        });
        scraper.start();
        try (var child = servesAgain("channel", "action=drain," + ONLY_AT_THE_END + ",metrics=127.0.0.1:" + port)) {
            child.awaitEvent(event("descriptors-left"));
            over.set(true);
            scraper.join();
            var figures = scrapeAgain(port);
            child.expect(
                    "scrape " + figures,
                    true,
                    Pattern.compile(
                                    "socketreaper_sockets_released_total\\{action=\"drained\",kind=\"half-closed\"} [1-9]")
                            .matcher(figures)
                            .find());
            child.expectEvents(0, says("internal error"));
        } finally {
            over.set(true);
        }
    }

    /** The server may still pause after an accept that failed, and have a queue of connections that were given up since. */
    private static String scrapeAgain(int port) throws Exception {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        var figures = "";
        while (figures.isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.sleep(100);
            try {
                figures = scrape(port);
            } catch (IOException notYet) {
                figures = "";
            }
        }
        return figures;
    }

    private static String scrape(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            socket.setSoTimeout(WITHIN_MILLIS);
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect-channel", "connect-socket"})
    void aClientThatRanOutConnectsAgainWithinTwoSeconds(String kind) throws Exception {
        for (int tries = 1; ; tries++) {
            try (var peer = new Answerer();
                    var child = Jvm.program(DescriptorEater.class, kind, "" + peer.port())
                            .descriptors(LIMIT)
                            .option("-XX:+EnableDynamicAgentLoading")
                            .agent("action=drain," + ONLY_AT_THE_END)
                            .start()) {
                child.awaitOut("port ");
                child.ask("1");
                child.awaitWatching();
                child.ask("" + (LIMIT - ROOM - openIn(child)));
                awaitOldSockets(child);
                child.ask("" + (LIMIT - LEFT - openIn(child)));
                child.ask("" + LATE_CLIENTS);
                if (isInTime(child, tries)) {
                    var shortage = child.awaitEvent(
                            event("out-of-descriptors").atLeast("released", 1).with("collecting", false));
                    largestSiteIs(
                            child, shortage, "^io\\.socketreaper\\.testapp\\.pressure\\.DescriptorEater\\.ask\\b");
                    child.expectOnlyOwnLines();
                    return;
                }
            }
        }
    }

    @Test
    void logReportsAndTouchesNothing() throws Exception {
        var server = full("channel", "action=log," + ONLY_AT_THE_END);
        try (var child = server.child()) {
            var clients = new Clients(server.port(), LATE_CLIENTS);
            var shortage = child.awaitEvent(
                    SHORTAGE.with("released", 0).with("collecting", false).having("descriptors_now"));
            largestSiteIs(child, shortage, "^io\\.socketreaper\\.testapp\\.pressure\\.DescriptorEater\\.");
            staysFull(child);
            child.expect("served after the failure", false, child.out().stream().anyMatch(SERVED.asPredicate()));
            child.expectEvents(1, event("out-of-descriptors"))
                    .expectEvents(0, event("descriptors-left"))
                    .expectEvents(0, event("pressure-ended"))
                    .expectEvents(0, leak().withOneOf("outcome", "drained", "closed", "closed-by-application"))
                    .expectOnlyOwnLines();
            child.close();
            clients.end();
        }
    }

    @Test
    void aCollectionFreesDroppedSockets() throws Exception {
        try (var child = servesAgain("dropped-socket", "action=drain,timeout=1h,pressure=100%")) {
            var shortage = child.awaitEvent(event("out-of-descriptors")
                    .having("established")
                    .between("close_wait", 200, 299)
                    .with("released", 0)
                    .with("collecting", true));
            child.expect("leak sites", List.of(), shortage.list("sites"));
            child.awaitEvent(event("descriptors-left").with("collected", true).with("effective", true));
            child.expectOnlyOwnLines();
        }
    }

    @Test
    void withoutACollectionDroppedSocketsStay() throws Exception {
        var server = full("dropped-socket", "action=drain," + ONLY_AT_THE_END);
        try (var child = server.child()) {
            var clients = new Clients(server.port(), LATE_CLIENTS);
            child.awaitEvent(event("out-of-descriptors").with("collecting", false));
            staysFull(child);
            child.expectEvents(0, event("out-of-descriptors").with("collecting", true))
                    .expectEvents(0, event("descriptors-left"));
            child.close();
            clients.end();
        }
    }

    /** The JDK never closes a dropped channel; the collection proves that it was dropped, the agent closes it. */
    @Test
    void aCollectionProvesDroppedChannels() throws Exception {
        try (var child = servesAgain(
                "dropped-channel", "action=drain,track=all,timeout=1h,pressure=100%,pressure.timeout=500ms")) {
            child.awaitEvent(leak("unreachable", "proven"));
            child.awaitEvent(event("descriptors-left")
                    .atLeast("released", 1)
                    .with("collected", true)
                    .with("effective", true));
            child.expectOnlyOwnLines();
        }
    }

    /** Below the limit nothing fails. */
    @Test
    void underPressureNothingRunsOut() throws Exception {
        try (var child = Jvm.program(DescriptorEater.class, "channel")
                .descriptors(LIMIT)
                .agent("action=drain,timeout=1h,pressure=60%,pressure.timeout=500ms")
                .start()) {
            int port = port(child);
            child.awaitWatching();
            for (int i = 0; i < 3 * LIMIT; i++) {
                ask(port, i);
                awaitFree(child);
            }
            child.awaitEvent(event("pressure-begun")
                    .between("descriptors_open", LIMIT * 6 / 10, LIMIT - 1)
                    .with("descriptors_limit", LIMIT)
                    .with("timeout_ms", 500));
            child.awaitEvent(event("pressure-ended").with("descriptors_limit", LIMIT));
            child.expect(
                    "failures",
                    0L,
                    child.out().stream()
                            .filter(line -> line.startsWith("FAILED"))
                            .count());
            child.expectEvents(0, event("out-of-descriptors")).expectOnlyOwnLines();
        }
    }

    /** A client does not come so fast that a busy machine, whose stops count for no idle time, cannot follow. */
    private static void awaitFree(ChildJvm child) throws Exception {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (openIn(child) > LIMIT * 9 / 10) {
            child.expect("descriptors become free again", true, System.nanoTime() - deadline < 0);
            Thread.sleep(10);
        }
    }

    private static ChildJvm servesAgain(String kind, String settings) throws Exception {
        return servesAgain(full(kind, settings), () -> full(kind, settings));
    }

    /** The best of three: a machine that is busy with other things makes the agent late, and then it waits on purpose. */
    private static ChildJvm servesAgain(Server first, Callable<Server> another) throws Exception {
        var server = first;
        for (int tries = 1; ; tries++) {
            try {
                var clients = new Clients(server.port(), LATE_CLIENTS);
                server.child().awaitOut("SERVED");
                clients.expectRightAnswers();
                if (isInTime(server.child(), tries)) {
                    return server.child();
                }
            } catch (Throwable failed) {
                server.child().close();
                throw failed;
            }
            server.child().close();
            server = another.call();
        }
    }

    private static boolean isInTime(ChildJvm child, int tries) {
        child.awaitOut("FAILED .*Too many open files");
        var served = SERVED.matcher(child.awaitOut("SERVED").out().stream()
                .filter(SERVED.asPredicate())
                .findFirst()
                .orElseThrow());
        served.find();
        int after = Integer.parseInt(served.group(1));
        boolean inTime = after <= WITHIN_MILLIS + RetryAlone.excuse(child, tries);
        if (!inTime && tries == RetryAlone.TRIES) {
            throw child.failure("served again only after " + after + " ms");
        }
        System.out.println("EmfileIT: served again after " + after + " ms");
        return inTime;
    }

    /** A server with hardly a descriptor left, and old sockets. */
    private static Server full(String kind, String settings) throws Exception {
        // Nothing but the agent is to cause a collection.
        var child = eater(kind)
                .descriptors(LIMIT)
                .option("-XX:+UseSerialGC", "-Xmn200m", "-XX:+EnableDynamicAgentLoading")
                .agentWithItsLog(settings.contains("log=") ? settings : settings + "," + Jvm.JSON)
                .start();
        try {
            int port = port(child);
            ask(port, 0);
            child.awaitWatching();
            if (settings.contains("metrics=")) {
                child.awaitEvent(AgentSays.metricsServed());
            }
            int clients = fill(child, port, 1, LIMIT - ROOM);
            if (!kind.equals("dropped-socket")) {
                awaitOldSockets(child);
            }
            fill(child, port, clients, LIMIT - LEFT);
            return new Server(child, port);
        } catch (Throwable failed) {
            child.close();
            throw failed;
        }
    }

    /** Has the child leak until so many descriptors are open; returns the number of the next client. */
    private static int fill(ChildJvm child, int port, int client, int descriptors) throws IOException {
        int next = client;
        for (; openIn(child) < descriptors; next++) {
            child.expect("answered clients below the limit", true, next < LIMIT);
            ask(port, next);
        }
        return next;
    }

    /**
     * Until most of the leaked sockets have been idle for three times as long as {@link #ONLY_AT_THE_END} asks for: a busy machine begins windows
     * anew, and each look keeps it busy.
     */
    private static synchronized void awaitOldSockets(ChildJvm child) {
        Tool.await(
                child,
                "old sockets",
                sockets -> {
                    int old = 0;
                    for (var socket : sockets.getAsJsonArray()) {
                        old += socket.getAsJsonObject().get("idleMillis").getAsLong() >= OLD_MILLIS ? 1 : 0;
                    }
                    return old >= LIMIT / 2;
                },
                "sockets",
                Long.toString(child.pid()),
                "--limit",
                Integer.toString(LIMIT));
    }

    /** For as long as a release may take, every descriptor stays open. */
    private static void staysFull(ChildJvm child) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WITHIN_MILLIS);
        while (System.nanoTime() - end < 0) {
            child.expect("open descriptors", true, openIn(child) >= LIMIT - LEFT);
            Thread.sleep(20);
        }
    }

    private static Jvm eater(String kind) {
        if (!kind.equals(NETTY)) {
            return Jvm.program(DescriptorEater.class, kind);
        }
        var programs = RealProgram.of("corpus/frameworks/frameworks-native.tsv", "corpus/frameworks");
        RealProgram.fetchLibraries(programs);
        return programs.stream()
                .filter(program -> program.name().equals(NETTY))
                .findFirst()
                .orElseThrow()
                .compile()
                .jvm(0, 0);
    }

    private static int port(ChildJvm child) {
        return Integer.parseInt(child.awaitOut("port ").out().get(0).substring("port ".length()));
    }

    private static int openIn(ChildJvm child) throws IOException {
        try (var open = Files.list(Path.of("/proc/" + child.pid() + "/fd"))) {
            return (int) open.count();
        }
    }

    /** The child sees unread bytes and the end of input. */
    private static void ask(int port, int number) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) ChildJvm.PATIENCE.toMillis());
            socket.getOutputStream().write((number + "\n").getBytes(StandardCharsets.US_ASCII));
            var expected = "answer " + number + "\n";
            var got = new String(socket.getInputStream().readNBytes(expected.length()), StandardCharsets.US_ASCII);
            if (!got.equals(expected)) {
                throw new AssertionError("got '" + got + "' instead of '" + expected + "'");
            }
            socket.getOutputStream().write("thanks\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Clients that ask all at the same time. */
    private static final class Clients {
        private final List<Future<?>> clients = new ArrayList<>();

        Clients(int port, int count) {
            var threads = Executors.newFixedThreadPool(count, task -> {
                var thread = new Thread(task, "late client");
                thread.setDaemon(true);
                return thread;
            });
            for (int i = 0; i < count; i++) {
                int number = 1000 + i;
                clients.add(threads.submit((Callable<?>) () -> {
                    ask(port, number);
                    return null;
                }));
            }
            threads.shutdown();
        }

        void expectRightAnswers() throws Exception {
            for (var client : clients) {
                client.get(ChildJvm.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }

        /** After their server has gone. */
        void end() {
            clients.forEach(client -> client.cancel(true));
        }
    }

    /** A server for children that connect: answers a line, waits for the end, says thanks and closes. */
    private static final class Answerer implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());

        Answerer() throws IOException {
            var thread = new Thread(this::answer, "answerer");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return listener.getLocalPort();
        }

        private void answer() {
            while (!listener.isClosed()) {
                try (var socket = listener.accept()) {
                    var in = socket.getInputStream();
                    var question = new String(in.readNBytes("question\n".length()), StandardCharsets.US_ASCII);
                    socket.getOutputStream().write(("answer " + question).getBytes(StandardCharsets.US_ASCII));
                    in.readAllBytes();
                    socket.getOutputStream().write("thanks\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException over) {
                    // closed, or the child was ended
                }
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
