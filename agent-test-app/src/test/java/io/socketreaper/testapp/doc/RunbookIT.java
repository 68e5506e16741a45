package io.socketreaper.testapp.doc;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Replays the commands of the two runbooks, each against the server that its page is about. */
@Execution(ExecutionMode.SAME_THREAD)
class RunbookIT {
    private static final int LIMIT = 300;
    /** Connections of clients that behave; they go away when traffic is kept away. */
    private static final int HEALTHY = 20;

    private static final int LOST_BEFORE = 40;
    private static final int LOST_LATER = 3;

    private static final Pattern COMMAND = Pattern.compile("(?m)^\\$ java -jar socket-reaper\\.jar ((\\w+) .*)$");
    /** The steps, in the order of the page. */
    private static final List<String> STEPS = List.of("scan", "attach", "sites", "set", "report", "detach");

    @TempDir
    private Path directory;

    private final Map<String, String[]> commands = new LinkedHashMap<>();

    @Test
    void sixCommandsLeadFromTooManyOpenFilesToTheLineOfCode() throws Exception {
        try (var server = Jvm.program(RejectingServer.class).descriptors(LIMIT).start()) {
            readRunbook(server, "runbook.md");
            server.expect("commands of the runbook", STEPS, List.copyOf(commands.keySet()));
            int port = Integer.parseInt(server.awaitOut("port ").out().get(0).substring("port ".length()));
            runOut(server, port);

            Tool.expect(server, Tool.run(0, commands.get("scan")), "^leaking: ", "socket in no table +2\\d\\d ");
            Tool.expect(
                    server,
                    Tool.run(0, commands.get("attach")),
                    "^attached to process",
                    "^watched .*SocketChannel",
                    "^descriptors +2\\d\\d of 300",
                    "^lost already +2\\d\\d sockets are finished and still held");
            for (int i = 0; i < 3; i++) {
                reject(port);
            }
            Tool.expect(
                    server,
                    Tool.until(server, "at io.socketreaper.testapp.doc.RejectingServer", commands.get("sites")),
                    "at io\\.socketreaper\\.testapp\\.doc\\.RejectingServer\\.reject\\(RejectingServer\\.java:"
                            + lineOfTheBug() + "\\)",
                    "opened before the agent came");
            server.expect("released while it only reports", true, openIn(server) > LIMIT * 3 / 4);

            Tool.expect(server, Tool.run(0, commands.get("set")), "^changed; .*action=drain");
            awaitFewDescriptors(server);
            hello(port);
            Tool.until(server, "RejectingServer\\.reject", commands.get("sites"));

            report(server);
            Tool.until(server, "(?m)^total +\\d+ +0 ", "status", Long.toString(server.pid()));
            Tool.expect(
                    server,
                    Tool.run(0, commands.get("detach")),
                    "^detached: \\d+ classes are as before, the agent's threads have ended$");
            hello(port);
            Tool.expect(server, Tool.run(4, "status", Long.toString(server.pid())), "is not in process");
            try (var threads = Jvm.tool("jcmd", Long.toString(server.pid()), "Thread.print")) {
                threads.awaitEnd()
                        .expectExitCode(0)
                        .expect(
                                "threads of the agent",
                                List.of(),
                                threads.out().stream()
                                        .filter(line -> line.startsWith("\"socket-reaper"))
                                        .toList());
            }
            server.expect("the same process", true, server.isAlive());
        }
    }

    /** Replays docs/runbook-close-wait.md. */
    @Test
    void sixCommandsLeadFromSocketsInCloseWaitToTheLineThatForgetsThem() throws Exception {
        try (var server = Jvm.program(ForgetfulServer.class).start()) {
            readRunbook(server, "runbook-close-wait.md");
            server.expect(
                    "commands of the runbook",
                    List.of("scan", "attach", "holders", "open", "sites", "detach"),
                    List.copyOf(commands.keySet()));
            int port = Integer.parseInt(server.awaitOut("port ").out().get(0).substring("port ".length()));
            comeAndGo(port, LOST_BEFORE);
            Tool.until(server, "TCP CLOSE_WAIT +" + LOST_BEFORE, commands.get("scan"));

            Tool.expect(
                    server,
                    Tool.run(0, commands.get("attach")),
                    "^not watched +" + LOST_BEFORE + " sockets in CLOSE_WAIT: .*opened before the agent came",
                    "holders " + server.pid());
            Tool.expect(
                    server,
                    Tool.run(0, commands.get("holders")),
                    LOST_BEFORE + " sockets: Socket in CLOSE_WAIT",
                    "static ForgetfulServer\\.sessions$");

            comeAndGo(port, LOST_LATER);
            String said = Tool.until(server, "CLOSE_WAIT " + LOST_LATER, commands.get("open"));
            Tool.expect(
                    server,
                    said,
                    "at .*ForgetfulServer\\.main\\(ForgetfulServer\\.java:\\d+\\), accepted on port " + port);
            said = Tool.until(server, "found " + LOST_LATER + ",", commands.get("sites"));
            Tool.expect(
                    server, said, "^site .* peer-closed ", "ForgetfulServer\\.serve\\(ForgetfulServer\\.java:\\d+\\)");

            Tool.expect(server, Tool.run(0, commands.get("detach")), "^detached: \\d+ classes are as before");
            comeAndGo(port, 1);
            server.expect("the same process", true, server.isAlive());
        }
    }

    /** Clients that say a word, hear it, and close. */
    private static void comeAndGo(int port, int clients) throws IOException {
        for (int i = 0; i < clients; i++) {
            try (var client = connect(port)) {
                say(client, "hello\n", "hello\n");
            }
        }
    }

    /** The runbook's own command; only the file lies elsewhere. */
    private void report(ChildJvm server) throws IOException {
        var command = commands.get("report").clone();
        int file = List.of(command).indexOf("-o") + 1;
        var report = directory.resolve(command[file]);
        command[file] = report.toString();
        var verdict =
                "\\d+ leaked sockets (are still held|were found and none is held any more), most of them leaked(, | at )";
        Tool.expect(
                server,
                Tool.run(0, command),
                "^" + verdict,
                "^The report is in " + Pattern.quote(report.toString()) + "$");
        Tool.expect(
                server,
                Files.readString(report),
                ">" + verdict,
                "the agent released \\d{3}\\b",
                "at io\\.socketreaper\\.testapp\\.doc\\.RejectingServer\\.reject\\(RejectingServer\\.java:"
                        + lineOfTheBug() + "\\)");
    }

    private void readRunbook(ChildJvm server, String page) throws IOException {
        var found = COMMAND.matcher(Files.readString(Path.of("..", "docs", page)));
        while (found.find()) {
            commands.put(
                    found.group(2),
                    found.group(1).replace("$PID", Long.toString(server.pid())).split(" +"));
        }
    }

    private static void runOut(ChildJvm server, int port) throws IOException {
        var healthy = new ArrayList<Socket>();
        for (int i = 0; i < HEALTHY; i++) {
            healthy.add(greeted(port));
        }
        for (int i = 0; !server.err().stream().anyMatch(line -> line.contains("Too many open files")); i++) {
            server.expect("clients before it ran out", true, i < 2 * LIMIT);
            // what it cannot accept waits, and is given up
            try (var client = connect(port)) {
                client.setSoTimeout(500);
                reject(client);
            } catch (IOException noAnswer) {
                server.awaitErr("Too many open files");
            }
        }
        for (var client : healthy) {
            client.close();
        }
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (openIn(server) > LIMIT - HEALTHY / 2 && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
    }

    /** Under pressure most are released at once; those that are left when it is over have the timeout of a minute. */
    private static void awaitFewDescriptors(ChildJvm server) throws InterruptedException {
        long deadline = System.nanoTime() + 2 * ChildJvm.PATIENCE.toNanos();
        while (openIn(server) > LIMIT / 4) {
            if (System.nanoTime() - deadline > 0) {
                throw server.failure(openIn(server) + " descriptors are still open");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** The half-close in the server's source, as a reader of the report would look it up. */
    private static int lineOfTheBug() throws IOException {
        var source = Files.readAllLines(
                Path.of("src/test/java", RejectingServer.class.getName().replace('.', '/') + ".java"));
        for (int i = 0; i < source.size(); i++) {
            if (source.get(i).contains("channel.shutdownOutput();")) {
                return i + 1;
            }
        }
        throw new AssertionError("the bug is gone");
    }

    private static int openIn(ChildJvm child) {
        return new File("/proc/" + child.pid() + "/fd").list().length;
    }

    private static void reject(int port) throws IOException {
        try (var client = connect(port)) {
            reject(client);
        }
    }

    /** Its last word is never read. */
    private static void reject(Socket client) throws IOException {
        say(client, "spam\n", "no\n");
        client.getOutputStream().write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static void hello(int port) throws IOException {
        greeted(port).close();
    }

    private static Socket greeted(int port) throws IOException {
        var client = connect(port);
        say(client, "hello\n", "hello\n");
        return client;
    }

    private static Socket connect(int port) throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setSoTimeout((int) ChildJvm.PATIENCE.toMillis());
        return client;
    }

    private static void say(Socket client, String what, String expected) throws IOException {
        client.getOutputStream().write(what.getBytes(StandardCharsets.US_ASCII));
        var got = new String(client.getInputStream().readNBytes(expected.length()), StandardCharsets.US_ASCII);
        if (!got.equals(expected)) {
            throw new IOException("got '" + got + "' instead of '" + expected + "'");
        }
    }
}
