package io.socketreaper.testapp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's events in recordings, as {@code jcmd} makes and {@code jfr} shows them. */
class JfrIT {
    @TempDir
    private Path directory;

    @Test
    void aRecordingStartedLaterHoldsWhatIsLostFromThenOn() throws Exception {
        try (var child = Jvm.program(Leaker.class).agent("action=drain,timeout=500ms,preview=0").start().awaitWatching()) {
            jcmd(child, "JFR.start", "name=leaks");
            var port = child.ask("port").substring("port ".length());
            // The events are registered a moment after the recorder is there.
            var file = directory.resolve("leaks.jfr");
            long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
            do {
                child.ask("leak");
                TimeUnit.SECONDS.sleep(1);
                Files.deleteIfExists(file);
                jcmd(child, "JFR.dump", "name=leaks", "filename=" + file);
                if (System.nanoTime() - deadline > 0) {
                    throw child.failure("no release was recorded");
                }
            } while (of("Release", file).findAny().isEmpty());

            shows(file, port);
            tool(file, "summary").expectSome("io.socketreaper.Leak +[1-9]");
            tool(file, "print", "--events", "io.socketreaper.*").expectSome("unreadBytes = 6 bytes").expectSome("codeStack = ");
            if (Jvm.feature() >= 21) {
                tool(file, "view", "--width", "300", "io.socketreaper.Leak").expectSome("half");
            }
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    private static void shows(Path file, String port) throws IOException {
        for (var name : List.of("Suspect", "Leak", "Release")) {
            var event = of(name, file).findFirst().orElseThrow();
            assertEquals("half-closed", event.getString("kind"), event::toString);
            assertEquals("127.0.0.1:" + port, event.getString("local"), event::toString);
            assertTrue(event.getString("peer").matches("127\\.0\\.0\\.1:\\d+"), event::toString);
            assertEquals(6L, event.getLong("unreadBytes"), event::toString);
            assertTrue(event.getString("location").matches(".*\\.Leaker\\.leak\\(Leaker\\.java:\\d+\\)"), event::toString);
            assertTrue(event.getString("codeStack").contains("SocketChannelImpl.shutdownOutput"), event::toString);
            assertEquals("main", event.getString("codeThread"), event::toString);
            assertEquals(List.of("Socket Reaper"), event.getEventType().getCategoryNames());
            assertTrue(event.getDuration("age").compareTo(Duration.ofMinutes(1)) < 0, event::toString);
        }
        var leak = of("Leak", file).findFirst().orElseThrow();
        assertTrue(leak.getDuration("idle").toMillis() >= 500, leak::toString);
        assertTrue(leak.getString("link").matches("socket:\\[\\d+]"), leak::toString);
        var release = of("Release", file).findFirst().orElseThrow();
        assertEquals(6L, release.getLong("drainedBytes"), release::toString);
        assertEquals("drained", release.getString("outcome"), release::toString);
        assertTrue(of("Settings", file).anyMatch(setting -> setting.getString("name").equals("action")
                && setting.getString("value").equals("drain") && setting.getString("origin").equals("agent argument")));
    }

    @Test
    void aRecordingStartedWithTheJvmHoldsItTooWithTheCensus() throws Exception {
        var file = directory.resolve("start.jfr");
        try (var child = Jvm.program(Leaker.class).agent("timeout=500ms").option("-XX:StartFlightRecording=filename=" + file)
                .start().awaitWatching()) {
            child.ask("leak");
            child.awaitErr("LEAK ");
            jcmd(child, "JFR.start", "name=second", "io.socketreaper.Census#period=100ms");
            var dump = directory.resolve("second.jfr");
            long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
            do {
                TimeUnit.MILLISECONDS.sleep(500);
                Files.deleteIfExists(dump);
                jcmd(child, "JFR.dump", "name=second", "filename=" + dump);
                if (System.nanoTime() - deadline > 0) {
                    throw child.failure("there is no census");
                }
            } while (of("Census", dump).findAny().isEmpty());
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
            var census = of("Census", dump).findFirst().orElseThrow();
            assertTrue(census.getInt("openDescriptors") > 3 && census.getInt("listen") == 1, census::toString);
            assertEquals(1, census.getInt("suspects"), census::toString);
            assertEquals(1, of("Leak", file).count());
            assertEquals(0, of("Release", file).count());
        }
    }

    @Test
    void theSettingTurnsItOff() throws Exception {
        try (var child = Jvm.program(Leaker.class).agent("timeout=500ms,jfr=false").start().awaitWatching()) {
            jcmd(child, "JFR.start", "name=none");
            child.ask("leak");
            child.awaitErr("LEAK ");
            var file = directory.resolve("none.jfr");
            jcmd(child, "JFR.dump", "name=none", "filename=" + file);
            assertFalse(events(file).anyMatch(event -> event.getEventType().getName().startsWith("io.socketreaper")));
        }
    }

    private record Shown(List<String> lines) {
        Shown expectSome(String regex) {
            assertTrue(lines.stream().anyMatch(line -> line.matches(".*" + regex + ".*")), () -> regex + " in\n"
                    + String.join("\n", lines));
            return this;
        }
    }

    private static Shown tool(Path file, String... arguments) {
        try (var jfr = Jvm.tool("jfr", Stream.concat(Stream.of(arguments), Stream.of(file.toString())).toArray(String[]::new))) {
            return new Shown(jfr.awaitEnd().expectExitCode(0).out());
        }
    }

    private static void jcmd(ChildJvm child, String... command) {
        try (var jcmd = Jvm.tool("jcmd", Stream.concat(Stream.of("" + child.pid()), Stream.of(command)).toArray(String[]::new))) {
            jcmd.awaitEnd().expectExitCode(0);
        }
    }

    private static Stream<RecordedEvent> of(String name, Path file) throws IOException {
        return events(file).filter(event -> event.getEventType().getName().equals("io.socketreaper." + name));
    }

    private static Stream<RecordedEvent> events(Path file) throws IOException {
        return RecordingFile.readAllEvents(file).stream();
    }
}
