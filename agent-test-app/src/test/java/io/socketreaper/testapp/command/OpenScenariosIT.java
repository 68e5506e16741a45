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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code open}, growth and {@code holders}, each on realistic programs whose leaks are many and of which no single one is proven: HTTP
 * clients, connections of a pool, accepted connections, a resolver's datagram sockets.
 */
class OpenScenariosIT {
    /** More than any test lives for. */
    private static final String MANY = "2000";

    private static final int LEAST = 5;

    /**
     * Longer than the three seconds for which the JDK's HttpClient selects at a time: a channel that it closes from another thread keeps its
     * descriptor until then, which is a leak of that time.
     */
    private static final String TIMEOUT = "5s";

    /**
     * @param state   what {@code open} says they are
     * @param code    the line that opens them
     * @param field   the field that keeps them
     * @param counted what the report of the growth says of those that are no sockets; empty of sockets
     */
    @ParameterizedTest
    @CsvSource({
        "http-client-per-request, selector, HttpClientPerRequest$Weather.newClient(, static HttpClientPerRequest$Weather.clients,"
                + " of these \\d+ (is|are) selectors",
        "resolver-datagrams, datagram, ResolverDatagrams$Resolver.openSocket(, static ResolverDatagrams$Resolver.pending,"
                + " 'of these \\d+ (is|are) selectors, datagram sockets, pipes'",
        "pool-forgotten, ESTABLISHED, PoolForgotten$Pool.connect(, PoolForgotten$Pool.leased, ''",
        "parked-connections, ESTABLISHED, ParkedConnections$Lobby.accept(, static ParkedConnections$Lobby.parked, ''"
    })
    void theSiteComesFirstWithinAMinuteThenWithRateAndLimitAndTheFieldThatKeepsThemIsNamed(
            String scenario, String state, String code, String field, String counted) throws Exception {
        try (var child = Jvm.app("run", scenario, "--sockets", MANY)
                .agent("track=all,action=close,timeout=" + TIMEOUT + ",growing.window=10s,metrics=127.0.0.1:0")
                .start()) {
            String pid = Long.toString(child.pid());
            Tool.await(child, "first the site at " + code, open -> isAt(first(open), code), "open", pid);

            JsonObject site = first(Tool.await(
                    child,
                    "a growing site at " + code,
                    open -> isAt(first(open), code) && isGrowing(first(open)),
                    "open",
                    pid));
            assertTrue(site.getAsJsonObject("states").get(state).getAsInt() >= LEAST, site::toString);
            assertEquals(1, site.getAsJsonObject("states").size(), site::toString);
            assertTrue(site.get("growingPerMinute").getAsDouble() > 20, site::toString);
            assertTrue(site.get("limitInMillis").getAsLong() > 0, site::toString);
            String id = site.get("id").getAsString();
            var growing = child.awaitEvent(event("growing").with("site", id));
            assertTrue(growing.text("location").contains(code), growing.message());
            assertTrue(growing.number("per_hour") > 1000, growing.message());
            assertTrue(growing.number("limit_in_ms") > 0, growing.message());
            Tool.expect(child, growing.message(), "are open that were (opened|accepted on port \\d+) at .*" + counted);

            assertEquals(
                    id,
                    first(Tool.json("open", pid, "--state", state)).get("id").getAsString());
            Tool.expect(child, Tool.run(0, "open", pid), "^    .*" + state + " \\d+", "^counted .*files are not$");
            Tool.expect(
                    child,
                    scrape(metricsPort(child)),
                    "^socketreaper_open_sockets\\{.*site=\"" + id + "\",state=\"" + state + "\"} [1-9]");
            JsonElement holders = Tool.json("holders", pid, "--all", "--yes");
            assertTrue(areKeptBy(field, holders), holders::toString);
            child.expectEvents(0, leak());
        }
    }

    /** Some group of at least as many sockets as make a finding has that field on its way from a GC root. */
    private static boolean areKeptBy(String field, JsonElement holders) {
        return StreamSupport.stream(
                        holders.getAsJsonObject().getAsJsonArray("groups").spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .filter(group -> group.get("count").getAsInt() >= LEAST)
                .flatMap(group ->
                        StreamSupport.stream(group.getAsJsonArray("holders").spliterator(), false))
                .map(holder -> holder.getAsJsonObject().get("field"))
                .anyMatch(name ->
                        name != null && !name.isJsonNull() && name.getAsString().equals(field));
    }

    private static String scrape(int port) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static JsonObject first(JsonElement open) {
        return open.getAsJsonArray().isEmpty()
                ? new JsonObject()
                : open.getAsJsonArray().get(0).getAsJsonObject();
    }

    private static boolean isAt(JsonObject site, String code) {
        return site.has("location") && site.get("location").getAsString().contains(code);
    }

    private static boolean isGrowing(JsonObject site) {
        return site.get("growing").getAsBoolean()
                && site.get("growingPerMinute").getAsDouble() > 0;
    }
}
