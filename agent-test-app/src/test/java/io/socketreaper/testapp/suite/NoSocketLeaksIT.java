package io.socketreaper.testapp.suite;

import static io.socketreaper.testapp.harness.AgentSays.attached;
import static io.socketreaper.testapp.harness.AgentSays.started;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.launcher.Launcher;
import org.opentest4j.AssertionFailedError;

/** {@code @NoSocketLeaks} in a test suite, with the jar on its class path as for any user: verdicts and messages. */
class NoSocketLeaksIT {
    private static final String SUITE = "io.socketreaper.testapp.suite.";
    private static final Path SOURCES = Path.of("src", "test", "java", "io", "socketreaper", "testapp", "suite");
    private static final Map<String, String> KINDS = Map.of(
            "unreachable",
            "unreachable",
            "unreachableClassic",
            "unreachable",
            "peerClosed",
            "peer-closed",
            "windowFull",
            "window-full",
            "halfClosed",
            "half-closed",
            "closedNotReleased",
            "closed-not-released",
            "neverConnected",
            "never-connected");

    /** @param why lines of the failure; empty for a test that passed */
    private record Verdict(boolean passed, long micros, List<String> why) {}

    @Test
    void everyKindOfLossFailsTheTestWithTheLineThatLosesIt() throws IOException {
        try (var child = suite("Losing").start()) {
            assertLosing(child, "LEAK");
        }
    }

    @Test
    void anAgentThatWasThereAndReleasesDoesNotHideWhatWasLost() throws IOException {
        try (var child =
                suite("Losing").agent("track=all,action=drain,timeout=200ms").start()) {
            assertLosing(child, "LEAK");
            child.expectEvents(0, attached()).expectEvents(1, started());
        }
    }

    private static void assertLosing(ChildJvm child, String report) throws IOException {
        var verdicts = verdicts(child);
        assertEquals(KINDS.keySet(), verdicts.keySet());
        for (var kind : KINDS.entrySet()) {
            var verdict = verdicts.get(kind.getKey());
            var all = String.join("\n", verdict.why());
            assertTrue(
                    !verdict.passed()
                            && all.startsWith("java.lang.AssertionError: a socket that this test has opened is lost"),
                    kind + ": " + verdict);
            assertTrue(all.contains("\n" + report + " " + kind.getValue() + " ("), kind + ": " + all);
            assertTrue(
                    all.contains("at " + SUITE + "Losing." + kind.getKey() + "(Losing.java:"
                            + lineOf("Losing", kind.getKey()) + ")"),
                    kind + ": " + all);
        }
    }

    @Test
    void itHoldsForDerivedAndNestedClassesAndForWhatIsOpenedBeforeEachTest() throws IOException {
        try (var child = suite("LosingElsewhere").start()) {
            var verdicts = verdicts(child);
            assertEquals(Set.of("derived", "nested"), verdicts.keySet());
            for (var test : verdicts.entrySet()) {
                var why = String.join("\n", test.getValue().why());
                assertTrue(
                        !test.getValue().passed()
                                && why.contains(
                                        "(LosingElsewhere.java:" + lineOf("LosingElsewhere", test.getKey()) + ")"),
                        test + ": " + why);
            }
        }
    }

    /** The example of the documentation among them. */
    @Test
    void testsThatLoseNothingPass() {
        try (var child = suite("Clean", SUITE + "MailClientChecks")
                .option("-Dsocketreaper." + Jvm.JSON)
                .start()) {
            var verdicts = verdicts(child);
            assertEquals(8, verdicts.size());
            verdicts.forEach((name, verdict) -> assertTrue(verdict.passed(), name + ": " + verdict));
            child.expectEvents(0, leak()).expectEvents(1, attached());
        }
    }

    @Test
    void testsThatRunSideBySideAreNotBlamedForEachOther() throws IOException {
        try (var child = suite(
                        "SideBySide",
                        "junit.jupiter.execution.parallel.enabled=true",
                        "junit.jupiter.execution.parallel.config.strategy=fixed",
                        "junit.jupiter.execution.parallel.config.fixed.parallelism=4",
                        "junit.jupiter.execution.parallel.config.fixed.max-pool-size=4")
                .start()) {
            var verdicts = verdicts(child);
            assertEquals(
                    Map.of("loses", false, "closes", true, "opensNothing", true),
                    verdicts.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, each -> each.getValue().passed())),
                    verdicts::toString);
            var why = String.join("\n", verdicts.get("loses").why());
            assertTrue(why.contains("SideBySide.loses(SideBySide.java:" + lineOf("SideBySide", "loses") + ")"), why);
        }
    }

    @Test
    void aJvmThatCannotBeAttachedToSaysWhatToDo() {
        try (var child = suite("Clean").option("-XX:+DisableAttachMechanism").start()) {
            var verdicts = verdicts(child);
            verdicts.forEach((name, verdict) -> assertTrue(
                    !verdict.passed()
                            && verdict.why().get(0).contains("-XX:+EnableDynamicAgentLoading")
                            && verdict.why().get(0).contains("-javaagent:" + Jvm.AGENT + "=track=all"),
                    name + ": " + verdict));
        }
    }

    @Test
    void theApiBesideTheAgentAttachesTheAgent() {
        try (var child = suite(List.of(Jvm.API, Jvm.AGENT), "Clean")
                .option("-Dsocketreaper." + Jvm.JSON)
                .start()) {
            verdicts(child).forEach((name, verdict) -> assertTrue(verdict.passed(), name + ": " + verdict));
            child.expectEvents(1, attached());
        }
    }

    @Test
    void theApiAloneChecksWhereTheJvmWasStartedWithTheAgent() throws IOException {
        try (var child = suite(List.of(Jvm.API), "Losing")
                .agent("track=all,action=log,timeout=24h")
                .start()) {
            assertLosing(child, "LEAK");
        }
    }

    @Test
    void theApiAloneSaysThatTheAgentIsMissing() {
        try (var child = suite(List.of(Jvm.API), "Clean").start()) {
            verdicts(child).forEach((name, verdict) -> {
                var why = verdict.why().get(0);
                assertTrue(
                        !verdict.passed()
                                && why.contains("there is no socket-reaper.jar on the test class path")
                                && why.contains("io.socketreaper:socket-reaper"),
                        name + ": " + verdict);
            });
        }
    }

    @Test
    void anAgentThatDoesNotWatchAllSocketsIsRefused() {
        try (var child = suite("Clean").agent("action=log").start()) {
            verdicts(child)
                    .forEach((name, verdict) -> assertTrue(
                            !verdict.passed() && verdict.why().get(0).contains("start it with track=all"),
                            name + ": " + verdict));
        }
    }

    /** No assertion about time: it is said, for the documentation. */
    @Test
    void whatATestWithoutSocketsCosts() {
        try (var child = suite("CostUnwatched", SUITE + "CostWatched").start()) {
            child.awaitEnd().expectExitCode(0);
            for (var half : List.of("CostUnwatched", "CostWatched")) {
                System.out.println(half + ": "
                        + child.out().stream()
                                .filter(line -> line.startsWith("cost " + half))
                                .toList());
            }
            child.expect(
                    "tests that passed",
                    600L,
                    child.out().stream()
                            .filter(line -> line.contains(" SUCCESSFUL "))
                            .count());
        }
    }

    /** One after the other, unless {@code more} says otherwise. */
    private static Jvm suite(String name, String... more) {
        return suite(List.of(Jvm.AGENT), name, more);
    }

    private static Jvm suite(List<Path> jars, String name, String... more) {
        var classPath = Stream.concat(
                        jars.stream(),
                        Stream.of(
                                        Test.class,
                                        Launcher.class,
                                        TestEngine.class,
                                        JupiterTestEngine.class,
                                        ReflectionSupport.class,
                                        AssertionFailedError.class,
                                        SuiteRunner.class)
                                .map(Jvm::locationOf)
                                .distinct())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        return Jvm.classPath(
                classPath,
                SuiteRunner.class.getName(),
                Stream.concat(
                                Stream.of("junit.jupiter.execution.parallel.enabled=false", SUITE + name),
                                Arrays.stream(more))
                        .toArray(String[]::new));
    }

    private static Map<String, Verdict> verdicts(ChildJvm child) {
        child.awaitEnd().expectExitCode(0);
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        for (var line : child.out()) {
            var parts = line.split(" ", 6);
            if (parts[0].equals("test")) {
                verdicts.put(
                        parts[1],
                        new Verdict(
                                parts[2].equals("SUCCESSFUL"),
                                Long.parseLong(parts[3]),
                                List.of(parts[5].split("\\\\n"))));
            }
        }
        if (verdicts.isEmpty()) {
            throw child.failure("it ran no tests");
        }
        return verdicts;
    }

    /** Number of the line of a source that says it loses a socket. */
    private static int lineOf(String suite, String test) throws IOException {
        var lines = Files.readAllLines(SOURCES.resolve(suite + ".java"));
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).endsWith("// lost: " + test)) {
                return i + 1;
            }
        }
        throw new AssertionError("no line of " + suite + " says that " + test + " loses a socket");
    }
}
