package io.socketreaper.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.ListenAddress;
import io.socketreaper.imaginary.RecordingLogger;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real clients, most of them hostile, on a real socket. */
class HttpOutletTest {
    private static final long LIFE_MILLIS = 1_500;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int MOST_THREADS = 5;
    /** Connections, the listener and what a selector needs. */
    private static final int MOST_DESCRIPTORS = 32 + 8;

    private final RecordingLogger log = new RecordingLogger();
    private final List<Socket> sockets = new ArrayList<>();
    private final CountDownLatch answering = new CountDownLatch(1);
    private HttpOutlet outlet;
    private Set<String> descriptorsBefore;

    /** The first command from outside that a JVM is sent, such as {@code list}, opens a descriptor for good; it may come at any time. */
    @BeforeAll
    static void isSentACommand() throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        var pid = Long.toString(ProcessHandle.current().pid());
        Process command = new ProcessBuilder(jcmd.toString(), pid, "VM.version")
                .redirectErrorStream(true)
                .start();
        var said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, command.waitFor(), said);
    }

    @BeforeEach
    void open() throws Exception {
        // the first outlet loads what stays
        HttpOutlet.open(
                        "warm",
                        ListenAddress.parse("127.0.0.1:0"),
                        SelectorProvider.provider(),
                        this::answer,
                        log,
                        LIFE_MILLIS)
                .close();
        descriptorsBefore = descriptors();
        outlet = HttpOutlet.open(
                "test",
                ListenAddress.parse("127.0.0.1:0"),
                SelectorProvider.provider(),
                this::answer,
                log,
                LIFE_MILLIS);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        outlet.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        until("its threads are gone", () -> threads().isEmpty());
        until(
                () -> "its descriptors are closed: " + newDescriptors(),
                () -> newDescriptors().isEmpty());
    }

    private HttpResponse answer(HttpRequest ask) {
        if (ask.path().equals("/slow")) {
            answering.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException stopped) {
                // by the end of the outlet
            }
        }
        if (ask.path().equals("/fail")) {
            throw new IllegalStateException("secret");
        }
        return HttpResponse.text(
                200,
                ask.method() + " " + ask.path() + " " + ask.query() + " " + ask.body().length + " "
                        + ask.header("x-test"));
    }

    @Test
    void answersGetHeadAndPostOncePerConnection() throws Exception {
        String got = ask("GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\nX-Test: yes\r\n\r\n");
        assertTrue(got.startsWith("HTTP/1.1 200 OK\r\n"), got);
        assertTrue(got.endsWith("\r\n\r\nGET /a b c=d 0 yes"), got);
        assertTrue(got.contains("\r\nConnection: close\r\n"), got);
        assertFalse(got.contains("Server:") || got.contains("etty"), got);

        String head = ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(head.contains("Content-Length: 10\r\n") && head.endsWith("\r\n\r\n"), head);

        String posted = ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
        assertTrue(posted.endsWith("POST /  5 "), posted);
    }

    @Test
    void turnsAwayOtherMethodsLargeBodiesAndLargeHeaders() throws Exception {
        assertStatus(405, "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertStatus(413, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16385\r\n\r\n");
        assertStatus(
                413,
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n" + "x".repeat(0x5000)
                        + "\r\n0\r\n\r\n");
        assertStatus(431, "GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(9_000) + "\r\n\r\n");
        assertStatus(414, "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertStatus(400, "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n");
        assertAnswers();
    }

    @Test
    void saysNothingOfAFailureToTheClient() throws Exception {
        for (int i = 0; i < 3; i++) {
            String got = ask("GET /fail HTTP/1.1\r\nHost: x\r\n\r\n");
            assertTrue(got.startsWith("HTTP/1.1 500 ") && !got.contains("secret"), got);
        }
        assertEquals(
                1,
                log.lines().stream()
                        .filter(line -> line.contains("could not be answered"))
                        .count(),
                log.lines().toString());
    }

    @Test
    void survivesGarbageAndOldAndImpatientClients() throws Exception {
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            var garbage = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(garbage);
            try (Socket socket = connect()) {
                socket.getOutputStream().write(garbage);
                if (i % 2 == 0) {
                    socket.setSoLinger(true, 0);
                }
            }
        }
        assertStatus(400, "\u0016\u0003\u0001\u0002\r\n\r\n");
        assertFalse(ask("GET /\r\n\r\n").contains(" 200 "), "HTTP/0.9");
        String pipelined = ask("GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
        assertTrue(pipelined.contains("/one") && !pipelined.contains("/two"), pipelined);
        assertAnswers();
        assertBounded();
        assertTrue(log.lines().size() < 40, () -> log.lines().size() + " lines: " + log.lines());
    }

    @Test
    void answersWhileAHundredClientsTrickleAndLetsGoOfThem() throws Exception {
        for (int i = 0; i < 100; i++) {
            trickle("GET / HTTP/1.1\r\nHost: x\r\n");
            if (i % 10 == 0) {
                assertAnswers();
            }
        }
        assertBounded();
        trickleUntilAllAreClosed("X");
        assertAnswers();
    }

    @Test
    void noThreadWaitsForABodyThatTrickles() throws Exception {
        for (int i = 0; i < 30; i++) {
            trickle("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
        }
        assertAnswers();
        trickleUntilAllAreClosed("x");
        assertAnswers();
    }

    @Test
    void answersWhileClientsDoNotReadTheirs() throws Exception {
        for (int i = 0; i < 30; i++) {
            trickle("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        assertAnswers();
        assertBounded();
    }

    /** The end of a detach: an answer that does not come must not make it a failure. */
    @Test
    void anAnswerThatTakesTooLongIsCutOffAtTheEnd() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(answering.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
            outlet.close();
            until("its threads are gone", () -> threads().isEmpty());
        }
    }

    @Test
    void answersTenThousandRequests() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals('H', socket.getInputStream().read());
            }
        }
        assertBounded();
        assertAnswers();
    }

    @Test
    void refusesAnAddressThatOthersCanReachUnlessAllowed() throws Exception {
        for (String wide : List.of("0.0.0.0:0", "[::]:0", "10.1.2.3:9404")) {
            assertNull(HttpOutlet.open(
                    "metrics", ListenAddress.parse(wide), false, SelectorProvider.provider(), this::answer, log));
        }
        assertEquals(
                3,
                log.lines().stream()
                        .filter(line -> line.contains("allow it with metrics.allow-remote=true"))
                        .count(),
                log.lines().toString());
        try (HttpOutlet wide = HttpOutlet.open(
                "metrics", ListenAddress.parse("0.0.0.0:0"), true, SelectorProvider.provider(), this::answer, log)) {
            assertNotNull(wide, () -> log.lines().toString());
        }
    }

    /** Without what a server of an earlier test may still have to say: all servers of a JVM have one log. */
    private List<String> ownLines() {
        return log.lines().stream()
                .filter(line -> !line.contains("a message of the HTTP server"))
                .toList();
    }

    @Test
    void aMaskedLogDoesNotSayOnWhichHost() throws Exception {
        ListenAddress ours = ListenAddress.parse("10.1.2.3:9404").masked();
        assertNull(HttpOutlet.open("page", ours, false, SelectorProvider.provider(), this::answer, log));
        assertNull(
                HttpOutlet.open("page", ours, true, SelectorProvider.provider(), this::answer, log),
                "the machine does not have that address");
        assertTrue(
                ownLines().get(0).contains("page=(masked):9404 is refused"),
                ownLines().toString());
        assertTrue(
                ownLines().get(1).contains("page=(masked):9404 is off: the agent cannot listen there: "),
                ownLines().toString());
        assertFalse(ownLines().toString().contains("10.1.2.3"), ownLines().toString());
        assertEquals("(masked):80", ours.withPort(80).toString());
    }

    @Test
    void saysInOneLineThatThePortIsInUse() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertNull(HttpOutlet.open(
                    "metrics",
                    ListenAddress.parse("127.0.0.1:" + taken.getLocalPort()),
                    false,
                    SelectorProvider.provider(),
                    this::answer,
                    log));
            assertEquals(1, ownLines().size(), ownLines().toString());
            assertTrue(
                    ownLines()
                            .get(0)
                            .contains("metrics=127.0.0.1:" + taken.getLocalPort()
                                    + " is off: the agent cannot listen there: "
                                    + "Address already in use"),
                    ownLines().toString());
        }
        assertTrue(
                threads().stream().noneMatch(name -> name.contains("metrics")),
                () -> threads().toString());
    }

    // -- What a client does and sees

    private Socket connect() throws IOException {
        var socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", outlet.address().port()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private void trickle(String start) throws IOException {
        Socket socket = connect();
        sockets.add(socket);
        socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
    }

    private void trickleUntilAllAreClosed(String more) {
        until("all are closed", () -> {
            boolean none = true;
            for (Socket socket : sockets) {
                try {
                    socket.getOutputStream().write(more.getBytes(StandardCharsets.US_ASCII));
                    none = false;
                } catch (IOException closed) {
                    // as it should
                }
            }
            return none;
        });
    }

    private String ask(String request) throws IOException {
        try (Socket socket = connect()) {
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException answeredBeforeAllWasSent) {
                // what it says is read all the same
            }
            var answer = new java.io.ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(answer);
            } catch (IOException reset) {
                // after the answer, because some of the request was not read
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private void assertStatus(int status, String request) throws IOException {
        String got = ask(request);
        assertTrue(got.startsWith("HTTP/1.1 " + status + " "), () -> "expected " + status + " but got " + got);
    }

    private void assertAnswers() throws IOException {
        assertStatus(200, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    private void assertBounded() {
        assertTrue(threads().size() <= MOST_THREADS, () -> threads().toString());
        // those of the clients are here too
        until("few descriptors are open", () -> newDescriptors().size() - open(sockets) <= MOST_DESCRIPTORS);
    }

    private static long open(List<Socket> sockets) {
        return sockets.stream().filter(socket -> !socket.isClosed()).count();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("socket-reaper-http"))
                .toList();
    }

    private Set<String> newDescriptors() {
        Set<String> links = descriptors();
        links.removeAll(descriptorsBefore);
        return links;
    }

    /** What the descriptors of this process are open to; sockets by number. */
    private static Set<String> descriptors() {
        var links = new HashSet<String>();
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
            try {
                links.add(descriptor.getName() + " " + Files.readSymbolicLink(descriptor.toPath()));
            } catch (IOException closedMeanwhile) {
                // such as that of the directory
            }
        }
        return links;
    }

    private static void until(String what, BooleanSupplier condition) {
        until(() -> what, condition);
    }

    private static void until(Supplier<String> what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "in " + PATIENCE_MILLIS + " ms not: " + what.get());
            Thread.onSpinWait();
        }
    }
}
