package io.socketreaper.testapp.command;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar as a tool, against processes that leak and know nothing of it. */
class CliIT {
    @TempDir
    private Path directory;

    @Test
    void scanFindsWhatTheFoundingStoryLeaves() {
        try (var app =
                Jvm.app("run", "smtp-reject", "--sockets", "40", "--for", "60s").start()) {
            app.awaitOut("s held=40 ");
            JsonObject leaking;
            try (var scan = Tool.start("scan", pid(app), "--json", "--fail-on-leak")) {
                scan.awaitEnd().expectExitCode(10);
                leaking = Tool.parsed(String.join("\n", scan.out())).getAsJsonObject();
            }
            app.expect("verdict", "leaking", verdict(leaking));
            app.expect("process", app.pid(), leaking.get("pid").getAsLong());
            app.expect("finished", 40, number(leaking, "finished", "count"));
            app.expect("in no table", 40, number(leaking, "sockets", "inNoTable"));
            app.expect("a limit", true, number(leaking, "descriptors", "limit") > 40);
            var watched = Tool.json("scan", pid(app), "--watch", "2s").getAsJsonObject();
            app.expect("verdict of a watch", "leaking", verdict(watched));
            app.expect("finished after a watch", 40, number(watched, "finished", "count"));
            app.expect("in no table after a watch", 40, number(watched, "sockets", "inNoTable"));
            app.expect(
                    "growth",
                    0.0,
                    watched.getAsJsonObject("finished").get("perSecond").getAsDouble());
            app.expect("alive after all that", true, app.isAlive());
        }
    }

    @Test
    void scanFindsCloseWaitOfASocketThatIsNotClosed() {
        try (var app =
                Jvm.app("run", "close-wait", "--sockets", "20", "--for", "60s").start()) {
            app.awaitOut("s held=20 ");
            var scan = Tool.json("scan", pid(app)).getAsJsonObject();
            app.expect("verdict", "suspicious", verdict(scan));
            app.expect("CLOSE_WAIT", 20, number(scan.getAsJsonObject("sockets"), "tcp", "CLOSE_WAIT"));
            app.expect("CLOSE_WAIT that count", 20, number(scan, "closeWait", "count"));
            app.expect("whose end has been read", 20, number(scan, "closeWait", "endRead"));
        }
    }

    @Test
    void scanOfAProcessThatEndsSaysWhatItSawBefore() {
        var said = "ended during the scan; the output shows what was seen before";
        for (var seconds : List.of("4", "12", "36")) {
            try (var sleeper = new ChildJvm(new ProcessBuilder("sleep", seconds));
                    var scan = Tool.start("scan", pid(sleeper), "--watch", "50s")) {
                scan.awaitEnd().expectExitCode(3);
                // On a busy machine the tool may have started too late to see it at all.
                if (seconds.equals("36") || scan.err().stream().anyMatch(line -> line.contains(said))) {
                    scan.expectErr(1, said);
                    expectOut(scan, "^descriptors +\\d+ of ");
                    return;
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "scan 0|2|'0' is not a process; write a process id above 0, or a part of a main class or jar name, such as",
                "scan no.such.Main|3|no main class or jar name of a JVM contains 'no.such.Main'; the command list names",
                "help sacn|2|Unknown subcommand 'sacn'.",
                "scan|2|Missing required parameter: 'PID'",
                "scan 1 --watch=10|2|'10' is not a duration; write a number and its unit, such as 10s, 5m or 2h",
                "version|2|there is no command or option 'version'; write --version",
                "set action=drain|2|the process is missing: 'action=drain' is a setting, and the process comes before it",
                "release 1 09f1fbbd|2|shows, or --site 09f1fbbd if it is the id of a leak site",
                "sacn 1|2|there is no command or option 'sacn'; the commands are list, scan, ",
                "scan 4194305|3|there is no process 4194305; the command list names the JVMs"
            })
    void badInputIsAnsweredWithACodeAndASentence(String arguments, int code, String message) {
        try (var tool = Tool.start(arguments.split(" "))) {
            tool.awaitEnd().expectExitCode(code).expect("standard output", List.of(), tool.out());
            tool.expect("message", true, tool.err().get(0).contains(message));
        }
    }

    @Test
    void withoutArgumentsItPrintsItsUsageWithoutColours() {
        try (var tool = Tool.start()) {
            tool.awaitEnd().expectExitCode(0).expect("errors", List.of(), tool.err());
            expectOut(tool, "^Usage: socket-reaper \\[-hV] COMMAND$");
        }
        try (var tool = Tool.start("--version")) {
            tool.awaitEnd().expectExitCode(0);
            expectOut(tool, "^Socket Reaper \\d+\\.\\d+\\.\\d+");
        }
    }

    @Test
    void coloursAreForTerminalsOnly() throws IOException {
        var self = Long.toString(ProcessHandle.current().pid());
        var log = directory.resolve("err.log");
        try (var scan = Tool.onTerminal(Map.of(), "", "scan", self);
                var wrong = Tool.onTerminal(Map.of(), "", "scan", "0");
                var logged = Tool.onTerminal(Map.of(), "2>'" + log + "'", "scan", "0");
                var plain = Tool.onTerminal(Map.of("NO_COLOR", "1"), "", "scan", self)) {
            scan.awaitEnd()
                    .expectExitCode(0)
                    .expect("colours", true, String.join("\n", scan.out()).contains("\033["));
            wrong.awaitEnd()
                    .expectExitCode(2)
                    .expect("colours", true, wrong.out().get(0).contains("\033["));
            logged.awaitEnd()
                    .expectExitCode(2)
                    .expect("colours", false, Files.readString(log).contains("\033["));
            logged.expect("message", true, Files.readString(log).contains("'0' is not a process;"));
            plain.awaitEnd()
                    .expectExitCode(0)
                    .expect("colours", false, String.join("\n", plain.out()).contains("\033["));
        }
    }

    @Test
    void anInterruptedWatchShowsWhatItHasSeen() {
        var self = Long.toString(ProcessHandle.current().pid());
        try (var scan = Tool.onTerminal(Map.of("NO_COLOR", "1"), "", "scan", self, "--watch", "24h")) {
            scan.awaitOut("Ctrl-C ends it earlier");
            scan.tell("\003");
            scan.awaitEnd().expectExitCode(130);
            expectOut(scan, "^descriptors +\\d+ of ", "^(clean|suspicious|leaking|near-limit): ");
        }
    }

    @Test
    void aFullDiskIsAFailure() {
        try (var list = new ChildJvm(new ProcessBuilder(
                "bash",
                "-c",
                "exec \"$0\" -jar \"$1\" list --no-attach > /dev/full",
                ChildJvm.javaHome().resolve("bin/java").toString(),
                Jvm.AGENT.toString()))) {
            list.awaitEnd().expectExitCode(1).expectErr(1, "^standard output cannot be written, ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"list --no-attach", "scan $PID"})
    void aReaderThatHasEndedIsNoError(String arguments) {
        var command = new ArrayList<>(List.of(
                "python3",
                "-c",
                "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1); os.execv(sys.argv[1], sys.argv[1:])",
                ChildJvm.javaHome().resolve("bin/java").toString(),
                "-jar",
                Jvm.AGENT.toString()));
        var self = Long.toString(ProcessHandle.current().pid());
        command.addAll(List.of(arguments.replace("$PID", self).split(" ")));
        try (var list = new ChildJvm(new ProcessBuilder(command))) {
            list.awaitEnd().expectExitCode(141).expect("errors", List.of(), list.err());
        }
    }

    @Test
    void aJvmIsFoundByTheNameOfItsJar() throws IOException {
        var name = "lost-" + UUID.randomUUID();
        var jar = jarOfTheApp(name);
        try (var one = server(jar)) {
            one.awaitOut("s held=1 ");
            isAbout(one, Tool.json("scan", name));
            Tool.run(0, "attach", name, "timeout=1h");
            isAbout(one, Tool.json("status", name + ".jar"));
            Tool.expect(one, Tool.run(0, "detach", name), "^detached: ");
            try (var two = server(jar)) {
                two.awaitOut("s held=1 ");
                Tool.expect(
                        two,
                        Tool.run(2, "status", name),
                        "^the main class or jar name of 2 JVMs contains '" + name
                                + "'; write the process id, or more of the" + " name:$",
                        "^  " + one.pid() + "  .*" + name + "\\.jar$",
                        "^  " + two.pid() + "  .*" + name + "\\.jar$");
            }
        }
    }

    /** A jar of that name that only leads to the app. */
    private Path jarOfTheApp(String name) throws IOException {
        var jar = directory.resolve(name + ".jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "io.socketreaper.testapp.Main");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Jvm.APP.toAbsolutePath().toUri().toString());
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    private static ChildJvm server(Path jar) {
        return new ChildJvm(new ProcessBuilder(
                ChildJvm.javaHome().resolve("bin/java").toString(),
                "-XX:+EnableDynamicAgentLoading",
                "-jar",
                jar.toString(),
                "run",
                "tcpserver",
                "--sockets",
                "1",
                "--for",
                "120s"));
    }

    private static void isAbout(ChildJvm expected, JsonElement said) {
        expected.expect("pid", expected.pid(), said.getAsJsonObject().get("pid").getAsLong());
    }

    private static String verdict(JsonObject scan) {
        return scan.getAsJsonObject("verdict").get("state").getAsString();
    }

    private static int number(JsonObject scan, String part, String name) {
        return scan.getAsJsonObject(part).get(name).getAsInt();
    }

    private static String pid(ChildJvm child) {
        return Long.toString(child.pid());
    }

    private static void expectOut(ChildJvm child, String... regexes) {
        for (var regex : regexes) {
            var pattern = Pattern.compile(regex);
            if (child.out().stream().noneMatch(line -> pattern.matcher(line).find())) {
                throw child.failure("no line on standard output like '" + regex + "'");
            }
        }
    }
}
