package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.AgentSays.error;
import static io.socketreaper.testapp.harness.AgentSays.started;
import static io.socketreaper.testapp.harness.EventPattern.counts;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static io.socketreaper.testapp.harness.EventPattern.logged;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators write, rightly and wrongly, and what comes of it. */
class SettingsIT {
    private static final int SOCKETS = 5;

    @TempDir
    private Path directory;

    @Test
    void everyProblemOfTheArgumentsIsNamedAndNothingIsClosed() {
        try (var child = leaking(jvm -> jvm.agent(
                "action=drain,timeout=500ms,timout=1s,drain-bytes=lots," + "drain-time=30s,drain-time=20s,preview"))) {
            onlyObserved(child, 4, "agent argument");
            child.expectEvent(problem("unknown setting \"timout\" \\(agent argument\\): did you mean \"timeout\"\\?"));
            child.expectEvent(problem("bad value \"lots\" of setting \"drain-bytes\" \\(agent argument\\): "
                    + ".*; the default 2MiB is used"));
            child.expectEvent(problem("setting \"drain-time\" is given twice \\(agent argument\\): "
                    + "write it once; the value \"30s\" is used"));
            child.expectEvent(problem("unreadable agent argument \"preview\": write key=value, "));
        }
    }

    @Test
    void everyProblemOfTheSystemPropertiesIsNamedAndNothingIsClosed() {
        try (var child = leaking(jvm -> jvm.agent("timeout=500ms")
                .option(
                        "-Dsocketreaper.action=drain",
                        "-Dsocketreaper.drain-ilde=1s",
                        "-Dsocketreaper.drain-time=soon"))) {
            onlyObserved(child, 2, "system property -Dsocketreaper.action");
            child.expectEvent(problem("unknown setting \"drain-ilde\" \\(system property -Dsocketreaper.drain-ilde\\): "
                    + "did you mean \"-Dsocketreaper.drain-idle\"\\?"));
            child.expectEvent(problem("bad value \"soon\" of setting \"drain-time\" "
                    + "\\(system property -Dsocketreaper.drain-time\\)"));
        }
    }

    @Test
    void everyProblemOfTheEnvironmentIsNamedAndNothingIsClosed() {
        try (var child = leaking(jvm -> jvm.agent("timeout=500ms")
                .environment("SOCKETREAPER_ACTION", "drain")
                .environment("SOCKETREAPER_PREVEIW", "16")
                .environment("SOCKETREAPER_STACK_DEPTH", "-1"))) {
            onlyObserved(child, 2, "environment variable SOCKETREAPER_ACTION");
            child.expectEvent(problem("unknown setting \"PREVEIW\" \\(environment variable SOCKETREAPER_PREVEIW\\): "
                    + "did you mean \"SOCKETREAPER_PREVIEW\"\\?"));
            child.expectEvent(problem("bad value \"-1\" of setting \"stack-depth\" "
                    + "\\(environment variable SOCKETREAPER_STACK_DEPTH\\)"));
        }
    }

    @Test
    void everyProblemOfTheFileIsNamedAndNothingIsClosed() throws IOException {
        var file = file("action=drain\nlog-intervall=1s\nexclude=rremote:1.2.3.4\n");
        try (var child = leaking(jvm -> jvm.agent("timeout=500ms,config=" + file))) {
            onlyObserved(child, 2, "file " + file);
            child.expectEvent(
                    problem("unknown setting \"log-intervall\" \\(file .*\\): did you mean \"log-interval\"\\?"));
            child.expectEvent(problem("bad value \"rremote:1.2.3.4\" of setting \"exclude\" \\(file .*\\): "));
        }
    }

    @Test
    void aFileThatIsNotThereIsAProblem() {
        try (var child = leaking(jvm -> jvm.agent("action=close,timeout=500ms,config=" + directory.resolve("none")))) {
            untouched(child);
            child.expectEvent(problem("cannot read settings file \".*/none\" \\(agent argument\\): it does not exist; "
                    + "none of its settings is used"));
        }
    }

    @Test
    void aMistypedActionClosesNothingAndTheApplicationsExitCodeIsItsOwn() {
        try (var child =
                Jvm.app("run", "no-such-scenario").agent("action=dran").start().awaitEnd()) {
            child.expectExitCode(2);
            child.expectEvent(problem(
                    "bad value \"dran\" of setting \"action\" \\(agent argument\\): " + "did you mean \"drain\"\\?"));
        }
    }

    @Test
    void settingsComeFromAllSourcesTheStrongestFirst() throws IOException {
        var file = file("action=log\ntimeout=1h\nstack-depth=3\n");
        try (var child = leaking(jvm -> jvm.agent("action=close,config=" + file)
                .option("-Dsocketreaper.timeout=500ms")
                .environment("SOCKETREAPER_TIMEOUT", "2h")
                .environment("SOCKETREAPER_LOG_INTERVAL", "1s"))) {
            child.expectExitCode(0).expectResult("held", 0);
            child.expectEvent(started()
                    .saying("; settings: action=close \\(agent argument\\), "
                            + "timeout=500ms \\(system property -Dsocketreaper.timeout\\), "
                            + "track=half-closed \\(default\\), "
                            + "log=json \\(agent argument\\), "
                            + "log-interval=1s \\(environment variable SOCKETREAPER_LOG_INTERVAL\\), "
                            + "stack-depth=3 \\(file .*\\), config="));
            child.expectEvents(1, leak());
            child.expect(
                    "frames that are shown",
                    3,
                    child.expectEvent(leak()).list("stack").size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"remote:127.0.0.1", "remote:127.0.0.0/8", "stack:io.socketreaper.testapp.leaking.*"})
    void anExcludedSocketIsCountedAndStays(String rule) {
        try (var child = leaking(jvm -> jvm.agent("action=drain,timeout=500ms,log-interval=1s,exclude=" + rule))) {
            untouched(child);
            child.expectEvents(1, leak().with("outcome", "excluded").with("exclusion", rule));
            child.expectEvent(counts(SOCKETS, 0).with("released_after_all", 0).with("excluded", SOCKETS));
        }
    }

    @Test
    void aLocalPortIsExcludedAndNoOther() {
        // On another address this child keeps the port bound that the next two listen on: nobody else gets it.
        try (var keeper = Jvm.program(Leaker.class).start()) {
            int port = Integer.parseInt(keeper.ask("port").split(" ")[1]);
            var rule = "local:127.0.0.2:" + port;
            leakOn(port, rule, leak().with("outcome", "excluded").with("exclusion", rule), "held 1");
            leakOn(port, "local::" + (port ^ 1), drained().with("drained_bytes", 6), "held 0");
        }
    }

    private static void leakOn(int port, String rule, EventPattern done, String held) {
        try (var child = Jvm.program(Leaker.class, "" + port)
                .agent("action=drain,timeout=500ms,exclude=" + rule)
                .start()) {
            child.awaitWatching().ask("leak");
            child.awaitEvent(done);
            child.expect("descriptors", held, child.ask("held"));
        }
    }

    @Test
    void discardedBytesAreShownOnlyWhereAskedFor() {
        try (var child =
                smtp().agent("action=drain,timeout=500ms,preview=32").start().awaitEnd()) {
            child.expectResult("held", 0);
            child.expectEvent(drained(6).with("preview", "rset\\r\\n"));
        }
        try (var child = smtp().agent("action=drain,timeout=500ms").start().awaitEnd()) {
            child.expectResult("held", 0);
            child.expectEvent(drained(6).without("preview"));
            child.expectErr(0, "(?i)rset");
        }
    }

    private static void onlyObserved(ChildJvm child, int problems, String askedBy) {
        untouched(child);
        child.expectEvents(problems, problem(""));
        child.expectEvent(started()
                .saying("action=log \\(observes only because of " + problems + " problems; " + "drain was asked for by "
                        + askedBy + "\\)"));
        child.expectEvents(1, logged().withOneOf("grade", "proven", "strong", "weak"));
    }

    private static EventPattern problem(String regex) {
        return error("^" + regex + ".* and the agent only observes$");
    }

    private static void untouched(ChildJvm child) {
        child.expectExitCode(0)
                .expectResult("opened", SOCKETS)
                .expectResult("held", SOCKETS)
                .expectResult("intact", "yes");
        child.expectEvents(1, leak())
                .expectEvents(1, leak().withOneOf("outcome", "logged", "excluded"))
                .expectOnlyOwnLines();
    }

    private Path file(String lines) throws IOException {
        return Files.writeString(directory.resolve("reaper.properties"), lines);
    }

    /** Played until the agent has counted all of its sockets, which it does at the latest when the JVM ends. */
    private static ChildJvm leaking(UnaryOperator<Jvm> settings) {
        return Jvm.untilReported(
                counts(SOCKETS),
                watched -> settings.apply(Jvm.app(
                        "run", "tcpserver", "--sockets", "" + SOCKETS, "--for", watched, "--reaper-timeout", "500ms")));
    }

    private static Jvm smtp() {
        return Jvm.app("run", "smtp-reject", "--sockets", "" + SOCKETS, "--for", "20s", "--reaper-timeout", "500ms");
    }
}
