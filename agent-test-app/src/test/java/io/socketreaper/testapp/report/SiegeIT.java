package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.AgentSays.metricsPort;
import static io.socketreaper.testapp.harness.AgentSays.pagePort;
import static io.socketreaper.testapp.harness.EventPattern.any;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Both outlets besieged at once, under a log that cannot be written: the application goes on, and its leaks are released. */
class SiegeIT {
    private static final int GETS = 10_000;
    private static final int LEAST_GETS = 1_000;
    private static final Duration SIEGE = Duration.ofSeconds(30);
    private static final int GETTERS = 4;
    private static final int TRICKLERS = 100;
    /** An outlet lets go of its oldest connection; who is answered slowly may be that. */
    private static final int TRIES = 20;

    private static final int AT_ONCE = 10;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration IN_TIME = Duration.ofSeconds(15);
    private static final int MOST_THREADS = 2 * 5;
    private static final int MOST_LINES = 60;

    private static final byte[] SLOWLY = "X".getBytes(StandardCharsets.US_ASCII);

    /** What is still to be asked for. */
    private final AtomicInteger left = new AtomicInteger(GETS);

    @Test
    void neitherTheApplicationNorTheAgentIsHarmed() throws Exception {
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog("action=drain,timeout=1s,track=all,log=json-file:/dev/full,"
                        + "metrics=127.0.0.1:0,page=127.0.0.1:0")
                .start()) {
            child.ask("held");
            int metrics = metricsPort(child);
            int page = pagePort(child);
            var enemies = Executors.newCachedThreadPool();
            try {
                var getters = new ArrayList<Future<?>>();
                for (int i = 0; i < GETTERS; i++) {
                    getters.add(enemies.submit(() -> get(metrics, page)));
                }
                var others = List.of(
                        enemies.submit(() -> sendGarbage(metrics, page)), enemies.submit(() -> trickle(metrics, page)));

                long begin = System.nanoTime();
                child.ask("leak");
                child.awaitEvent(drained().with("drained_bytes", 6));
                long took = System.nanoTime() - begin;
                child.expect("the leak was drained in time, after " + took, true, took < IN_TIME.toNanos());
                child.ask("port");
                child.expect("it was besieged meanwhile", true, left.get() > 0);

                endTheSiege(child);
                for (var besieger : getters) {
                    besieger.get(ChildJvm.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
                for (var besieger : others) {
                    besieger.get(ChildJvm.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
            } finally {
                left.set(0);
                enemies.shutdownNow();
            }

            long threads = List.of(child.ask("threads").split(",")).stream()
                    .filter(name -> name.startsWith("socket-reaper-http"))
                    .count();
            assertTrue(threads <= MOST_THREADS, threads + " threads");
            awaitTwoSockets(child);
            String scrape = ask(metrics, "/metrics");
            assertTrue(scrape.contains("\nsocketreaper_internal_errors_total 0.0\n"), scrape);
            assertTrue(scrape.contains("\nsocketreaper_suspects 0.0\n"), scrape);
            assertEquals(200, status(ask(page, "/")));
            child.tell("end");
            child.awaitEnd()
                    .expectExitCode(0)
                    .expectOnlyOwnLines()
                    .expectEvents(1, any().with("level", "ERROR"))
                    .expectEvents(1, leak());
            child.expect("few lines", true, child.err().size() < MOST_LINES);
        }
    }

    /** On a busy machine before all requests are made, but not before there were many. */
    private void endTheSiege(ChildJvm child) throws InterruptedException {
        long end = System.nanoTime() + SIEGE.toNanos();
        while (left.get() > 0 && System.nanoTime() - end < 0) {
            Thread.sleep(20);
        }
        int made = GETS - Math.max(0, left.getAndSet(0));
        child.expect("enough requests, of " + made, true, made >= LEAST_GETS);
    }

    /** All that is left are those that listen. */
    private static void awaitTwoSockets(ChildJvm child) {
        for (long end = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
                !child.ask("held").equals("held 2"); ) {
            child.expect("sockets that are still held", true, System.nanoTime() < end);
        }
    }

    // -- The besiegers, each until everything has been asked for

    private Object get(int metrics, int page) throws IOException {
        for (int number = left.decrementAndGet(); number >= 0; number = left.decrementAndGet()) {
            if (number % 200 == 0) {
                expectAnswer(() -> ask(page, "/"));
            } else if (number % 40 == 0) {
                expectAnswer(() -> ask(page, "/live.json"));
            } else {
                expectAnswer(() -> ask(metrics, "/metrics"));
            }
        }
        return null;
    }

    private static void expectAnswer(Callable<String> question) {
        String last = "";
        for (int i = 0; i < TRIES; i++) {
            try {
                last = question.call();
            } catch (Exception cutOff) {
                last = cutOff.toString();
            }
            if (last.startsWith("HTTP/1.1 200 ")) {
                return;
            }
        }
        throw new AssertionError("never an answer, at last: " + last);
    }

    private Object sendGarbage(int... ports) {
        var random = new Random(1);
        for (int i = 0; left.get() > 0; i++) {
            var garbage = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(garbage);
            try (var socket = connect(ports[i % ports.length])) {
                socket.getOutputStream().write(garbage);
                socket.setSoLinger(i % 3 == 0, 0);
            } catch (IOException refused) {
                // it deserves no better
            }
            LockSupport.parkNanos(PAUSE_NANOS / AT_ONCE);
        }
        return null;
    }

    /** Keeps a hundred requests going that never come to their end. */
    private Object trickle(int... ports) throws IOException {
        var sockets = new ArrayList<Socket>();
        try {
            while (left.get() > 0) {
                for (int i = 0; i < AT_ONCE && sockets.size() < TRICKLERS; i++) {
                    sockets.add(connect(ports[i % ports.length]));
                }
                for (var socket : List.copyOf(sockets)) {
                    try {
                        socket.getOutputStream().write(SLOWLY);
                    } catch (IOException cutOff) {
                        socket.close();
                        sockets.remove(socket);
                    }
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
        return null;
    }

    private static Socket connect(int port) throws IOException {
        var socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout((int) ChildJvm.PATIENCE.toMillis());
        return socket;
    }

    private static String ask(int port, String path) throws IOException {
        try (var socket = connect(port)) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }
}
