package io.socketreaper.testapp.command;

import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** {@code open}, of what is only counted: selectors, datagram sockets, pipes, event loops. */
class OpenCountedIT {
    private static final int DROPPED = 5;

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
            String selectors = first(Tool.json("open", pid, "--state", "unreachable", "--sort", "open", "--limit", "1"))
                    .get("id")
                    .getAsString();
            JsonObject held =
                    Tool.json("holders", pid, "--site", selectors, "--yes").getAsJsonObject();
            assertEquals(0, held.getAsJsonArray("groups").size(), held::toString);
            assertEquals(2 * DROPPED, held.getAsJsonArray("noObject").size(), held::toString);
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

    private static String location(JsonObject site) {
        return site.get("location").getAsString();
    }
}
