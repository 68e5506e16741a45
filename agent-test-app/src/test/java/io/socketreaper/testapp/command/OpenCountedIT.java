package io.socketreaper.testapp.command;

import static io.socketreaper.testapp.harness.AgentSays.metricsPort;
import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code open} and {@code holders}, of what is only counted: selectors, datagram sockets, pipes. */
class OpenCountedIT {
    private static final int DROPPED = 5;

    @ParameterizedTest
    @CsvSource({
        "http-client-per-request, selector, HttpClientPerRequest$Weather.newClient(, static HttpClientPerRequest\\$Weather\\.clients$",
        "resolver-datagrams, datagram, ResolverDatagrams$Resolver.openSocket(, static ResolverDatagrams\\$Resolver\\.pending$"
    })
    void theLineThatPilesThemUpComesFirstWithRateAndLimitAndTheFieldIsNamed(
            String scenario, String state, String code, String field) throws Exception {
        try (var child = Jvm.app("run", scenario, "--sockets", "2000")
                .agent("track=all,growing.window=10s,metrics=127.0.0.1:0")
                .start()) {
            String pid = Long.toString(child.pid());
            JsonObject site = first(Tool.await(
                    child,
                    "a growing site at " + code,
                    open -> isGrowing(first(open)) && location(first(open)).contains(code),
                    "open",
                    pid));
            assertTrue(site.getAsJsonObject("states").get(state).getAsInt() >= 5, site::toString);
            assertEquals(1, site.getAsJsonObject("states").size(), site::toString);
            assertTrue(site.get("growingPerMinute").getAsDouble() > 20, site::toString);
            assertTrue(site.get("limitInMillis").getAsLong() > 0, site::toString);
            String id = site.get("id").getAsString();
            var growing = child.awaitEvent(event("growing").with("site", id));
            assertTrue(growing.text("location").contains(code), growing.message());
            Tool.expect(
                    child,
                    growing.message(),
                    "are open that were opened at .*; of these \\d+ selectors, datagram sockets, pipes or the like");

            assertEquals(
                    List.of(id),
                    StreamSupport.stream(
                                    Tool.json("open", pid, "--state", state, "--site", id)
                                            .getAsJsonArray()
                                            .spliterator(),
                                    false)
                            .map(one -> one.getAsJsonObject().get("id").getAsString())
                            .toList());
            Tool.expect(
                    child, Tool.run(0, "open", pid), "^counted .* sockets?, .*" + state + " \\d+", "files are not$");
            Tool.expect(
                    child,
                    scrape(metricsPort(child)),
                    "^socketreaper_open_sockets\\{.*site=\"" + id + "\",state=\"" + state + "\"} [1-9]");
            Tool.expect(child, Tool.run(0, "holders", pid, "--all", "--yes"), field);
            child.expectEvents(0, leak());
        }
    }

    private static String scrape(int port) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** The JDK never closes the descriptor of a selector or pipe that was dropped; the agent says so and closes none. */
    @Test
    void thoseThatWereDroppedAreSaidToBeUnreachable() {
        try (var child = Jvm.program(DroppedSelectors.class, Integer.toString(DROPPED))
                .agent("track=all,timeout=500ms,action=close")
                .start()) {
            String pid = Long.toString(child.pid());
            child.awaitOut("dropped");
            JsonElement said = Tool.await(
                    child,
                    "a selector and both ends of a pipe, each time",
                    open -> openIn(open) == 3 * DROPPED,
                    "open",
                    pid,
                    "--state",
                    "unreachable");
            assertEquals(2, said.getAsJsonArray().size(), said::toString);
            assertTrue(location(first(said)).contains("DroppedSelectors.drop("), said::toString);
            child.expectEvents(0, leak("unreachable", "proven"));
            Tool.expect(child, Tool.run(0, "detach", pid), "the agent's threads have ended");
        }
    }

    @Test
    void eventLoopsOfNettysNativeTransportAreCounted() throws IOException {
        List<Path> jars;
        try (var files = Files.list(Jvm.APP.resolveSibling("lib"))) {
            jars = files.filter(file -> file.getFileName().toString().startsWith("netty-"))
                    .toList();
        }
        try (var child = Jvm.programWith(jars, NettyLoops.class, Integer.toString(DROPPED))
                .agent("track=all,timeout=500ms,action=close")
                .start()) {
            child.awaitOut("made");
            JsonElement said = Tool.await(
                    child,
                    "loops and channels",
                    open -> statesIn(open)
                            .equals(Map.of(
                                    "event loop", DROPPED,
                                    "native listener", DROPPED,
                                    "datagram", DROPPED,
                                    "unreachable", DROPPED)),
                    "open",
                    Long.toString(child.pid()));
            assertEquals(4, said.getAsJsonArray().size(), said::toString);
            assertTrue(
                    StreamSupport.stream(said.getAsJsonArray().spliterator(), false)
                            .allMatch(site -> location(site.getAsJsonObject()).contains("NettyLoops.")),
                    said::toString);
            child.expectEvents(0, leak());
        }
    }

    private static Map<String, Integer> statesIn(JsonElement open) {
        var states = new TreeMap<String, Integer>();
        for (JsonElement site : open.getAsJsonArray()) {
            site.getAsJsonObject()
                    .getAsJsonObject("states")
                    .entrySet()
                    .forEach(state ->
                            states.merge(state.getKey(), state.getValue().getAsInt(), Integer::sum));
        }
        return states;
    }

    private static int openIn(JsonElement open) {
        int count = 0;
        for (JsonElement site : open.getAsJsonArray()) {
            count += site.getAsJsonObject().get("open").getAsInt();
        }
        return count;
    }

    private static JsonObject first(JsonElement open) {
        return open.getAsJsonArray().isEmpty()
                ? Tool.parsed("{'location': '', 'growing': false, 'growingPerMinute': 0, 'states': {}}")
                        .getAsJsonObject()
                : open.getAsJsonArray().get(0).getAsJsonObject();
    }

    private static boolean isGrowing(JsonObject site) {
        return site.get("growing").getAsBoolean()
                && site.get("growingPerMinute").getAsDouble() > 0;
    }

    private static String location(JsonObject site) {
        return site.get("location").getAsString();
    }
}
