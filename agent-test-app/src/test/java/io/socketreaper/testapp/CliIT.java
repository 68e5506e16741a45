package io.socketreaper.testapp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar as a tool, against processes that leak and know nothing of it. */
@Isolated // a watch of a few seconds tells rates
class CliIT {
    /** Half-closes what it accepts and never reads it; its own thread is the client, once for each line it is told. */
    private static final String PYTHON_SERVER = """
            import socket, sys
            server = socket.create_server(('127.0.0.1', 0))
            held = []
            for line in sys.stdin:
                client = socket.create_connection(server.getsockname())
                accepted = server.accept()[0]
                accepted.sendall(b'552 no')
                accepted.shutdown(socket.SHUT_WR)
                held.append(accepted)
                while client.recv(100):
                    pass
                client.sendall(b'QUIT\\r\\n')
                client.close()
                print('leaked', server.getsockname()[1], flush=True)
            """;

    private static final int LEAKS = 30;

    @TempDir
    private Path directory;

    @Test
    void scanFindsWhatTheFoundingStoryLeaves() {
        try (var app =
                Jvm.app("run", "smtp-reject", "--sockets", "40", "--for", "60s").start()) {
            app.awaitOut("s held=40 ");
            try (var scan = tool("scan", pid(app), "--json", "--fail-on-leak")) {
                scan.awaitEnd().expectExitCode(10);
                expectOut(scan, "\"state\": \"leaking\"", "\"count\": 40", "40 of \\d+ descriptors are sockets whose");
                expectOut(scan, "\"pid\": " + app.pid(), "\"inNoTable\": 40");
            }
            try (var scan = tool("scan", pid(app), "--watch", "2s")) {
                scan.awaitEnd().expectExitCode(0);
                expectOut(
                        scan,
                        "socket in no table +40  \\+0\\.0/min",
                        "^leaking: 40 of .* no more than when the watch began");
            }
            app.expect("alive after all that", true, app.isAlive());
        }
    }

    @Test
    void scanFindsCloseWaitOfASocketThatIsNotClosed() {
        try (var app =
                Jvm.app("run", "close-wait", "--sockets", "20", "--for", "60s").start()) {
            app.awaitOut("s held=20 ");
            try (var scan = tool("scan", pid(app))) {
                scan.awaitEnd().expectExitCode(0);
                expectOut(
                        scan,
                        "TCP CLOSE_WAIT +20",
                        "^suspicious: 20 of .*\\(CLOSE_WAIT\\); of all the end has been read");
            }
        }
    }

    @Test
    void scanSeesAnotherLanguagesLeakGrowAndKnowsItsPort() throws IOException {
        var program = Files.writeString(directory.resolve("server.py"), PYTHON_SERVER);
        try (var python = new ChildJvm(new ProcessBuilder("python3", program.toString()))) {
            python.tell("leak");
            python.awaitOut("leaked");
            try (var scan = tool("scan", pid(python), "--watch", "12s", "--json")) {
                // As a busy server would: some before each of its looks, wherever they fall.
                for (int i = 1; scan.isAlive() && i < 100_000; i++) {
                    if (i < LEAKS) {
                        python.tell("leak");
                        python.awaitOut(i + 1, "leaked");
                    }
                    awaitEnd(scan, i < LEAKS ? 100 : 1000);
                }
                scan.expectExitCode(0);
                var port = python.out().get(0).split(" ")[1];
                expectOut(
                        scan,
                        "\"state\": \"leaking\"",
                        "\"port\": " + port,
                        "connections to port " + port,
                        "\"looks\": ([3-9]|\\d\\d)");
                expectOut(scan, "\"secondsToLimit\": \\d+", "\"perSecond\": [1-9]\\d*\\.\\d");
            }
        }
    }

    private static void awaitEnd(ChildJvm scan, int millis) {
        long deadline = System.nanoTime() + millis * 1_000_000L;
        while (scan.isAlive() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (!scan.isAlive()) {
            scan.awaitEnd();
        }
    }

    @Test
    void scanOfAProcessThatEndsSaysWhatItSawBefore() {
        var said = "ended during the scan; this is what was seen before";
        for (var seconds : List.of("4", "12", "36")) {
            try (var sleeper = new ChildJvm(new ProcessBuilder("sleep", seconds));
                    var scan = tool("scan", pid(sleeper), "--watch", "50s")) {
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

    @Test
    void listNamesTheJvmsAndNotItself() {
        try (var app =
                Jvm.app("run", "tcpserver", "--sockets", "1", "--for", "60s").start()) {
            app.awaitOut("s held=1 ");
            try (var list = tool("list")) {
                list.awaitEnd().expectExitCode(0);
                expectOut(
                        list,
                        app.pid() + "  .*agent-test-app.jar +"
                                + System.getProperty("java.version").replace(".", "\\.")
                                + " +\\d+ of \\d+ +\\d+ % +none$");
                list.expect(
                        "itself",
                        false,
                        list.out().stream()
                                .anyMatch(line -> line.contains("socket-reaper.jar")
                                        && line.trim().startsWith(pid(list) + " ")));
            }
            app.expect(
                    "threads printed",
                    List.of(),
                    app.out().stream()
                            .filter(line -> line.contains("thread dump"))
                            .toList());
        }
    }

    @Test
    void listLeavesAloneAJvmThatASignalWouldEnd() {
        try (var app = Jvm.app("run", "tcpserver", "--sockets", "1", "--for", "60s")
                .option("-Xrs")
                .start()) {
            app.awaitOut("s held=1 ");
            try (var list = tool("list")) {
                list.awaitEnd().expectExitCode(0);
                expectOut(list, app.pid() + "  .* unknown: it does not listen for an attach \\(-Xrs");
            }
            app.expect("alive after that", true, app.isAlive());
        }
    }

    @Test
    void listLeavesAloneAJvmThatHasNoDescriptorsLeft() {
        try (var app = Jvm.app("run", "tcpserver", "--sockets", "60", "--for", "60s")
                .descriptors(90)
                .start()) {
            app.awaitOut("s held=");
            try (var list = tool("list")) {
                list.awaitEnd().expectExitCode(0);
                expectOut(
                        list,
                        app.pid() + "  .* unknown: it has only \\d+ descriptors left, "
                                + "and being asked could harm it");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "scan x|2|'x' is not a process id; write a whole number above 0, such as the command list shows",
                "scan|2|Missing required parameter: 'PID'",
                "scan 1 --watch=10|2|'10' is not a duration; write a number and its unit, such as 10s, 5m or 2h",
                "sacn 1|2|there is no command or option 'sacn'; the commands are list, scan, ",
                "scan 4194305|3|there is no process 4194305; the command list names the JVMs"
            })
    void badInputIsAnsweredWithACodeAndASentence(String arguments, int code, String message) {
        try (var tool = tool(arguments.split(" "))) {
            tool.awaitEnd().expectExitCode(code).expect("standard output", List.of(), tool.out());
            tool.expect("message", true, tool.err().get(0).contains(message));
        }
    }

    @Test
    void withoutArgumentsItPrintsItsUsageWithoutColours() {
        try (var tool = tool()) {
            tool.awaitEnd().expectExitCode(0).expect("errors", List.of(), tool.err());
            expectOut(tool, "^Usage: socket-reaper \\[-hV] COMMAND$");
        }
        try (var tool = tool("--version")) {
            tool.awaitEnd().expectExitCode(0);
            expectOut(tool, "^Socket Reaper \\d+\\.\\d+\\.\\d+");
        }
    }

    @Test
    void coloursAreForTerminalsOnly() throws IOException {
        var self = Long.toString(ProcessHandle.current().pid());
        var log = directory.resolve("err.log");
        try (var scan = Tool.onTerminal(Map.of(), "", "scan", self);
                var wrong = Tool.onTerminal(Map.of(), "", "scan", "x");
                var logged = Tool.onTerminal(Map.of(), "2>'" + log + "'", "scan", "x");
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
            logged.expect("message", true, Files.readString(log).contains("'x' is not a process id"));
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
            list.awaitEnd().expectExitCode(1).expectErr(1, "^standard output takes no more: ");
        }
    }

    /** {@code java -jar socket-reaper.jar ARGUMENTS}. */
    private static ChildJvm tool(String... arguments) {
        var command = new ArrayList<>(List.of("-jar", Jvm.AGENT.toString()));
        command.addAll(List.of(arguments));
        return Jvm.tool("java", command.toArray(String[]::new));
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
