package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.socketreaper.procfs.RecordedProc;
import io.socketreaper.procfs.ScanReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The command line on a recorded machine. */
class MainTest {
    @TempDir
    private Path directory;

    private RecordedProc proc;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void record() {
        proc = new RecordedProc(directory);
    }

    private int execute(String... arguments) {
        return commandLine().execute(arguments);
    }

    private CommandLine commandLine() {
        return Main.commandLine(proc.fs())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    }

    @Test
    void withoutACommandItPrintsItsUsage() {
        assertEquals(0, execute());
        assertTrue(out.toString().startsWith("Usage: socket-reaper [-hV] COMMAND"), out.toString());
        assertTrue(out.toString().contains("  3     the process does not exist"), out.toString());
    }

    @Test
    void everyCommandHasHelpExitCodesAndJson() {
        for (var command : commandLine().getSubcommands().entrySet()) {
            out.getBuffer().setLength(0);
            assertEquals(0, execute(command.getKey(), "--help"));
            assertTrue(out.toString().contains("Exit codes:\n  0"), out.toString());
            assertEquals(
                    command.getValue().getCommand() instanceof CliCommand,
                    out.toString().contains("--json"),
                    command.getKey());
        }
    }

    @Test
    void helpIsACommand() {
        assertEquals(0, execute("help"));
        assertTrue(out.toString().startsWith("Usage: socket-reaper [-hV] COMMAND"), out.toString());
        String[] commands = {"scan", "set", "help"};
        for (var command : commands) {
            out.getBuffer().setLength(0);
            assertEquals(0, execute("help", command));
            assertTrue(out.toString().contains("Usage: socket-reaper " + command + " "), out.toString());
        }
        assertEquals(2, execute("help", "sacn"));
        assertTrue(err.toString().contains("'sacn'"), err.toString());
    }

    @Test
    void theCompletionKnowsTheCommands() {
        assertEquals(0, execute("generate-completion"));
        assertTrue(
                out.toString().contains("function _picocli_socket-reaper_scan()")
                        || out.toString().contains("function _picocli_socketreaper_scan()"),
                out.toString());
    }

    @Test
    void aShellCompletesCommandsAndOptions() throws Exception {
        assertEquals(0, execute("generate-completion"));
        var script = Files.writeString(directory.resolve("completion"), out.toString());
        assertEquals(List.of("scan"), completed(script, "sc"));
        assertTrue(completed(script, "scan", "--").containsAll(List.of("--watch", "--fail-on-leak", "--json")));
    }

    /** What bash offers for the last word. */
    private static List<String> completed(Path script, String... words) throws Exception {
        var bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source \"$0\" && COMP_WORDS=(socket-reaper \"$@\") COMP_CWORD=$#"
                                + " && $(complete -p socket-reaper | sed 's/.* -F \\([^ ]*\\) .*/\\1/') && printf '%s\\n' \"${COMPREPLY[@]}\"",
                        script.toString())
                .redirectErrorStream(true);
        bash.command().addAll(List.of(words));
        var running = bash.start();
        var said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(running.waitFor(20, TimeUnit.SECONDS) && running.exitValue() == 0, said);
        return said.lines().map(String::strip).toList();
    }

    @Test
    void theVersionIsTold() {
        assertEquals(0, execute("--version"));
        assertTrue(out.toString().startsWith("Socket Reaper "), out.toString());
    }

    @Test
    void anUnknownCommandNamesThoseThereAre() {
        assertEquals(2, execute("sacn", "1"));
        assertTrue(
                err.toString().startsWith("there is no command or option 'sacn'; the commands are list, scan, "),
                err.toString());
    }

    @Test
    void whatIsAnOptionAndNoCommandIsSaidToBeOne() {
        assertEquals(2, execute("version"));
        assertEquals(
                "there is no command or option 'version'; write --version\nSee: socket-reaper --help\n",
                err.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set action=drain",
                "set action=drain track=all",
                "attach action=drain",
                "set --json action=drain"
            })
    void aForgottenProcessIsMissed(String arguments) {
        java("com.example.Server");
        assertEquals(2, execute(arguments.split(" ")));
        assertTrue(
                err.toString()
                        .startsWith(
                                "the process is missing: 'action=drain' is a setting, and the process comes before it,"
                                        + " as in: PID action=drain\n"),
                err.toString());
    }

    @Test
    void aJvmMayBeNamedLikeASetting() {
        java("-jar", "/opt/a=b.jar");
        assertEquals(0, execute("scan", "a=b"), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "", " ", "99999999999999999999"})
    void whatNamesNoProcessIsSaidWithWhatWould(String which) {
        assertEquals(2, execute("scan", "--", which));
        assertEquals(
                "'" + which
                        + "' is not a process; write a process id above 0, or a part of a main class or jar name, such as the"
                        + " command list shows\n",
                err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void aProcessIsFoundByItsMainClass() {
        java("com.example.shop.Server", "run").sockets(5, 105);
        for (var name : List.of("Server", "com.example.shop.Server", "shop")) {
            out.getBuffer().setLength(0);
            assertEquals(0, execute("scan", name), err.toString());
            assertTrue(out.toString().startsWith("process 4242 "), out.toString());
        }
    }

    @Test
    void aJarIsMeantWithoutItsDirectories() {
        java("-jar", "/opt/shop/server-1.5.jar");
        assertEquals(0, execute("scan", "server-1.5"), err.toString());
        assertEquals(0, execute("scan", "shop/server"), err.toString());
        assertEquals(3, execute("scan", "shop"));
        assertEquals(
                "no main class or jar name of a JVM contains 'shop'; the command list names the JVMs\n",
                err.toString());
    }

    @Test
    void ofSeveralJvmsAllAreNamed() {
        java("-jar", "/opt/shop/server.jar");
        proc.processLike(4243);
        assertEquals(2, execute("scan", "server"));
        assertEquals(
                "the main class or jar name of 2 JVMs contains 'server'; write the process id, or more of the name:\n"
                        + "  4242  /opt/shop/server.jar\n  4243  /opt/shop/server.jar\n",
                err.toString());
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"report", "holders"})
    void whereAFileMayBeMeantBothAreSaidToBeMissing(String command) {
        java("com.example.Server");
        assertEquals(1, execute(command, "Sever"));
        assertTrue(
                err.toString()
                        .startsWith(
                                "there is no file Sever, and no JVM whose main class or jar name contains that; write a "),
                err.toString());
        proc.processLike(4243);
        err.getBuffer().setLength(0);
        assertEquals(2, execute(command, "Server"));
        assertTrue(err.toString().contains("\n  4243  com.example.Server\n"), err.toString());
    }

    private RecordedProc java(String... arguments) {
        return proc.file("cmdline", "java\0" + String.join("\0", arguments) + "\0")
                .file("maps", "7f0000000000-7f0000001000 r-xp 00000000 08:01 12 /opt/jdk/lib/server/libjvm.so\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scan 4242 --watch=10|--watch|is not a duration; write a number and its unit, such as 10s, 5m or 2h, from 1s to 24h",
                "scan 4242 --watch=soon|--watch|is not a duration; write a number and its unit, such as 10s, 5m or 2h, from 1s to 24h",
                "scan 4242 --watch=-1s|--watch|is not a duration; write a number and its unit, such as 10s, 5m or 2h, from 1s to 24h",
                "scan 4242 --watch=0s|--watch|is too short; write a duration from 1s to 24h",
                "scan 4242 --watch=999ms|--watch|is too short; write a duration from 1s to 24h",
                "scan 4242 --watch=25h|--watch|is too long; write a duration from 1s to 24h",
                "top 4242 --every=199ms|--every|is too short; write a duration from 200ms to 10m",
                "top 4242 --every=11m|--every|is too long; write a duration from 200ms to 10m",
                "top 4242 --count=0|--count|is not a count; write a whole number from 1 to 2147483647",
                "sockets 4242 --limit=0|--limit|is not a count; write a whole number from 1 to 2147483647",
                "sockets 4242 --limit=many|--limit|is not a count; write a whole number from 1 to 2147483647",
                "open 4242 --state=OPEN|--state|is not a state; write one of UNKNOWN, ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING, selector, datagram, pipe, async listener, event loop, native listener, unreachable",
                "release 4242 =x|ID|is not the id of a socket; write a number such as the command sockets shows",
                "release 4242 =09f1fbbd|ID|is not the id of a socket; write a number such as the command sockets shows, or --site 09f1fbbd if it is the id of a leak site"
            })
    void aBadValueIsNamedWithTheGoodOnes(String arguments, String name, String message) {
        assertEquals(2, execute(arguments.replace(" =", " ").split(" ")));
        var value = arguments.substring(arguments.indexOf('=') + 1);
        assertTrue(
                err.toString().lines().findFirst().orElseThrow().endsWith("'" + value + "' " + message),
                err.toString());
        assertTrue(
                err.toString().startsWith("Invalid value for ")
                        && err.toString().contains(name),
                err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void aProcessThatIsNotThereIsSaid() {
        assertEquals(3, execute("scan", "4243"));
        assertEquals("there is no process 4243; the command list names the JVMs\n", err.toString());
    }

    @Test
    void aLeakIsACodeOnlyIfAskedFor() {
        proc.sockets(5, 105);
        assertEquals(0, execute("scan", "4242"));
        assertTrue(out.toString().contains("socket in no table         100"), out.toString());
        assertTrue(
                out.toString().contains("\nleaking: 100 of 1024 descriptors are sockets whose connection is over"),
                out.toString());
        assertEquals(10, execute("scan", "--fail-on-leak", "4242"));
    }

    @Test
    void aScanShowsListenersPeersAndWhatIsUnread() {
        proc.sockets(5, 10)
                .tcp("0100007F:0019", "00000000:0000", "0A", 7, 5)
                .tcp("0100007F:0019", "0200007F:9C40", "01", 0, 6)
                .tcp("0100007F:0019", "0200007F:9C41", "08", 1, 7)
                .tcp("0100007F:9C42", "0300007F:1F90", "01", 300, 8);
        assertEquals(0, execute("scan", "4242"));
        assertEquals(
                List.of(
                        "",
                        "descriptors                    5 of 1024 (0 %)",
                        "  TCP CLOSE_WAIT               1",
                        "  TCP ESTABLISHED              2",
                        "  TCP LISTEN                   1  127.0.0.1:25 (7 not accepted)",
                        "  socket in no table           1  finished, or never connected or bound",
                        "",
                        "unread: 300 bytes in 1 connection",
                        "",
                        "PEER            CONNECTIONS  CLOSE_WAIT  FINISHED BUT HELD",
                        "127.0.0.2                 2           1                  0",
                        "127.0.0.3:8080            1           0                  0"),
                out.toString().lines().skip(1).limit(12).toList());
        assertEquals(
                "  +5.0/s, the limit is reached in 25 s",
                new ScanReport.Descriptors(900, 1024L, 88, 50, 5.0, 25L).outlook());
    }

    @Test
    void jsonIsOneObjectInAscii() {
        proc.sockets(5, 105).file("comm", "d\u00e9mon");
        assertEquals(0, execute("scan", "--json", "4242"));
        assertTrue(out.toString().chars().allMatch(c -> c < 0x80), out.toString());
        var report = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertEquals("d\u00e9mon", report.get("name").getAsString());
        assertEquals(100, report.getAsJsonObject("finished").get("count").getAsInt());
        assertEquals("leaking", report.getAsJsonObject("verdict").get("state").getAsString());
    }

    @Test
    void namesCannotSteerTheTerminal() {
        proc.file("comm", "a\u001b[31m\u202e\u2028b").file("cmdline", "x\u0007\0");
        assertEquals(0, execute("scan", "4242"));
        assertTrue(out.toString().startsWith("process 4242 (a?[31m??b)"), out.toString());
        assertFalse(out.toString().contains("\u0007"));
    }

    @Test
    void listKnowsAJvmFromProcAlone() throws Exception {
        var home = Files.createDirectories(directory.resolve("4242/root/opt/jdk"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"21.0.4\"\n");
        Files.createSymbolicLink(directory.resolve("4242/exe"), Path.of("/opt/jdk/bin/java (deleted)"));
        proc.file("cmdline", "java\0-cp\0a:b\0--add-opens\0a/b=ALL-UNNAMED\0-Xmx1g\0com.example.Server\0run\0")
                .sockets(5, 105);
        assertEquals(0, execute("list", "--no-attach"));
        assertEquals(
                List.of(
                        " PID  MAIN                JDK     DESCRIPTORS  USED  AGENT",
                        "4242  com.example.Server  21.0.4  100 of 1024   9 %  unknown: not asked"),
                out.toString().lines().toList());
    }

    @Test
    void listKnowsAJvmWhateverItsLauncherIsCalled() {
        assertEquals(0, execute("list", "--no-attach"));
        assertTrue(out.toString().startsWith("This user can see no other JVM"), out.toString());
        out.getBuffer().setLength(0);
        proc.file("maps", "7f0000000000-7f0000001000 r-xp 00000000 08:01 12 /opt/jdk/lib/server/libjvm.so\n");
        assertEquals(0, execute("list", "--no-attach", "--json"));
        assertEquals(
                4242,
                JsonParser.parseString(out.toString())
                        .getAsJsonArray()
                        .get(0)
                        .getAsJsonObject()
                        .get("pid")
                        .getAsInt());
    }

    @Test
    void whatCannotBeWrittenIsAFailure() {
        var full = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {
                // has nothing
            }

            @Override
            public void close() {
                // nor that
            }
        };
        assertEquals(1, commandLine().setOut(new PrintWriter(full)).execute("scan", "4242", "--json"));
        assertTrue(err.toString().startsWith("standard output cannot be written, "), err.toString());
    }

    @Test
    void mainClassJarAndModuleAreToldApart() {
        assertEquals("server.jar", Jvms.main(List.of("java", "-Xmx1g", "-jar", "server.jar", "-v")));
        assertEquals("a/b.Main", Jvms.main(List.of("java", "-p", "mods", "-m", "a/b.Main")));
        assertEquals("Main", Jvms.main(List.of("java", "@options", "-cp", "x", "Main", "y")));
        assertNull(Jvms.main(List.of("java", "-version")));
    }

    @Test
    void aJvmThatMightSufferIsNotAskedAnything() {
        var self = new RecordedProc(directory.resolve("machine"));
        var ids = "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n";
        self.file("status", ids + "SigCgt:\t0000000000000004\n").file("../self/status", ids);
        assertNull(AttachCheck.refusal(self.fs(), self.process()));
        self.limit(100).sockets(0, 95);
        assertEquals("it has only 5 descriptors left, and answering could use up the last ones", refusal(self));
        self.limit(1000).file("environ", "A=b\0JAVA_TOOL_OPTIONS=-Xmx1g -XX:+DisableAttachMechanism\0");
        assertEquals("its attach mechanism is disabled", refusal(self));
        self.file("status", ids + "SigCgt:\t0000000000000000\n");
        assertEquals("it does not listen for an attach (-Xrs, or it has just started)", refusal(self));
        self.file("stat", "4242 (java) T 1 4242");
        assertEquals("it is stopped", refusal(self));
        self.file("status", ids.replace("1000", "1001"));
        assertNotNull(refusal(self));
    }

    private static String refusal(RecordedProc proc) {
        return AttachCheck.refusal(proc.fs(), proc.process());
    }
}
