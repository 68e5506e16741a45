package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.AgentSays.watching;
import static io.socketreaper.testapp.harness.EventPattern.counts;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The log arrives where the operator wants it, or on standard error, and the application's own stays the application's. */
class LogIT {
    private static final String DRAIN = "action=drain,timeout=500ms,log=";
    private static final String RELEASED = "done +drained: 6 bytes";

    private static final Pattern OTHER_LOGS =
            Pattern.compile("io\\.socketreaper\\.(shaded\\.gson\\..*|runtime\\.LogSelection.*"
                    + "|log\\.(LogOutlet|Outlet|Queued|Standard|Json|Rotating|Application|LogEntry|LogFormat|Logs).*)");

    @TempDir
    private Path directory;

    @Test
    void aFileHoldsEverythingAndStandardErrorNothing() throws IOException {
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog(DRAIN + "file:" + directory.resolve("reaper-%p.log"))
                .start()) {
            var file = directory.resolve("reaper-" + child.pid() + ".log");
            leak(child, file);
            child.tell("end");
            child.awaitEnd().expectExitCode(0);

            assertEquals(List.of(), child.err());
            var lines = Files.readAllLines(file);
            assertTrue(
                    lines.get(0).matches("\\S+Z INFO  \\[socket-reaper] Socket Reaper started; settings: .*"),
                    lines.get(0));
            assertTrue(
                    lines.get(0).contains("log=file:" + directory.resolve("reaper-%p.log") + " (agent argument)"),
                    lines.get(0));
        }
    }

    @Test
    void everyLineOfAJsonFileIsAnObject() throws IOException {
        var file = directory.resolve("reaper.json");
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog(DRAIN + "json-file:" + file + ",timout=1s,addresses=masked")
                .start()) {
            child.ask("leak");
            await(child, file, "\"event\":\"leak\"");
            for (var line : Files.readAllLines(file)) {
                JsonParser.parseString(line).getAsJsonObject();
            }
            var first = JsonParser.parseString(Files.readAllLines(file).get(0)).getAsJsonObject();
            assertEquals(
                    "ERROR", first.get("level").getAsString(), "a problem of the settings goes where the log goes");
            assertTrue(first.get("message").getAsString().startsWith("unknown setting \"timout\""), first::toString);
            assertEquals(List.of(), child.err());
        }
    }

    @Test
    void jsonOnStandardErrorIsOneObjectALine() {
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog(DRAIN + "json,log-interval=1s")
                .start()) {
            child.awaitEvent(watching());
            child.ask("leak");
            child.awaitEvent(drained(6));
            child.ask("leak");
            child.awaitEvent(counts(2));
            child.tell("end");
            child.awaitEnd().expectExitCode(0);

            child.expect(
                    "lines that are events", child.err().size(), child.events().size());
            var leak = JsonParser.parseString(
                            child.expectEvent(EventPattern.leak()).toString())
                    .getAsJsonObject();
            assertEquals(6, leak.get("drained_bytes").getAsInt());
            assertTrue(leak.get("message").getAsString().contains("\n    done    drained: 6 bytes"));
            assertTrue(leak.get("stack").getAsJsonArray().size() > 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nowhere/reaper.log", "/dev/full", "/proc"})
    void aFileThatCannotBeWrittenIsSaidOnceAndNothingIsLost(String path) {
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog(DRAIN + "file:" + path)
                .start()) {
            child.awaitWatching().ask("leak");
            child.awaitErr(RELEASED);
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
            child.expectErr(1, "ERROR \\[socket-reaper] log=file:" + path + " cannot be written \\(");
            child.expectErr(1, "Socket Reaper started");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"slf4j.version", "slf4j17.version"})
    void theApplicationsOwnLogGetsWhatWasSaidBeforeItWasThere(String version) throws IOException {
        var file = directory.resolve("application.log");
        try (var child = Jvm.programWith(slf4j(version), Leaker.class)
                .option("-Dleaker.log=" + file)
                .agentWithItsLog(DRAIN + "app")
                .start()) {
            child.ask("leak");
            awaitReleased(child);
            assertFalse(Files.exists(file), "the application has configured no log yet");
            child.expect("slf4j", "slf4j on", child.ask("slf4j"));
            await(child, file, RELEASED);

            // It exists only if SLF4J was initialised after the application had configured it.
            var lines = Files.readAllLines(file);
            assertTrue(lines.contains("[main] INFO leaker - the application's first line"), () -> "" + lines);
            // The agent's thread may come between the configuration and the application's first line.
            var own = lines.stream().filter(line -> !line.startsWith("[main]")).toList();
            assertTrue(
                    own.get(0).matches("\\[socket-reaper-log] INFO io\\.socketreaper - .*Socket Reaper started; .*"),
                    own.get(0));
            assertTrue(lines.stream()
                    .anyMatch(line -> line.matches("\\[socket-reaper-log] WARN io\\.socketreaper - .*LEAK .*")));
            assertEquals(List.of(), child.err());
        }
    }

    @Test
    void anApplicationWithoutSlf4jHasItsReportsOnStandardErrorAtTheEnd() {
        try (var child =
                Jvm.program(Leaker.class).agentWithItsLog(DRAIN + "app").start()) {
            // When the second is released, the first is reported.
            for (int i = 0; i < 2; i++) {
                child.ask("leak");
                child.expect("held", "held 0", awaitReleased(child));
            }
            assertEquals(List.of(), child.err());
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
            child.expectErr(1, "INFO  \\[socket-reaper] Socket Reaper started");
            child.expectErr(1, RELEASED);
        }
    }

    /** E.g. a full pipe. */
    @ParameterizedTest
    @CsvSource({"stderr, " + RELEASED, "json, '\"outcome\":\"drained\"'"})
    void aStandardErrorThatNobodyReadsHoldsUpNoReleaseAndIsToldOfItLater(String log, String told) {
        try (var child =
                Jvm.program(Leaker.class).agentWithItsLog(DRAIN + log).start().awaitWatching()) {
            child.ask("stall");
            for (int i = 0; i < 3; i++) {
                child.ask("leak");
                child.expect("held", "held 0", awaitReleased(child));
            }
            child.expectErr(0, told);
            child.ask("unstall");
            child.awaitErr(told);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stderr", "json", "app", "file:/nowhere/reaper.log"})
    void aJvmEndsThoughNobodyReadsItsStandardError(String log) {
        try (var child = Jvm.program(Leaker.class).agentWithItsLog(DRAIN + log).start()) {
            child.ask("leak");
            awaitReleased(child);
            child.ask("stall");
            for (int i = 0; i < 2; i++) {
                child.ask("leak");
                child.expect("held", "held 0", awaitReleased(child));
            }
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    /** As tools do that inherit JAVA_TOOL_OPTIONS. */
    @RepeatedTest(10)
    void aJvmThatEndsAtOnceHasSaidThatItWasWatched() {
        try (var child =
                Jvm.program(EndsAtOnce.class).agentWithItsLog(DRAIN + "stderr").start()) {
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines().expectErr(1, "Socket Reaper started");
        }
    }

    @Test
    void theUsualLogLoadsNothingOfTheOthers() {
        try (var child = Jvm.program(Leaker.class)
                .option("-Xlog:class+load:stdout:none")
                .agentWithItsLog("action=drain,timeout=500ms")
                .start()
                .awaitWatching()) {
            child.ask("leak");
            child.awaitErr(RELEASED);
            var others = child.out().stream()
                    .map(line -> line.split(" ")[0])
                    .filter(name -> OTHER_LOGS.matcher(name).matches())
                    .toList();
            assertEquals(List.of(), others);
            assertTrue(
                    child.out().stream().anyMatch(line -> line.startsWith("io.socketreaper.log.StderrLogger")),
                    "the child tells");
        }
    }

    private static void leak(ChildJvm child, Path file) throws IOException {
        await(child, file, "self-test passed");
        child.ask("leak");
        await(child, file, RELEASED);
    }

    /** The answer to how many sockets are held, once it is none. */
    private static String awaitReleased(ChildJvm child) {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        var held = child.ask("held");
        while (!held.equals("held 0") && System.nanoTime() < deadline) {
            LockSupport.parkNanos(50_000_000);
            held = child.ask("held");
        }
        return held;
    }

    private static void await(ChildJvm child, Path file, String regex) throws IOException {
        var pattern = Pattern.compile(regex);
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (!Files.exists(file)
                || Files.readAllLines(file).stream()
                        .noneMatch(line -> pattern.matcher(line).find())) {
            if (System.nanoTime() > deadline) {
                throw child.failure(
                        "no line like '" + regex + "' in " + (Files.exists(file) ? Files.readString(file) : file));
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static List<Path> slf4j(String version) {
        var lib = Path.of(System.getProperty("slf4j.lib"));
        return List.of(
                lib.resolve("slf4j-api-" + System.getProperty(version) + ".jar"),
                lib.resolve("slf4j-simple-" + System.getProperty(version) + ".jar"));
    }
}
