package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Blame;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.GrowingSite;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcomes;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.leak.UnwatchedDescriptors;
import io.socketreaper.log.LogFormat;
import io.socketreaper.log.RecordedLines;
import io.socketreaper.model.BlameKind;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.SocketUse;
import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What machines read: every line is an object, and docs/events.md lists exactly the fields that there are. */
class JsonLinesTest {
    private static final String OF_EVERY_EVENT = "every event";
    private static final Set<String> COMMON = Set.of("time", "level", "event", "message");
    private static final DescriptorKinds KINDS = DescriptorKinds.of(1, 20, 3, 4, 250, 0, 0, 7, 8, 12, 13, 9, 2);
    private static final DescriptorKinds NO_KINDS = DescriptorKinds.NONE;
    private static final List<String> HOSTILE = List.of(
            "\"}\n{\"level\":\"ERROR\"",
            "\u0000\u001b[31m\r\u2028\u0085",
            "\ud800",
            "\\u0041\\",
            "</script>'",
            "Ümläut 漢字 \ud83d\ude00",
            "{} {}",
            "x".repeat(100_000));

    private static final Outcome.Told NOT_TOLD =
            new Outcome.Told(Outcome.Peer.RESET, Outcome.ToldOwner.NOT_AT_ALL, "it has no selection key");

    private final RecordedLines log = new RecordedLines(LogFormat.JSON);
    private final LogSink sink = new LogSink(log.logger(), 60_000, 20, new AddressFormat(false));

    @Test
    void theFieldsInTheDocumentationAreTheFieldsInTheCode() throws IOException {
        everything();

        var types = new TreeMap<String, Map<String, String>>();
        for (JsonObject line : parsed()) {
            var ofEvent = types.computeIfAbsent(line.get("event").getAsString(), event -> new TreeMap<>());
            for (var field : line.entrySet()) {
                var common = COMMON.contains(field.getKey());
                (common ? types.computeIfAbsent(OF_EVERY_EVENT, event -> new TreeMap<>()) : ofEvent)
                        .put(field.getKey(), type(field.getValue()));
            }
        }

        assertEquals(documented(), types);
    }

    @Test
    void everyLineHasTimeLevelEventAndTheTextThatAPersonWouldRead() {
        everything();

        for (JsonObject line : parsed()) {
            assertTrue(
                    line.get("time").getAsString().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"),
                    line::toString);
            assertTrue(
                    Set.of("ERROR", "WARN", "INFO").contains(line.get("level").getAsString()), line::toString);
            assertFalse(line.get("message").getAsString().isBlank());
        }
    }

    @Test
    void aLeakTellsItsFactsAndTheWholeReport() {
        var leak = Leaks.leak(Leaks.PEER_OPEN);
        var outcome = Outcomes.drained(6, Outcome.DrainEnd.END_OF_INPUT, "", "JDK channel", 3);
        sink.leak(leak, outcome);

        JsonObject line = parsed().get(0);
        assertEquals(new ReportText(20).of(leak, outcome), line.get("message").getAsString());
        assertEquals("WARN", line.get("level").getAsString());
        assertEquals("leak", line.get("event").getAsString());
        assertEquals("192.0.2.10:25", line.get("local").getAsString());
        assertEquals("192.0.2.20:40123", line.get("peer").getAsString());
        assertEquals(4711, line.get("inode").getAsLong());
        assertEquals(6, line.get("unread_bytes").getAsLong());
        assertEquals(61_500, line.get("age_ms").getAsLong());
        assertEquals("drained", line.get("outcome").getAsString());
        assertEquals("end-of-input", line.get("drain_end").getAsString());
        assertEquals(
                "com.example.smtp.Session.reject(Session.java:41)",
                line.get("stack").getAsJsonArray().get(1).getAsString());
        assertEquals("by-close", line.get("owner_told").getAsString());
        assertEquals("end", line.get("peer_told").getAsString());
        assertFalse(line.has("since_read_ms"), "it was never read");
    }

    @Test
    void aReleaseTellsWhatOwnerAndPeerWereTold() {
        sink.leak(Leaks.leak(Leaks.PEER_OPEN), new Outcome.Closed("JDK channel", 3, NOT_TOLD));

        JsonObject line = parsed().get(0);
        assertEquals("not-at-all", line.get("owner_told").getAsString());
        assertEquals(
                "it has no selection key", line.get("owner_not_told_because").getAsString());
        assertEquals("reset", line.get("peer_told").getAsString());
    }

    @Test
    void theStackIsAsDeepAsTheSettingSays() {
        new LogSink(log.logger(), 60_000, 2, new AddressFormat(false))
                .leak(Leaks.leak(Leaks.PEER_OPEN), new Outcome.Logged());

        assertEquals(2, parsed().get(0).get("stack").getAsJsonArray().size());
        assertEquals(4, parsed().get(0).get("stack_frames").getAsInt());
    }

    @Test
    void hostileNamesStayWhatTheyAreOnOneLineOfAscii() {
        for (int i = 0; i < HOSTILE.size(); i++) {
            sink.leak(
                    of(Leaks.site("site" + i, LeakKind.HALF_CLOSED, HOSTILE.get(i)), HOSTILE.get(i)),
                    Outcomes.drained(1, Outcome.DrainEnd.IDLE, HOSTILE.get(i), HOSTILE.get(i), 1));
        }

        for (int i = 0; i < HOSTILE.size(); i++) {
            String line = log.lines().get(i);
            assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 127), line);
            JsonObject parsed = JsonParser.parseString(line).getAsJsonObject();
            assertEquals(HOSTILE.get(i), parsed.get("thread").getAsString());
            assertEquals(HOSTILE.get(i), parsed.get("preview").getAsString());
            assertEquals("WARN", parsed.get("level").getAsString());
        }
    }

    @Test
    void addressesAreMaskedInFieldsAndText() {
        new LogSink(log.logger(), 60_000, 20, new AddressFormat(true))
                .leak(Leaks.leak(Leaks.PEER_OPEN), new Outcome.Excluded("remote:192.0.2.20:40123"));

        JsonObject line = parsed().get(0);
        assertFalse(log.lines().get(0).contains("192.0.2"), log.lines().get(0));
        assertEquals("host-1:25", line.get("local").getAsString());
        assertEquals("host-2:40123", line.get("peer").getAsString());
        assertEquals("remote:(masked):40123", line.get("exclusion").getAsString());
    }

    /** Every event with every field that it can have. */
    private void everything() {
        var sites = new ArrayList<LeakSite>();
        int number = 0;
        for (SocketSnapshot snapshot : List.of(
                Leaks.PEER_OPEN,
                Leaks.RESET,
                SocketSnapshot.closed(),
                SocketSnapshot.unused(),
                new SocketSnapshot(
                        Holder.UNREACHABLE, TcpState.FIN_WAIT2, 3, false, false, false, false, false, false))) {
            for (Outcome outcome : ReportTextTest.everyOutcome()) {
                var site = Leaks.site("site" + number++, snapshot.kind(), "app.Server.run(Server.java:1)");
                sites.add(site);
                sink.leak(Leaks.leak(site, snapshot, 5, new DescriptorCensus(0, 812, 1024, Set.of())), outcome);
            }
        }
        sink.leak(
                Leaks.leak(Leaks.PEER_OPEN),
                new Outcome.Drained(6, Outcome.DrainEnd.IDLE, "RSET", "JDK channel", 3, NOT_TOLD));
        var site = Leaks.site("doubtful", LeakKind.HALF_CLOSED, "app.Server.run(Server.java:1)");
        sink.leak(
                Leaks.used(
                        Leaks.leak(site, Leaks.PEER_OPEN.withTls(80, true)),
                        new SocketUse(true, false, PeerAnswer.NOT_ASKED),
                        Leaks.endOfInput()),
                new Outcome.Logged());
        sink.leak(
                Leaks.blamed(
                        Leaks.leak(
                                Leaks.site("blameless", LeakKind.PEER_CLOSED, "app.Server.run(Server.java:1)"),
                                Leaks.PEER_OPEN),
                        Blame.none("it is imaginary"),
                        Leaks.endOfInput().stack()),
                new Outcome.Logged());
        for (int i = 0; i < 2; i++) {
            sink.releasedAfterAll(Leaks.leak(sites.get(0), Leaks.PEER_OPEN), AfterAll.CLOSED, 1000);
        }
        sink.tick(0);
        sink.tick(61_000_000_000L);
        sink.leak(Leaks.leak(sites.get(0), Leaks.PEER_OPEN), new Outcome.Logged());
        sink.tick(122_000_000_000L);
        var stack = new StackTraceElement[] {new StackTraceElement("app.Pool", "open", "Pool.java", 7)};
        sink.growing(new GrowingSite(
                "4d3c2b1a", "app.Pool.open(Pool.java:7)", 8080, stack, true, 40, 0, 1.5, 2, 600_000, 90, 1024));
        sink.growing(new GrowingSite(
                "4d3c2b1a", "app.Pool.open(Pool.java:7)", 8080, stack, false, 40, 3, 0, 0, 0, 90, 1024));
        sink.unwatched(new UnwatchedDescriptors(DescriptorKind.UNWATCHED_CLOSE_WAIT, 41, 40, 5));
        sink.shortage(new DescriptorShortage.Begun(921, 1024, 5000));
        sink.shortage(new DescriptorShortage.Ended(12, 1024, 61_500, 1));
        sink.shortage(new DescriptorShortage.Exhausted(
                304,
                304,
                KINDS,
                sites.subList(0, 2),
                List.of(new OpenCount("4d3c2b1a", "app.Pool.open(Pool.java:7)", 40)),
                54,
                300,
                250,
                false));
        sink.shortage(new DescriptorShortage.Exhausted(304, 304, NO_KINDS, List.of(), List.of(), 54, 300, 250, false));
        sink.shortage(new DescriptorShortage.Over(20, 304, 304, 2000, 284, true, true));
        log.logger().info("Socket Reaper {}; {}", "started", "settings: action=log (default)");
        new InternalFailures(log.logger()).happened("a report was lost", new IllegalStateException("broken"));
    }

    private List<JsonObject> parsed() {
        return log.lines().stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private static Leak of(LeakSite site, String thread) {
        Leak like = Leaks.leak(site, Leaks.PEER_OPEN);
        return new Leak(
                site,
                like.kind(),
                Grade.WEAK,
                like.endpoints(),
                57,
                "socket:[4711]",
                like.snapshot(),
                like.use(),
                StackOrigin.HALF_CLOSED,
                1,
                1,
                1,
                -1,
                thread,
                like.stack(),
                new EndOfInputRead(1, thread, like.stack()),
                new Blame(BlameKind.END_OF_INPUT, 1, thread, like.stack(), ""),
                like.stack(),
                like.holder(),
                like.census());
    }

    private static String type(JsonElement value) {
        return value.isJsonArray()
                ? "array of strings"
                : value.getAsJsonPrimitive().isString()
                        ? "string"
                        : value.getAsJsonPrimitive().isBoolean() ? "boolean" : "number";
    }

    private static Map<String, Map<String, String>> documented() throws IOException {
        var inModule = Path.of("..", "docs", "events.md");
        String text = Files.readString(Files.exists(inModule) ? inModule : Path.of("docs", "events.md"));
        var documented = new TreeMap<String, Map<String, String>>();
        var tables = Pattern.compile("<!-- fields of (.*) -->\n\\| field .*\n\\|---.*\n((?:\\|.*\n)+)")
                .matcher(text);
        while (tables.find()) {
            var fields = new TreeMap<String, String>();
            for (String row : tables.group(2).split("\n")) {
                String[] cells = row.split(" *\\| *");
                fields.put(cells[1].replace("`", ""), cells[2]);
            }
            documented.put(tables.group(1), fields);
        }
        return documented;
    }
}
