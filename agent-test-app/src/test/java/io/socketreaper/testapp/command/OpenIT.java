package io.socketreaper.testapp.command;

import static io.socketreaper.testapp.harness.AgentSays.metricsPort;
import static io.socketreaper.testapp.harness.EventPattern.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.JmxClient;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.Tool;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code open}: connections that are never closed and that no single one proves to be a leak. */
class OpenIT {
    private static final String POOL = "PilingUp$Pool.checkOut(PilingUp.java:";
    private static final String ACCEPTOR = "PilingUp.park(PilingUp.java:";
    private static final int LEFT = 12;
    private static final String USED = "PilingUp.connectUsed(PilingUp.java:";

    /** Echoes bytes, as a back end; opens connections to a port, as clients do, one every 200 ms. */
    private static final class Network implements Closeable {
        private final ServerSocket backend = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        private final List<Socket> sockets = new ArrayList<>();
        private volatile boolean over;

        Network() throws IOException {
            start(() -> {
                while (!over) {
                    Socket socket = backend.accept();
                    keep(socket);
                    start(() -> socket.getInputStream().transferTo(socket.getOutputStream()));
                }
            });
        }

        void connectTo(int port) {
            start(() -> {
                while (!over) {
                    keep(new Socket(InetAddress.getLoopbackAddress(), port));
                    Thread.sleep(200);
                }
            });
        }

        private interface Work {
            void run() throws IOException, InterruptedException;
        }

        private static void start(Work work) {
            var thread = new Thread(() -> {
                try {
                    work.run();
                } catch (IOException | InterruptedException closed) {
                    // the test is over
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private synchronized void keep(Socket socket) throws IOException {
            if (over) {
                socket.close();
            }
            sockets.add(socket);
        }

        @Override
        public synchronized void close() throws IOException {
            over = true;
            backend.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void theLinesThatPileUpSocketsAreNamedWithRateAndLimit() throws Exception {
        try (var network = new Network();
                var child = Jvm.program(PilingUp.class, Integer.toString(network.backend.getLocalPort()))
                        .agent("track=all,growing.window=10s,metrics=127.0.0.1:0")
                        .start()) {
            String pid = Long.toString(child.pid());
            int port = Integer.parseInt(listening(child));
            network.connectTo(port);

            JsonElement said = Tool.await(
                    child,
                    "two growing sites",
                    open -> isGrowing(open, POOL) && isGrowing(open, ACCEPTOR),
                    "open",
                    pid);
            JsonObject pool = site(said, POOL).orElseThrow();
            assertEquals(-1, pool.get("port").getAsInt());
            assertTrue(pool.get("open").getAsInt() > 20, pool::toString);
            assertTrue(pool.getAsJsonObject("states").has("ESTABLISHED"), pool::toString);
            assertEquals(
                    "127.0.0.1:" + network.backend.getLocalPort(),
                    pool.getAsJsonObject("peers").keySet().iterator().next());
            double perMinute = pool.get("growingPerMinute").getAsDouble();
            assertTrue(perMinute > 20 && perMinute < 600, pool::toString);
            assertTrue(pool.get("limitInMillis").getAsLong() > 0, pool::toString);
            JsonObject parked = site(said, ACCEPTOR).orElseThrow();
            assertEquals(port, parked.get("port").getAsInt());
            assertEquals(0, parked.getAsJsonObject("peers").size());
            JsonObject used = site(said, USED).orElseThrow();
            assertEquals(5, used.get("open").getAsInt());
            assertFalse(used.get("growing").getAsBoolean());

            var growing = child.awaitEvent(
                    event("growing").with("site", pool.get("id").getAsString()));
            assertTrue(growing.text("location").contains(POOL), growing.message());
            assertTrue(growing.number("per_hour") > 1000, growing.message());
            assertTrue(growing.number("limit_in_ms") > 0, growing.message());
            assertFalse(child.events(event("leak")).iterator().hasNext(), "growth is only reported");

            assertEverywhere(child, pool.get("id").getAsString());
            // After a pause of the program, on a loaded machine, it does not rise for a moment.
            String text = Tool.until(
                    child, "GROWING \\+", "open", pid, "--site", pool.get("id").getAsString());
            Tool.expect(child, text, "PilingUp\\$Pool\\.checkOut", "PilingUp\\.main");
            assertEquals(
                    0,
                    Tool.json("open", pid, "--state", "CLOSE_WAIT")
                            .getAsJsonArray()
                            .size());
            List<String> watched = Tool.run(0, "open", pid, "--watch", "--every", "1s", "--count", "2", "--json")
                    .lines()
                    .toList();
            assertEquals(2, watched.size(), watched::toString);
            assertTrue(site(JsonParser.parseString(watched.get(1)), POOL).isPresent(), watched::toString);
            int older = site(Tool.json("open", pid, "--older", "5s"), POOL)
                    .orElseThrow()
                    .get("open")
                    .getAsInt();
            assertTrue(older < 5 + openOf(Tool.json("open", pid), POOL), () -> older + " older ones");
            Tool.expect(child, Tool.run(5, "open", pid, "--site", "nosuch"), "no opening site has the id \"nosuch\"");
            Tool.expect(
                    child,
                    Tool.run(2, "open", pid, "--state", "OPEN"),
                    "'OPEN' is not a state; write one of .*LISTEN.*selector");
        }
    }

    /** The same site in JMX, in the metrics, in the report and in top. */
    private static void assertEverywhere(ChildJvm child, String site) throws Exception {
        try (var jmx = new JmxClient(child).awaitReaper(child)) {
            boolean there = false;
            for (var data : (CompositeData[]) jmx.get("OpenSites")) {
                there |= data.get("id").equals(site) && (boolean) data.get("growing") && (int) data.get("open") > 20;
            }
            assertTrue(there, "in JMX");
        }
        var metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort(child) + "/metrics"))
                .build();
        String scrape = HttpClient.newHttpClient()
                .send(metrics, HttpResponse.BodyHandlers.ofString())
                .body();
        assertTrue(
                Pattern.compile("socketreaper_open_sockets\\{.*site=\"" + site + "\",state=\"ESTABLISHED\"} [1-9]")
                        .matcher(scrape)
                        .find(),
                scrape);
        assertTrue(scrape.contains("\nsocketreaper_growing_sites 2.0\n"), scrape);
        assertTrue(reportSaysThatItGrows(child, site), "in the report");
        JsonElement top = Tool.json("top", Long.toString(child.pid()), "--count", "1");
        assertTrue(top.getAsJsonObject().getAsJsonArray("open").toString().contains(site), "in top");
    }

    /** A program that a busy machine has stopped for seconds does not grow in them, so it is asked again. */
    private static boolean reportSaysThatItGrows(ChildJvm child, String site) throws Exception {
        var report = Files.createTempFile("report", ".html");
        try {
            long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (System.nanoTime() - patience < 0) {
                Tool.run(0, "report", Long.toString(child.pid()), "-o", report.toString());
                String html = Files.readString(report);
                if (html.contains("site " + site) && html.contains("growing +")) {
                    return true;
                }
            }
            return false;
        } finally {
            Files.delete(report);
        }
    }

    private static String listening(ChildJvm child) {
        child.awaitOut("listening on");
        return child.out().stream()
                .filter(line -> line.startsWith("listening on "))
                .findFirst()
                .orElseThrow()
                .substring("listening on ".length());
    }

    private static Optional<JsonObject> site(JsonElement open, String code) {
        return StreamSupport.stream(open.getAsJsonArray().spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .filter(site -> site.get("location").getAsString().contains(code))
                .findFirst();
    }

    private static boolean isGrowing(JsonElement open, String code) {
        return site(open, code)
                .filter(site -> site.get("growing").getAsBoolean())
                .isPresent();
    }

    private static int openOf(JsonElement open, String code) {
        return site(open, code).orElseThrow().get("open").getAsInt();
    }

    /** The thread that accepts it waits since before the attach, and so runs the old code. */
    @ParameterizedTest
    @ValueSource(strings = {"socket", "tls", "channel", "adaptor", "async"})
    void theFirstSocketThatIsAcceptedAfterAnAttachIsTracked(String kind) throws Exception {
        try (var child = Jvm.program(AcceptsAlready.class, kind).start()) {
            String pid = Long.toString(child.pid());
            int port = Integer.parseInt(listening(child));
            Tool.run(0, "attach", pid, "track=all", Jvm.JSON);
            child.awaitWatching();
            try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                JsonElement said = Tool.await(
                        child,
                        "an accepted socket",
                        open -> acceptedOn(open, port).isPresent(),
                        "open",
                        pid);
                JsonObject site = acceptedOn(said, port).orElseThrow();
                assertEquals(1, site.get("open").getAsInt(), client::toString);
                if (!kind.equals("async")) {
                    String location = site.get("location").getAsString();
                    assertTrue(location.contains("AcceptsAlready."), location);
                }
            }
        }
    }

    /** The agent has been in the JVM from its start, with {@code track=half-closed}. */
    @ParameterizedTest
    @ValueSource(strings = {"socket", "tls", "channel", "adaptor", "async"})
    void allSocketsCanBeWatchedFromNowOn(String kind) throws Exception {
        try (var child = Jvm.program(AcceptsAlready.class, kind)
                .agent("timeout=500ms")
                .start()
                .awaitWatching()) {
            String pid = Long.toString(child.pid());
            int port = Integer.parseInt(listening(child));
            Tool.expect(child, Tool.run(0, "set", pid, "track=all"), "track=all \\(change at run time\\)");
            child.awaitErr("all sockets of .* are watched");
            try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                JsonElement said = Tool.await(
                        child,
                        "an accepted socket",
                        open -> acceptedOn(open, port).isPresent(),
                        "open",
                        pid);
                assertEquals(1, acceptedOn(said, port).orElseThrow().get("open").getAsInt(), client::toString);
            }
            child.awaitEvent(event("leak").with("kind", "peer-closed"));
            Tool.expect(
                    child,
                    Tool.run(5, "set", pid, "track=half-closed"),
                    "cannot be changed from all to half-closed at run time: detach the agent and attach it again");
        }
    }

    private static Optional<JsonObject> acceptedOn(JsonElement open, int port) {
        return StreamSupport.stream(open.getAsJsonArray().spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .filter(site -> site.get("port").getAsInt() == port
                        && site.getAsJsonObject("states").has("ESTABLISHED"))
                .findFirst();
    }

    /** Sockets of a blocking server that its clients have left, before the agent came. */
    @ParameterizedTest
    @CsvSource({
        "half-closed, track=half-closed does not watch these",
        "all, 'opened before the agent came, and in no selector'"
    })
    void whatWasLostBeforeTheAttachIsSaid(String track, String why) throws Exception {
        try (var network = new Network();
                var child = Jvm.program(PilingUp.class, Integer.toString(network.backend.getLocalPort()))
                        .start()) {
            String pid = Long.toString(child.pid());
            int port = Integer.parseInt(listening(child));
            for (int i = 0; i < LEFT; i++) {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
            }
            String said = "not watched +" + LEFT + " sockets in CLOSE_WAIT: .*" + Pattern.quote(why);
            Tool.expect(child, Tool.run(0, "attach", pid, "track=" + track, Jvm.JSON), said);
            Tool.until(child, said, "status", pid);
            Tool.until(child, said, "sites", pid);
            assertEquals(
                    LEFT,
                    Tool.json("status", pid)
                            .getAsJsonObject()
                            .getAsJsonObject("descriptors")
                            .get("unwatched_close_wait")
                            .getAsInt());
        }
    }

    @Test
    void withoutTrackAllItSaysWhatToDo() {
        try (var child = Jvm.program(Leaker.class).agent("").start().awaitWatching()) {
            Tool.expect(
                    child,
                    Tool.run(5, "open", Long.toString(child.pid())),
                    "open sockets are counted with track=all only, and this agent has track=half-closed; `set .* track=all`");
        }
    }
}
