package io.socketreaper.testapp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators write, rightly and wrongly, and what comes of it. */
class SettingsIT {
    private static final int SOCKETS = 5;
    /** The last of the lines that tell of the sockets. */
    private static final String REPORTED = "count=" + SOCKETS + " ";
    private static final String OBSERVES = "action=log \\(observes only because of %d problems; drain was asked for by %s\\)";

    @TempDir
    private Path directory;

    @Test
    void everyProblemOfTheArgumentsIsNamedAndNothingIsClosed() {
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("action=drain,timeout=500ms,timout=1s,drain-bytes=lots,drain-time=30s,drain-time=20s,preview"))) {
            onlyObserved(child, 4, "agent argument");
            child.expectErr("ERROR .*unknown setting \"timout\" \\(agent argument\\): did you mean \"timeout\"\\? it is ignored");
            child.expectErr("ERROR .*bad value \"lots\" of setting \"drain-bytes\" \\(agent argument\\): .* the default 2MiB is used");
            child.expectErr("ERROR .*setting \"drain-time\" is given twice \\(agent argument\\): write it once; the value \"30s\" holds");
            child.expectErr("ERROR .*unreadable agent argument \"preview\": write key=value, .*");
        }
    }

    @Test
    void everyProblemOfTheSystemPropertiesIsNamedAndNothingIsClosed() {
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("timeout=500ms").option("-Dsocketreaper.action=drain", "-Dsocketreaper.drain-ilde=1s",
                "-Dsocketreaper.drain-time=soon"))) {
            onlyObserved(child, 2, "system property -Dsocketreaper.action");
            child.expectErr("ERROR .*unknown setting \"drain-ilde\" \\(system property -Dsocketreaper.drain-ilde\\): "
                    + "did you mean \"-Dsocketreaper.drain-idle\"\\?");
            child.expectErr("ERROR .*bad value \"soon\" of setting \"drain-time\" \\(system property -Dsocketreaper.drain-time\\)");
        }
    }

    @Test
    void everyProblemOfTheEnvironmentIsNamedAndNothingIsClosed() {
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("timeout=500ms").environment("SOCKETREAPER_ACTION", "drain")
                .environment("SOCKETREAPER_PREVEIW", "16").environment("SOCKETREAPER_STACK_DEPTH", "-1"))) {
            onlyObserved(child, 2, "environment variable SOCKETREAPER_ACTION");
            child.expectErr("ERROR .*unknown setting \"PREVEIW\" \\(environment variable SOCKETREAPER_PREVEIW\\): "
                    + "did you mean \"SOCKETREAPER_PREVIEW\"\\?");
            child.expectErr("ERROR .*bad value \"-1\" of setting \"stack-depth\" \\(environment variable SOCKETREAPER_STACK_DEPTH\\)");
        }
    }

    @Test
    void everyProblemOfTheFileIsNamedAndNothingIsClosed() throws IOException {
        var file = Files.writeString(directory.resolve("reaper.properties"), "action=drain\nlog-intervall=1s\nexclude=rremote:1.2.3.4\n");
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("timeout=500ms,config=" + file))) {
            onlyObserved(child, 2, "file " + file);
            child.expectErr("ERROR .*unknown setting \"log-intervall\" \\(file .*\\): did you mean \"log-interval\"\\?");
            child.expectErr("ERROR .*bad value \"rremote:1.2.3.4\" of setting \"exclude\" \\(file .*\\): .*");
        }
    }

    @Test
    void aFileThatIsNotThereIsAProblem() {
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("action=close,timeout=500ms,config=" + directory.resolve("none")))) {
            untouched(child);
            child.expectErr("ERROR .*cannot read settings file \".*/none\" \\(agent argument\\): it does not exist; "
                    + "none of its settings hold and the agent only observes");
        }
    }

    @Test
    void aMistypedActionClosesNothingAndTheApplicationsExitCodeIsItsOwn() {
        try (var child = Jvm.app("run", "no-such-scenario").agent("action=dran").start().awaitEnd()) {
            child.expectExitCode(2);
            child.expectErr("ERROR .*bad value \"dran\" of setting \"action\" \\(agent argument\\): did you mean \"drain\"\\?");
        }
    }

    @Test
    void settingsComeFromAllSourcesTheStrongestFirst() throws IOException {
        var file = Files.writeString(directory.resolve("reaper.properties"), "action=log\ntimeout=1h\nstack-depth=3\n");
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("action=close,config=" + file).option("-Dsocketreaper.timeout=500ms")
                .environment("SOCKETREAPER_TIMEOUT", "2h").environment("SOCKETREAPER_LOG_INTERVAL", "1s"))) {
            child.expectExitCode(0).expectResult("held", 0);
            child.expectErr("INFO .*effective settings: action=close \\(agent argument\\), "
                    + "timeout=500ms \\(system property -Dsocketreaper.timeout\\), "
                    + "log-interval=1s \\(environment variable SOCKETREAPER_LOG_INTERVAL\\), stack-depth=3 \\(file .*\\), config=");
            child.expectErr(3, "^            at ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"remote:127.0.0.1", "remote:127.0.0.0/8", "stack:io.socketreaper.testapp.leaking.*"})
    void anExcludedSocketIsCountedAndStays(String rule) {
        try (var child = Jvm.untilReported(REPORTED, watched -> leaking(watched).agent("action=drain,timeout=500ms,log-interval=1s,exclude=" + rule))) {
            untouched(child);
            child.expectErr(1, "done +nothing, because of exclude=" + rule.replace("*", "\\*") + "$");
            child.expectErr("count=" + SOCKETS + " released=0 released-after-all=0 excluded=" + SOCKETS);
        }
    }

    @Test
    void aLocalPortIsExcluded() {
        try (var other = Jvm.program(Leaker.class).start()) {
            // Nobody else gets the port that this child keeps bound; the rule names it, and another port in vain.
            int port = Integer.parseInt(other.ask("port").split(" ")[1]);
            try (var child = Jvm.program(Leaker.class, "" + port).agent("action=drain,timeout=500ms,exclude=local:127.0.0.2:" + port)
                    .start().awaitWatching()) {
                child.ask("leak");
                child.awaitErr("done +nothing, because of exclude=local:127.0.0.2:" + port);
                assertEquals("held 1", child.ask("held"));
            }
            try (var child = Jvm.program(Leaker.class, "" + port).agent("action=drain,timeout=500ms,exclude=local::" + (port ^ 1))
                    .start().awaitWatching()) {
                child.ask("leak");
                child.awaitErr("done +drained: 6 bytes");
                assertEquals("held 0", child.ask("held"));
            }
        }
    }

    @Test
    void discardedBytesAreShownOnlyWhereAskedFor() {
        try (var child = smtp().agent("action=drain,timeout=500ms,preview=32").start().awaitEnd()) {
            child.expectResult("held", 0);
            child.expectErr("done +drained: 6 bytes discarded .*; it began with \"rset\\\\r\\\\n\"$");
        }
        try (var child = smtp().agent("action=drain,timeout=500ms").start().awaitEnd()) {
            child.expectResult("held", 0);
            child.expectErr("done +drained: 6 bytes discarded .*; the descriptor is gone \\([^)]*\\)$");
            child.expectErr(0, "(?i)rset");
        }
    }

    private static void onlyObserved(ChildJvm child, int problems, String askedBy) {
        untouched(child);
        child.expectErr(problems, " ERROR \\[socket-reaper] .* and the agent only observes$");
        child.expectErr("INFO .*" + OBSERVES.formatted(problems, askedBy));
        child.expectErr(1, "done +nothing \\(action=log\\)$");
    }

    private static void untouched(ChildJvm child) {
        child.expectExitCode(0).expectResult("opened", SOCKETS).expectResult("held", SOCKETS).expectResult("intact", "yes");
        child.expectErr(1, "LEAK ").expectErr(0, "discarded|closed by its owner");
        child.expectOnlyOwnLines();
    }

    private static Jvm leaking(String watched) {
        return Jvm.app("run", "tcpserver", "--sockets", "" + SOCKETS, "--for", watched, "--reaper-timeout", "500ms");
    }

    private static Jvm smtp() {
        return Jvm.app("run", "smtp-reject", "--sockets", "" + SOCKETS, "--for", "20s", "--reaper-timeout", "500ms");
    }
}
