package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.JmxClient;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
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
        try (var child = Jvm.program(Leaker.class)
                .agent("action=drain,timeout=500ms,preview=0")
                .start()
                .awaitWatching()) {
            jcmd(child, "JFR.start", "name=leaks", "io.socketreaper.Census#period=100ms");
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
            } while (of("Release", file).findAny().isEmpty()
                    || of("Census", file).findAny().isEmpty());

            shows(file, port);
            reports(file, port);
            tool(file, "summary").expectSome("io.socketreaper.Leak +[1-9]");
            tool(file, "print", "--events", "io.socketreaper.*")
                    .expectSome("unreadBytes = 6 bytes")
                    .expectSome("codeStack = ");
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
            assertTrue(
                    event.getString("location").matches(".*\\.Leaker\\.leak\\(Leaker\\.java:\\d+\\)"), event::toString);
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
        assertTrue(of("Settings", file)
                .anyMatch(setting -> setting.getString("name").equals("action")
                        && setting.getString("value").equals("drain")
                        && setting.getString("origin").equals("agent argument")));
    }

    /** {@code report FILE.jfr}: the verdict, the line of code with its stack, the release, the timeline, the settings. */
    private void reports(Path file, String port) throws IOException {
        long leaks = of("Leak", file).count();
        long releases = of("Release", file).count();
        var said = report(0, file, "-o", directory.resolve("report.html").toString());
        assertTrue(
                said.matches(
                        "(?s)\\d+ leaked sockets? .*[,;] leaked at Leaker\\.leak\\(Leaker\\.java:\\d+\\) \\(half-closed"
                                + ".*; the agent released \\d+.*"),
                said);
        var html = Files.readString(directory.resolve("report.html"));
        for (var part : List.of(
                said.lines().findFirst().orElseThrow(),
                "data-count=\"found\">" + leaks + "<",
                "data-count=\"released\">" + releases + "<",
                "at java.base/sun.nio.ch.SocketChannelImpl.shutdownOutput(",
                "it shut the output",
                "\nat io.socketreaper.testapp.harness.Leaker.main(",
                "drained: 6 bytes discarded up to the end of input",
                "has acknowledged all sent bytes",
                ">6 B</td>",
                "127.0.0.1:" + port + " → 127.0.0.1:",
                "<code>action</code></td><td data-label=\"Value\"><code>drain</code></td>",
                "<h1><span title=\"io.socketreaper.testapp.harness.Leaker\">Leaker</span></h1>",
                "LEAK half-closed (strong), site ",
                "fd ")) {
            assertTrue(html.contains(part), () -> part + " is not in\n" + html.substring(html.indexOf("<body")));
        }
        var timeline = JsonParser.parseString(html.replaceAll("(?s).*id=\"timeline-data\">(.*?)</script>.*", "$1"))
                .getAsJsonObject();
        var census = of("Census", file).toList();
        // and a last figure if anything came after the last census
        int samples = timeline.getAsJsonArray("time").size();
        assertTrue(samples == census.size() || samples == census.size() + 1, samples + " of " + census.size());
        assertEquals(
                census.get(0).getInt("openDescriptors"),
                timeline.getAsJsonArray("open").get(0).getAsInt());
        assertEquals(
                census.get(census.size() - 1).getLong("found"),
                timeline.getAsJsonArray("found").get(census.size() - 1).getAsLong());
        assertTrue(html.contains("data-figure=\"open\" data-value=\""
                + census.get(census.size() - 1).getInt("openDescriptors")));
    }

    private static String report(int exitCode, Path file, String... more) {
        return Tool.run(
                exitCode,
                Stream.concat(Stream.of("report", file.toString()), Stream.of(more))
                        .toArray(String[]::new));
    }

    @Test
    void aRecordingStartedWithTheJvmHoldsItTooWithTheCensus() throws Exception {
        var file = directory.resolve("start.jfr");
        try (var child = Jvm.program(Leaker.class)
                .agent("timeout=500ms")
                .option("-XX:StartFlightRecording=filename=" + file)
                .start()
                .awaitWatching()) {
            child.ask("leak");
            child.awaitEvent(leak());
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

    /** Recorder and MBean server are there before the agent comes, and stay when it goes, twice. */
    @Test
    void whoRecordsAlreadyGetsTheEventsOfAnAgentThatComesAndGoes() throws Exception {
        int limit = 120;
        int pressed = limit * 3 / 4;
        try (var child = Jvm.program(Leaker.class)
                .descriptors(limit)
                .option("-XX:+EnableDynamicAgentLoading", "-XX:StartFlightRecording=name=always")
                .start()) {
            // Nobody can be attached to a JVM that is only starting.
            child.ask("held");
            try (var client = new JmxClient(child)) {
                var pid = Long.toString(child.pid());
                long leaks = 0;
                for (int visit = 1; visit <= 2; visit++) {
                    Tool.run(0, "attach", pid, "timeout=500ms", "pressure=75%", "pressure.timeout=300ms");
                    client.awaitReaper(child);
                    long before = leaks;
                    // Whoever asks needs a descriptor or two.
                    for (; openIn(child) <= pressed; leaks++) {
                        child.ask("leak");
                    }
                    client.awaitNotification(child, "io.socketreaper.pressure.begun");
                    Tool.run(0, "set", pid, "action=drain");
                    client.awaitNotification(child, "io.socketreaper.pressure.ended");
                    client.await(child, "LeaksReleased", leaks - before);
                    Tool.run(0, "detach", pid);
                    client.awaitRegistered(child, false);
                    child.ask("leak");

                    var file = directory.resolve("visit" + visit + ".jfr");
                    jcmd(child, "JFR.dump", "name=always", "filename=" + file);
                    child.expect(
                            "leaks in visit " + visit, leaks, of("Leak", file).count());
                    child.expect(
                            "releases in visit " + visit,
                            leaks,
                            of("Release", file).count());
                    child.expect(
                            "states in visit " + visit,
                            Collections.nCopies(visit, List.of("begun", "ended")).stream()
                                    .flatMap(List::stream)
                                    .toList(),
                            of("Pressure", file)
                                    .map(event -> event.getString("state"))
                                    .toList());
                }
            }
        }
    }

    private static int openIn(ChildJvm child) {
        return new File("/proc/" + child.pid() + "/fd").list().length;
    }

    @Test
    void theSettingTurnsItOff() throws Exception {
        try (var child = Jvm.program(Leaker.class)
                .agent("timeout=500ms,jfr=false")
                .start()
                .awaitWatching()) {
            jcmd(child, "JFR.start", "name=none");
            child.ask("leak");
            child.awaitEvent(leak());
            var file = directory.resolve("none.jfr");
            jcmd(child, "JFR.dump", "name=none", "filename=" + file);
            assertFalse(events(file)
                    .anyMatch(event -> event.getEventType().getName().startsWith("io.socketreaper")));
            var report = directory.resolve("none.html");
            assertEquals(
                    file
                            + " cannot be read: it has no event of Socket Reaper's; was the agent in that JVM, and not switched"
                            + " off with jfr=false?",
                    report(1, file, "-o", report.toString()));
            var bytes = Files.readAllBytes(file);
            for (int part : new int[] {0, 3, 40, bytes.length / 2, bytes.length - 1}) {
                var cut = Files.write(directory.resolve("cut.jfr"), Arrays.copyOf(bytes, part));
                var said = report(1, cut, "-o", report.toString());
                assertTrue(said.matches(Pattern.quote(cut.toString()) + " cannot be read: [^\n]+"), said);
            }
            assertFalse(Files.exists(report), "nothing could be read");
        }
    }

    private record Shown(List<String> lines) {
        Shown expectSome(String regex) {
            assertTrue(
                    lines.stream().anyMatch(line -> line.matches(".*" + regex + ".*")),
                    () -> regex + " in\n" + String.join("\n", lines));
            return this;
        }
    }

    private static Shown tool(Path file, String... arguments) {
        try (var jfr = Jvm.tool(
                "jfr",
                Stream.concat(Stream.of(arguments), Stream.of(file.toString())).toArray(String[]::new))) {
            return new Shown(jfr.awaitEnd().expectExitCode(0).out());
        }
    }

    private static void jcmd(ChildJvm child, String... command) {
        try (var jcmd = Jvm.tool(
                "jcmd",
                Stream.concat(Stream.of("" + child.pid()), Stream.of(command)).toArray(String[]::new))) {
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
