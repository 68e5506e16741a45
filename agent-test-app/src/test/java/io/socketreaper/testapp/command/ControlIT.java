package io.socketreaper.testapp.command;

import static io.socketreaper.testapp.harness.AgentSays.attached;
import static io.socketreaper.testapp.harness.AgentSays.error;
import static io.socketreaper.testapp.harness.AgentSays.info;
import static io.socketreaper.testapp.harness.AgentSays.metricsPort;
import static io.socketreaper.testapp.harness.AgentSays.pagePort;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.AgentStatus;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.JmxClient;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.Tool;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that talk to an agent in a running JVM. */
class ControlIT {
    /** The JVM's own word on any agent that comes late, since JDK 21 (JEP 451), unless it is told to expect one. */
    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";

    private static final String LINE = "io\\.socketreaper\\.testapp\\.harness\\.Leaker\\.leak\\(Leaker\\.java:\\d+\\)";
    private static final int WARNING_JAVA = 21;
    /** Six connections' ends are opened and closed, three of them half-closed and read. */
    private static final int LEAST_EVENTS = 18;

    @Test
    void fromAttachToDetachAndBack() {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("leak");
            String before = child.ask("threads");

            var attached = new AgentStatus(Tool.json(
                            "attach", pid, "timeout=500ms", "exclude=remote:10.0.0.0/8;remote:10.1.2.3:8080", Jvm.JSON)
                    .getAsJsonObject()
                    .getAsJsonObject("status"));
            child.expect("process", child.pid(), attached.number("pid"));
            child.expect("SocketChannel", "watched", attached.stack("SocketChannel"));
            child.expect("timeout", "500ms (agent argument)", attached.setting("timeout"));
            child.expect("sockets that are finished and still held", 1L, attached.descriptors("finished"));
            child.ask("leak");
            child.ask("leak");
            var leakSite = awaitSite(child);
            child.expect("kind", "half-closed", leakSite.get("kind").getAsString());
            child.expect("grade", "strong", leakSite.get("grade").getAsString());
            var site = leakSite.get("id").getAsString();
            AgentStatus.awaitCounts(child, "half-closed", 2, 2, 0);
            var socket = Tool.json("sockets", pid, "--site", site)
                    .getAsJsonArray()
                    .get(0)
                    .getAsJsonObject();
            child.expect("phase", "leak", socket.get("phase").getAsString());
            child.expect("kind", "half-closed", socket.get("kind").getAsString());
            child.expect("TCP state", "CLOSE", socket.get("tcpState").getAsString());
            child.expect("unread", 6, socket.get("unreadBytes").getAsInt());
            child.expect("line", true, socket.get("location").getAsString().contains("Leaker.leak"));

            child.expect(
                    "releases",
                    1,
                    begun(Tool.json("release", pid, socket.get("id").getAsString())));
            AgentStatus.awaitCounts(child, "half-closed", 2, 1, 1);
            child.expect("releases", 1, begun(Tool.json("release", pid, "--site", site, "--close")));
            AgentStatus.awaitCounts(child, "half-closed", 2, 0, 2);
            child.expect("descriptors", "held 1", child.ask("held"));

            Tool.expect(
                    child,
                    Tool.run(0, "detach", pid),
                    "^detached: \\d+ classes are as before, the agent's threads " + "have ended$");
            child.expect("threads", agentsOf(before), agentsOf(child.ask("threads")));
            Tool.expect(
                    child,
                    Tool.run(4, "status", pid),
                    "Socket Reaper is not in process " + pid + "; .*: attach " + pid);
            child.ask("leak");

            try (var attach = Tool.start("attach", pid, "action=drain", "timeout=500ms", Jvm.JSON)) {
                attach.awaitEnd().expectExitCode(0).expectErr(0, "warns");
                Tool.expect(
                        child, String.join("\n", attach.out()), "^attached to process " + pid, "^undo +detach " + pid);
            }
            child.ask("leak");
            awaitSite(child);
            child.awaitEvent(drained(6));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    /** What the JVM says of its class files would not show it: it always starts from those that were loaded. */
    @Test
    void noWovenCodeIsLeftAfterADetach() {
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED, "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
                .start()) {
            var pid = pid(child);
            child.ask("held");
            Tool.run(0, "attach", pid, "track=all");
            child.awaitWatching();
            for (int i = 0; i < 2; i++) {
                int told = numberIn(child.ask("woven"));
                child.expect("woven code tells enough, " + told, true, told >= LEAST_EVENTS);
                Tool.run(0, "detach", pid);
                child.expect("events after the detach", 0, numberIn(child.ask("woven")));
                Tool.run(0, "attach", pid, "track=all");
            }
        }
    }

    /** A thread of the application's stands in for one of the agent's that is stuck. */
    @Test
    void aDetachThatLeavesSomethingBehindFailsAndSaysWhat() {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("held");
            Tool.run(0, "attach", pid, Jvm.JSON);
            child.ask("pose");
            Tool.expect(
                    child,
                    Tool.run(1, "detach", pid),
                    "^detached: \\d+ classes are as before, but not everything has ended: "
                            + "still running: socket-reaper-pose$");
            child.awaitEvent(error("still running: socket-reaper-pose"));
            Tool.run(4, "status", pid);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stderr", "json", "app", "file:%s"})
    void aDetachEndsTheThreadThatWritesTheLog(String log, @TempDir Path directory) {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("leak");
            Tool.run(0, "attach", pid, "log=" + log.formatted(directory.resolve("reaper.log")));
            Tool.expect(
                    child,
                    Tool.run(0, "detach", pid),
                    "^detached: \\d+ classes are as before, the agent's threads have ended$");
            child.expect("threads", List.of(), agentsOf(child.ask("threads")));
        }
    }

    @Test
    void aDetachWaitsForNoStandardErrorThatNobodyReads() {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("held");
            Tool.run(0, "attach", pid, Jvm.JSON);
            child.ask("stall");
            Tool.expect(
                    child,
                    Tool.run(1, "detach", pid),
                    "^detached: .*; the thread socket-reaper-log ends when it has written the "
                            + "waiting lines: standard error was not read until now$");
            Tool.run(4, "status", pid);
            child.ask("unstall");
            child.awaitEvent(info("^detached: "));
            for (long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
                    !agentsOf(child.ask("threads")).isEmpty(); ) {
                child.expect("ended in time", true, System.nanoTime() - deadline < 0);
            }
        }
    }

    /** Softly held, as by caches of JMX and JFR, is not held. */
    @ParameterizedTest
    @ValueSource(strings = {"the command line", "JMX"})
    void aDetachLeavesNoObjectNoThreadAndNoPortBehind(String by) throws Exception {
        var settings = new String[] {"timeout=500ms", "track=all", "metrics=127.0.0.1:0", "page=127.0.0.1:0", Jvm.JSON};
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED, "-XX:SoftRefLRUPolicyMSPerMB=0")
                .start()) {
            child.ask("leak");
            detachesAndLeavesNothingBehind(child, by.equals("JMX"), settings);
        }
    }

    private static void detachesAndLeavesNothingBehind(ChildJvm child, boolean byJmx, String... settings)
            throws Exception {
        try (var client = new JmxClient(child)) {
            var pid = pid(child);
            Tool.run(0, join("attach", pid, settings));
            var ports = List.of(metricsPort(child), pagePort(child));
            client.awaitRegistered(child, true);
            child.ask("leak");
            awaitSite(child);
            for (int port : ports) {
                child.expect(
                        "answer",
                        200,
                        HttpClient.newHttpClient()
                                .send(
                                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port
                                                        + (port == ports.get(0) ? "/metrics" : "/")))
                                                .build(),
                                        BodyHandlers.discarding())
                                .statusCode());
            }

            if (byJmx) {
                client.invoke("detach");
            } else {
                Tool.run(0, "detach", pid);
            }
            child.expect("threads", List.of(), agentsOf(child.ask("threads")));
            for (int port : ports) {
                assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", port).close());
            }
            awaitNoObjects(child);

            Tool.run(0, join("attach", pid, settings));
            Tool.run(0, "detach", pid);
        }
    }

    /** The histogram is preceded by a full collection. */
    private static void awaitNoObjects(ChildJvm child) {
        var left = List.<String>of();
        for (long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos(); System.nanoTime() - deadline < 0; ) {
            try (var jcmd = Jvm.tool("jcmd", pid(child), "GC.class_histogram")) {
                left = jcmd.awaitEnd().expectExitCode(0).out().stream()
                        .filter(line -> line.matches(".*io\\.socketreaper\\.(?!testapp\\.).*"))
                        .toList();
            }
            if (left.isEmpty()) {
                return;
            }
        }
        throw child.failure("objects of the agent's are left:\n" + String.join("\n", left));
    }

    private static String[] join(String command, String pid, String... settings) {
        return Stream.concat(Stream.of(command, pid), Arrays.stream(settings)).toArray(String[]::new);
    }

    private static int numberIn(String answer) {
        return Integer.parseInt(answer.replaceFirst("\\D+", ""));
    }

    @Test
    void settingsChangeAndAPauseHolds() {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("held");
            Tool.run(0, "attach", pid, "timeout=500ms", Jvm.JSON);
            child.awaitWatching();

            Tool.expect(
                    child,
                    Tool.run(5, "set", pid, "actn=drain", "timeout=1h"),
                    "did you mean \"action\"\\?.* no setting is changed");
            Tool.expect(
                    child,
                    Tool.run(5, "set", pid, "addresses=masked"),
                    "cannot be changed at run time: detach the agent");
            awaitListed(child, "\\S+ watching");
            Tool.run(0, "pause", pid);
            child.expect("paused", true, AgentStatus.of(child).flag("paused"));
            awaitListed(child, "\\S+ paused");
            child.expect(
                    "done",
                    "changed",
                    Tool.json("set", pid, "action=drain", "log-interval=1s")
                            .getAsJsonObject()
                            .get("done")
                            .getAsString());
            child.expect(
                    "action",
                    "drain (change at run time)",
                    AgentStatus.of(child).setting("action"));
            child.ask("leak");
            child.expect("sites", 0, Tool.json("sites", pid).getAsJsonArray().size());
            Tool.run(0, "resume", pid);
            AgentStatus.awaitCounts(child, "half-closed", 1, 0, 1);
            child.expect("descriptors", "held 0", child.ask("held"));
            Tool.run(0, "detach", pid);
            awaitListed(child, "none");
            child.expectEvents(1, info("^settings changed"))
                    .expectEvents(1, info("^paused: "))
                    .expectEvents(1, info("^resumed: "))
                    .expectOnlyOwnLines();
        }
    }

    @Test
    void beforeTheTimeoutSuspectsAreNamed() {
        try (var child = leaker()) {
            var pid = pid(child);
            Tool.run(0, "attach", pid);
            Tool.expect(
                    child,
                    Tool.run(0, "sites", pid),
                    "^No leak has been found yet, and no socket shows a sign of one\\. See: status " + pid + "$");
            child.ask("leak");
            Tool.await(child, "a suspect", all -> !all.getAsJsonArray().isEmpty(), "sockets", pid);
            String watched = "1 socket shows a sign of a leak and is watched until it was idle for its timeout "
                    + "\\(timeout=60s\\): sockets " + pid + " shows it and the line of code$";
            Tool.expect(child, Tool.run(0, "sites", pid), "^No leak has been found yet\\. " + watched);
            Tool.expect(child, Tool.run(0, "status", pid), "^suspects +" + watched);
            var socket = Tool.json("sockets", pid).getAsJsonArray().get(0).getAsJsonObject();
            Tool.expect(
                    child,
                    Tool.run(0, "release", pid, socket.get("id").getAsString()),
                    "^1 socket is still a suspect: not idle for long enough to be a leak\\. Each read or write of the"
                            + " application restarts the idle time, and so does input from the peer; .* sockets " + pid
                            + " shows the idle time$");
        }
    }

    @Test
    void whatCannotBeDoneIsSaidAndNothingIsChanged() {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("held");
            Tool.expect(child, Tool.run(4, "sites", pid), "load it with: attach");
            Tool.expect(
                    child,
                    Tool.run(2, "attach", pid, "actn=drain", "timeout=soon"),
                    "did you mean \"action\"",
                    "bad value \"soon\" .* or PT1M, from 100ms to 24h; the agent is not attached$");
            Tool.expect(child, Tool.run(2, "release", pid), "either the ID of a socket or --site SITE");
            Tool.expect(child, Tool.run(4, "detach", pid), "is not in process");
            child.expectErr(0, ".");

            Tool.run(0, "attach", pid);
            Tool.expect(child, Tool.run(5, "attach", pid, "action=close"), "is in process " + pid + " already");
            Tool.expect(child, Tool.run(5, "release", pid, "4711"), "no suspect has the id 4711");
            Tool.expect(child, Tool.run(5, "release", pid, "--site", "nosuch"), "no leak site has the id \"nosuch\"");
            Tool.expect(child, Tool.run(5, "sockets", pid, "--site", "nosuch"), "no leak site has the id \"nosuch\"");
            child.expectErr(0, "is already in this JVM").expectOnlyOwnLines();
        }
        try (var sleep = new ChildJvm(new ProcessBuilder("sleep", "60"))) {
            Tool.expect(sleep, Tool.run(3, "attach", pid(sleep)), "is not a JVM");
            sleep.expect("alive", true, sleep.isAlive());
        }
        try (var deaf =
                Jvm.program(Leaker.class).option("-XX:+DisableAttachMechanism").start()) {
            deaf.ask("held");
            Tool.expect(deaf, Tool.run(3, "attach", pid(deaf)), "attach mechanism is disabled");
        }
    }

    /** An attach that comes when there is none left could never be answered, nor any later one. */
    @Test
    void aJvmWithoutDescriptorsIsLeftAlone() {
        try (var child =
                Jvm.program(Leaker.class).descriptors(60).option(EXPECTED).start()) {
            var pid = pid(child);
            fill(child, 55);
            Tool.expect(
                    child,
                    Tool.run(1, "attach", pid),
                    "has 5\\d of 60 descriptors open",
                    "prlimit --pid " + pid + " --nofile=3\\d\\d:3\\d\\d",
                    "--make-room",
                    "scan works");
            child.expectErr(0, ".");
        }
    }

    @Test
    void roomIsMadeForACommandAndTheLimitPutBackAlsoAfterCtrlC() {
        try (var child = Jvm.program(Leaker.class)
                .descriptorsAtFirst(60)
                .option(EXPECTED)
                .start()) {
            var pid = pid(child);
            fill(child, 55);
            var attached = new AgentStatus(Tool.json("attach", pid, "--make-room", "timeout=500ms")
                    .getAsJsonObject()
                    .getAsJsonObject("status"));
            child.expect("limit in the answer to the attach", 60L, attached.number("limit"));
            child.expect("open in it", true, attached.number("open") >= 10);
            child.expect("limit after the attach", 60L, limitOf(child));
            fill(child, 58);
            var status = Tool.json("status", pid, "--make-room").getAsJsonObject();
            child.expect("limit in a status", 60, status.get("limit").getAsInt());
            child.expect("open in it", true, status.get("open").getAsInt() >= 10);
            child.expect("limit after a command", 60L, limitOf(child));
            fill(child, 58);
            try (var top = Tool.start("top", pid, "--make-room", "--every", "300ms", "--json")) {
                top.awaitOut(2, "\"limit\":60,");
                child.expect("limit meanwhile", 316L, limitOf(child));
                top.terminate();
                top.awaitEnd();
            }
            child.expect("limit after Ctrl-C", 60L, limitOf(child));
            Tool.run(0, "detach", pid, "--make-room");
        }
    }

    /** Leaks until so many descriptors are open, and not only for a moment, as while a command is answered. */
    private static void fill(ChildJvm child, int descriptors) {
        for (int inRow = 0; inRow < 10; ) {
            if (openIn(child) < descriptors) {
                child.ask("leak");
                inRow = 0;
            } else {
                // takes no descriptor
                child.ask("port");
                inRow++;
            }
        }
    }

    private static long limitOf(ChildJvm child) {
        try (var lines = Files.lines(Path.of("/proc/" + child.pid() + "/limits"))) {
            return Long.parseLong(lines.filter(line -> line.startsWith("Max open files"))
                    .findFirst()
                    .orElseThrow()
                    .split(" +")[3]);
        } catch (IOException e) {
            throw child.failure(e.toString());
        }
    }

    /** What Ctrl-C leaves behind nobody would delete, and the agent would write to it for an hour. */
    @Test
    void anAttachThatIsGivenUpLeavesNoFileAndNoStream(@TempDir Path temporary) throws IOException {
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED, "-Djava.io.tmpdir=" + temporary)
                .start()) {
            var pid = pid(child);
            child.ask("held");
            try (var attach = Tool.start("attach", pid, Jvm.JSON)) {
                child.awaitEvent(attached());
                attach.terminate();
                attach.awaitEnd();
            }
            for (long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
                    child.ask("threads").contains("-stream"); ) {
                child.expect("the stream has time", true, System.nanoTime() - deadline < 0);
            }
            try (var files = Files.list(temporary)) {
                child.expect(
                        "files",
                        List.of(),
                        files.filter(file -> file.toString().endsWith(".reply")).toList());
            }
        }
    }

    /** Its environment and its directory count, not ours. */
    @Test
    void badSettingsOfTheJvmItselfAreFoundBeforeAnAttach(@TempDir Path directory) throws IOException {
        var working = Path.of("").toAbsolutePath();
        Files.writeString(directory.resolve("its.properties"), "tmeout=3s\n");
        var config = working.relativize(directory.resolve("its.properties"));
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED)
                .environment("SOCKETREAPER_TIMEOUT", "soon")
                .environment("SOCKETREAPER_CONFIG", config.toString())
                .start()) {
            child.ask("held");
            Tool.expect(
                    child,
                    Tool.run(2, "attach", pid(child), "action=drain"),
                    "bad value \"soon\" of setting \"timeout\" \\(environment variable SOCKETREAPER_TIMEOUT\\)",
                    "did you mean \"timeout\".* the agent is not attached$");
            child.expectErr(0, ".");
        }
    }

    @Test
    void theWarningsAreAnnouncedAndTopCausesOnlyOne() {
        try (var child = Jvm.program(Leaker.class).start()) {
            var pid = pid(child);
            child.ask("leak");
            int lines = Jvm.feature() >= WARNING_JAVA ? 4 : 0;
            try (var attach = Tool.start("attach", pid, "timeout=500ms")) {
                attach.awaitEnd()
                        .expectExitCode(0)
                        .expectErr(lines == 0 ? 0 : 1, "four lines now, and again for each later command");
            }
            child.ask("leak");
            child.expectErr(lines, "^WARNING: ");
            String said = Tool.run(0, "top", pid, "--every", "300ms", "--count", "5");
            Tool.expect(
                    child,
                    said,
                    "^descriptors \\[#*-*\\] \\d+ of \\d+ \\(\\d+ %\\)$",
                    "^LEAK SITE +KIND +FOUND",
                    "half-closed .*Leaker.leak");
            child.expect(
                    "frames",
                    5L,
                    said.lines()
                            .filter(line -> line.startsWith("descriptors ["))
                            .count());
            child.expectErr(2 * lines, "^WARNING: ");
            Tool.run(0, "report", pid, "-o", "/dev/null");
            child.expectErr(3 * lines, "^WARNING: ");
            Tool.run(0, "detach", pid);
            child.expect("threads", List.of(), agentsOf(child.ask("threads")));
        }
    }

    @Test
    void everyCommandPrintsOneJsonValueOrOneALine(@TempDir Path directory) {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("leak");
            var said = new LinkedHashMap<String, JsonElement>();
            for (var command : List.of(
                    "list --no-attach",
                    "scan " + pid,
                    "attach " + pid + " timeout=500ms track=all",
                    "status " + pid,
                    "set " + pid + " log-interval=1s",
                    "pause " + pid,
                    "resume " + pid)) {
                said.put(command.split(" ")[0], json(child, command));
            }
            child.ask("leak");
            awaitSite(child);
            for (var command : List.of(
                    "sites " + pid,
                    "sockets " + pid,
                    "open " + pid,
                    "advise " + pid,
                    "holders " + pid + " --yes",
                    "report " + pid + " -o " + directory.resolve("r.html"))) {
                said.put(command.split(" ")[0], json(child, command));
            }
            var looks = Tool.run(0, "top", pid, "--json", "--count", "2", "--every", "200ms")
                    .lines()
                    .map(Tool::parsed)
                    .toList();
            child.expect("looks", 2, looks.size());
            said.put("top", looks.get(0));
            long socket = said.get("sockets")
                    .getAsJsonArray()
                    .get(0)
                    .getAsJsonObject()
                    .get("id")
                    .getAsLong();
            said.put("release", json(child, "release " + pid + " " + socket));
            said.put("detach", json(child, "detach " + pid));

            child.expect("commands without JSON", Set.of("generate-completion", "help"), commandsBut(said.keySet()));
            child.expect(
                    "held",
                    1,
                    said.get("sites")
                            .getAsJsonArray()
                            .get(0)
                            .getAsJsonObject()
                            .getAsJsonObject("totals")
                            .get("held")
                            .getAsInt());
            child.expect(
                    "begun",
                    1,
                    said.get("release").getAsJsonObject().get("begun").getAsInt());
            said.values()
                    .removeIf(value ->
                            !value.isJsonObject() || !value.getAsJsonObject().has("done"));
            child.expect(
                    "done",
                    "[changed, paused, resumed, detached]",
                    said.values().stream()
                            .map(value -> value.getAsJsonObject().get("done").getAsString())
                            .toList()
                            .toString());
        }
    }

    private static JsonElement json(ChildJvm child, String command) {
        var said = Tool.json(command.split(" "));
        child.expect(command + " says an object or a list", true, said.isJsonObject() || said.isJsonArray());
        return said;
    }

    private static Set<String> commandsBut(Set<String> those) {
        var commands = new TreeSet<String>();
        var line = Pattern.compile("(?m)^  ([a-z-]+) +[A-Z]")
                .matcher(Tool.run(0, "--help").replaceFirst("(?s).*Commands:", ""));
        while (line.find()) {
            commands.add(line.group(1));
        }
        commands.removeAll(those);
        return commands;
    }

    @Test
    void topDrawsOnATerminalAndLeavesItAsItWas(@TempDir Path directory) throws IOException {
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED, "-Djava.io.tmpdir=" + directory)
                .start()) {
            var pid = pid(child);
            child.ask("leak");
            Tool.run(0, "attach", pid, "timeout=500ms", "action=drain");
            child.ask("leak");
            try (var top = Tool.onTerminal(Map.of(), "", "top", pid, "--every", "200ms")) {
                top.awaitOut("^\\S+ +\\d+ +\\d+\\.\\d +\\d+ +[1-9]\\d* +\\S*Leaker\\.leak\\(Leaker\\.java:\\d+\\)")
                        .awaitOut("drained +drained: 6 .*Leaker\\.java:\\d+");
                top.expect("files for answers", 1, replies(directory).size());
                top.tell("\003");
                top.awaitEnd().expectExitCode(130);
                var said = String.join("\n", top.out());
                top.expect("screens entered", 2, said.split(Pattern.quote("\033[?1049h"), -1).length);
                top.expect(
                        "what comes after the screen was left",
                        "",
                        said.substring(said.lastIndexOf("\033[?1049l") + 8));
                top.expect("the screen's end", true, said.endsWith("\033[?7h\033[?25h\033[?1049l"));
                var wide = said.replace("\033[H", "\n")
                        .lines()
                        .map(line -> line.replaceAll("\033\\[[?\\d;]*\\w", ""))
                        .filter(line -> line.length() > 80);
                top.expect("lines that are too long", List.of(), wide.toList());
                top.expect("files for answers", List.of(), replies(directory));
            }
            try (var top = new ChildJvm(new ProcessBuilder(
                    "bash",
                    "-c",
                    "set -o pipefail; \"$0\" -jar \"$1\" top $2 --every 200ms | head -1",
                    ChildJvm.javaHome().resolve("bin/java").toString(),
                    Jvm.AGENT.toString(),
                    pid))) {
                top.awaitEnd().expectExitCode(141).expect("errors", List.of(), top.err());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"q", "\003"})
    void topIsSteeredByKeysAndGivesTheKeyboardBack(String last) {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("held");
            Tool.run(0, "attach", pid, "timeout=500ms");
            child.ask("leak");
            try (var top = Tool.onTerminalAndThen("stty -a", "top", pid, "--every", "200ms")) {
                top.awaitOut("q quits  arrows scroll  s sorts \\(by rate\\)  \\? helps");
                // ignored: no shell with job control has started it
                top.tell("\032");
                top.tell("s");
                top.awaitOut("s sorts \\(by found\\)");
                top.tell("ss");
                top.awaitOut("s sorts \\(by released\\)");
                top.tell("?");
                top.awaitOut("quits, as Ctrl-C does");
                top.tell("\033[B");
                top.tell(last);
                top.awaitEnd().expectExitCode(0);
                int exit = last.equals("q") ? 0 : 130;
                top.expect(
                        "one line on the exit code",
                        1L,
                        top.out().stream()
                                .filter(line -> line.endsWith("ended with " + exit))
                                .count());
                // what the keys print, had the terminal shown them
                var screens = String.join("\n", top.out()).replaceFirst("(?s)\033\\[\\?1049l.*", "");
                top.expect("keys shown", false, screens.contains("^[[B"));
                var modes = String.join(" ", top.out()).replaceFirst("(?s).*ended with", "");
                top.expect("whole lines", true, modes.contains(" icanon "));
                top.expect("keys are shown again", true, modes.contains(" echo "));
            }
            Tool.run(0, "detach", pid);
        }
    }

    @Test
    void topGivesTheTerminalToTheShellWhenItIsStoppedAndTakesItAgain() {
        try (var child = leaker()) {
            var pid = pid(child);
            child.ask("held");
            Tool.run(0, "attach", pid, "timeout=500ms");
            try (var top = Tool.asJobAndThen("stty -a; fg; echo left with $?", "top", pid, "--every", "200ms")) {
                top.awaitOut("s sorts \\(by rate\\)");
                top.tell("\032");
                top.awaitOut("stopped with 148");
                top.awaitOut(2, "\033\\[\\?1049h");
                top.tell("\033[B");
                top.tell("s");
                top.awaitOut("s sorts \\(by found\\)");
                top.tell("q");
                top.awaitEnd().expectExitCode(0);
                var said = String.join("\n", top.out());
                top.expect("the end", true, said.contains("left with 0"));
                top.expect("keys shown", false, said.contains("^[[B"));
                var before = said.replaceFirst("(?s)stopped with .*", "");
                top.expect(
                        "the shell's screen",
                        true,
                        before.lastIndexOf("\033[?7h\033[?25h\033[?1049l") > before.lastIndexOf("\033[H"));
                var modes = said.replaceFirst("(?s).*stopped with", "").replaceFirst("(?s)\033.*", "");
                top.expect("whole lines", true, modes.contains(" icanon "));
                top.expect("keys are shown", true, modes.contains(" echo "));
            }
            Tool.run(0, "detach", pid);
        }
    }

    private static List<Path> replies(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".reply")).toList();
        }
    }

    /** Waits until the agent knows the line that leaks; returns its site. */
    private static JsonObject awaitSite(ChildJvm child) {
        var known = Tool.await(
                child, "a site at " + LINE, sites -> siteAtLine(sites).isPresent(), "sites", pid(child));
        return siteAtLine(known).orElseThrow();
    }

    private static Optional<JsonObject> siteAtLine(JsonElement sites) {
        return sites.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(site -> site.get("location").getAsString().matches(LINE))
                .findFirst();
    }

    private static int begun(JsonElement release) {
        return release.getAsJsonObject().get("begun").getAsInt();
    }

    /** Waits until {@code list} shows the JVM with such an agent. */
    private static void awaitListed(ChildJvm child, String agent) {
        Tool.await(
                child,
                "agent " + agent,
                jvms -> jvms.getAsJsonArray().asList().stream()
                        .map(JsonElement::getAsJsonObject)
                        .anyMatch(jvm -> jvm.get("pid").getAsLong() == child.pid()
                                && jvm.has("agent")
                                && jvm.get("agent").getAsString().matches(agent)),
                "list");
    }

    private static ChildJvm leaker() {
        return Jvm.program(Leaker.class).option(EXPECTED).start();
    }

    private static List<String> agentsOf(String threads) {
        return Arrays.stream(threads.replaceFirst("threads ", "").split(","))
                .filter(name -> name.startsWith("socket-reaper"))
                .toList();
    }

    private static int openIn(ChildJvm child) {
        return new File("/proc/" + child.pid() + "/fd").list().length;
    }

    private static String pid(ChildJvm child) {
        return Long.toString(child.pid());
    }
}
