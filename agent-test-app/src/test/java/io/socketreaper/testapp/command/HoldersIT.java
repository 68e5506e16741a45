package io.socketreaper.testapp.command;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code holders}, on a server with 40 sockets in CLOSE_WAIT that knows of no agent. */
class HoldersIT {
    private static final int CLIENTS = 40;
    private static final String FIELD = "static Parked.connections";

    @TempDir
    private Path directory;

    @Test
    void theFieldThatHoldsThemIsNamedAndTheDumpIsGone() throws IOException {
        try (var server = parked(0)) {
            var said = Tool.run(0, "holders", pid(server), "--yes", "--directory", directory.toString());
            Tool.expect(
                    server,
                    said,
                    CLIENTS + " sockets: Socket in CLOSE_WAIT; descriptor \\d+, ",
                    "GC root: class$",
                    "Parked$",
                    "static Parked\\.connections$",
                    "java\\.util\\.concurrent\\.ConcurrentHashMap$",
                    "Socket\\.impl$",
                    "sun\\.nio\\.ch\\.NioSocketImpl$");
            server.expect("files left", List.of(), files());
            var json = Tool.json("holders", pid(server), "--yes", "--state", "CLOSE_WAIT")
                    .getAsJsonObject();
            var groups = json.getAsJsonArray("groups");
            server.expect("groups", 1, groups.size());
            var group = groups.get(0).getAsJsonObject();
            server.expect("count", CLIENTS, group.get("count").getAsInt());
            server.expect("first field", FIELD, firstField(group));
            server.expect(
                    "state",
                    CLIENTS,
                    group.getAsJsonObject("states").get("CLOSE_WAIT").getAsInt());
            server.expect(
                    "sockets without object", 0, json.getAsJsonArray("noObject").size());
            noClassOfTheToolIsIn(server);
        }
    }

    /** A dump that is taken costs the application only the pause: no code is loaded into it. */
    private static void noClassOfTheToolIsIn(ChildJvm server) {
        try (var classes = Jvm.tool("jcmd", pid(server), "GC.class_histogram", "-all")) {
            classes.awaitEnd().expectExitCode(0);
            server.expect(
                    "classes of the tool",
                    List.of(),
                    classes.out().stream()
                            .filter(line ->
                                    line.contains("io.socketreaper.") && !line.contains("io.socketreaper.testapp."))
                            .toList());
        }
    }

    @Test
    void itAsksBeforeItPausesTheProcess() throws IOException {
        try (var server = parked(0)) {
            try (var refused = Tool.start("holders", pid(server), "--directory", directory.toString())) {
                refused.awaitEnd().expectExitCode(2).expect("standard output", List.of(), refused.out());
                refused.expectErr(1, "a full garbage collection pauses process " + server.pid() + ".*--yes");
            }
            try (var asking = Tool.onTerminal(
                    Map.of("NO_COLOR", "1"), "", "holders", pid(server), "--directory", directory.toString())) {
                asking.awaitOut("The dump takes up to .* and is deleted afterwards");
                server.expect("files before the answer", List.of(), files());
                asking.tell("n");
                asking.awaitEnd().expectExitCode(1);
            }
            server.expect("files", List.of(), files());
        }
    }

    @Test
    void aKeptDumpIsReadAgain() throws IOException {
        try (var server = parked(0)) {
            Tool.run(0, "holders", pid(server), "--yes", "--keep", "--directory", directory.toString());
            server.expect("files", 1, files().size());
            var file = directory.resolve(files().get(0)).toString();
            var json = Tool.json("holders", file).getAsJsonObject();
            var group = json.getAsJsonArray("groups").get(0).getAsJsonObject();
            server.expect("count", CLIENTS, group.get("count").getAsInt());
            server.expect("first field", FIELD, firstField(group));
        }
    }

    @Test
    void anInterruptLeavesNoFile() throws IOException {
        try (var server = parked(300)) {
            // in the midst of the writing, or of the reading, as the machine has it
            for (var seen : List.of("writes its heap", "indexing")) {
                try (var tool = Tool.onTerminal(
                        Map.of("NO_COLOR", "1"),
                        "",
                        "holders",
                        pid(server),
                        "--yes",
                        "--directory",
                        directory.toString())) {
                    await(tool, seen);
                    tool.tell("\003");
                    tool.awaitEnd().expectExitCode(130);
                }
                server.expect("files after an interrupt at '" + seen + "'", List.of(), files());
            }
            server.tell("");
            server.awaitOut("still there");
        }
    }

    /** The line has no end, so the harness does not show it: looks for what it is a sign of. */
    private void await(ChildJvm tool, String seen) throws IOException {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        boolean whole = seen.equals("indexing");
        long before = -1;
        while (System.nanoTime() < deadline) {
            long size = size();
            if (whole ? size > 0 && size == before && holds(tool) : size > 0) {
                return;
            }
            before = size;
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw tool.failure("never seen: " + seen);
    }

    /** Whether the tool has the dump open. */
    private boolean holds(ChildJvm tool) throws IOException {
        for (var process : ProcessHandle.allProcesses().toList()) {
            boolean ours = process.pid() == tool.pid()
                    || process.parent()
                            .filter(parent -> parent.pid() == tool.pid())
                            .isPresent();
            var descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
            if (ours && Files.isReadable(descriptors)) {
                try (var links = Files.newDirectoryStream(descriptors)) {
                    for (var link : links) {
                        if (Files.isSymbolicLink(link)
                                && Files.readSymbolicLink(link).startsWith(directory.toRealPath())) {
                            return true;
                        }
                    }
                } catch (IOException closedMeanwhile) {
                    // looked at again
                }
            }
        }
        return false;
    }

    @Test
    void withTheAgentInItTheLeaksThatItHoldsAreAskedForByIdAndSite() throws IOException {
        try (var server = Jvm.program(Parked.class, Integer.toString(CLIENTS), "0")
                .agent("track=all,timeout=1s,action=log")
                .start()) {
            var sockets = Tool.await(
                            server,
                            CLIENTS + " leaks",
                            said -> said.getAsJsonArray().asList().stream()
                                            .filter(socket -> socket.getAsJsonObject()
                                                    .get("phase")
                                                    .getAsString()
                                                    .equals("leak"))
                                            .count()
                                    == CLIENTS,
                            "sockets",
                            pid(server))
                    .getAsJsonArray();
            var first = sockets.get(0).getAsJsonObject();
            var report = directory.resolve("report.html");
            Tool.run(0, "report", pid(server), "-o", report.toString());
            server.expect("holders before", true, Files.readString(report).contains("Not looked up yet."));
            var one = Tool.json("holders", pid(server), first.get("id").getAsString(), "--yes")
                    .getAsJsonObject()
                    .getAsJsonArray("groups");
            server.expect("groups", 1, one.size());
            var socket = one.get(0)
                    .getAsJsonObject()
                    .getAsJsonArray("sockets")
                    .get(0)
                    .getAsJsonObject();
            server.expect("id", first.get("id").getAsLong(), socket.get("id").getAsLong());
            server.expect(
                    "descriptor",
                    first.get("descriptor").getAsInt(),
                    socket.get("descriptor").getAsInt());
            Tool.run(0, "report", pid(server), "-o", report.toString());
            var html = Files.readString(report);
            server.expect(
                    "who holds it, with the time",
                    List.of(true, true),
                    List.of(
                            html.contains("<strong>1 socket</strong><span> held by </span><code>" + FIELD + "</code>"),
                            html.contains("by the command holders of process " + pid(server))));
            var site = Tool.json(
                            "holders", pid(server), "--site", first.get("site").getAsString(), "--yes")
                    .getAsJsonObject();
            server.expect(
                    "of the site",
                    CLIENTS,
                    site.getAsJsonArray("groups")
                            .get(0)
                            .getAsJsonObject()
                            .get("count")
                            .getAsInt());
        }
    }

    @Test
    void theSocketsThatOneLineHasOpenedAreAskedForByTheIdThatOpenPrints() {
        try (var server = Jvm.program(Parked.class, Integer.toString(CLIENTS), "0")
                .agent("track=all,timeout=1h")
                .start()) {
            server.awaitOut("parked " + CLIENTS);
            var open = Tool.await(
                    server,
                    "the site of " + CLIENTS + " accepted sockets",
                    said -> accepted(said).isPresent(),
                    "open",
                    pid(server));
            var site = accepted(open).orElseThrow().get("id").getAsString();
            var groups = Tool.json("holders", pid(server), "--site", site, "--yes")
                    .getAsJsonObject()
                    .getAsJsonArray("groups");
            server.expect("groups", 1, groups.size());
            var group = groups.get(0).getAsJsonObject();
            server.expect("count", CLIENTS, group.get("count").getAsInt());
            server.expect("first field", FIELD, firstField(group));
            server.expect(
                    "leak sites",
                    0,
                    Tool.json("sites", pid(server)).getAsJsonArray().size());
            Tool.expect(
                    server,
                    Tool.run(5, "holders", pid(server), "--site", "nosuch", "--yes"),
                    "no site has the id \"nosuch\"; `sites " + server.pid() + "` lists the leak sites, `open "
                            + server.pid() + "` the lines that open sockets");
        }
    }

    private static Optional<JsonObject> accepted(JsonElement open) {
        return open.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(site ->
                        site.get("port").getAsInt() > 0 && site.get("open").getAsInt() == CLIENTS)
                .findFirst();
    }

    /** With {@code track=half-closed} the agent has no ids of such lines. */
    @Test
    void whyAnIdIsNotKnownIsSaid() {
        try (var server = Jvm.program(Parked.class, Integer.toString(CLIENTS), "0")
                .agent("")
                .start()
                .awaitWatching()) {
            Tool.expect(
                    server,
                    Tool.run(5, "holders", pid(server), "--site", "0a1b2c3d", "--yes"),
                    "no site has the id \"0a1b2c3d\"; .* with track=all only, while this agent has track=half-closed");
        }
    }

    @Test
    void whatCannotBeDoneIsSaid() throws IOException {
        try (var server = parked(0)) {
            Tool.expect(
                    server,
                    Tool.run(4, "holders", pid(server), "1", "--yes"),
                    "Socket Reaper is not in process " + server.pid());
            Tool.expect(
                    server,
                    Tool.run(0, "holders", pid(server), "--yes", "--state", "SYN_SENT"),
                    "No such socket is open; no heap dump was taken");
            Tool.expect(
                    server,
                    Tool.run(2, "holders", pid(server), "--yes", "--directory", "/no/such/directory"),
                    "/no/such/directory is no directory of process " + server.pid());
        }
        var text = Files.writeString(directory.resolve("text.hprof"), "no dump");
        try (var tool = Tool.start("holders", text.toString())) {
            tool.awaitEnd().expectExitCode(1).expectErr(1, "cannot be read: it is no heap dump");
        }
    }

    private static ChildJvm parked(int megabytes) {
        var server = Jvm.program(Parked.class, Integer.toString(CLIENTS), Integer.toString(megabytes))
                .option("-Xmx1g")
                .start();
        server.awaitOut("parked " + CLIENTS);
        return server;
    }

    private static String firstField(JsonObject group) {
        return group.getAsJsonArray("holders")
                .get(0)
                .getAsJsonObject()
                .get("field")
                .getAsString();
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private long size() throws IOException {
        long sum = 0;
        for (var name : files()) {
            var file = directory.resolve(name).toFile();
            sum += file.length();
        }
        return sum;
    }

    private static String pid(ChildJvm child) {
        return Long.toString(child.pid());
    }
}
