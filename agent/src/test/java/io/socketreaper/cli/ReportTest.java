package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.procfs.ProcFs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.StackTrace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What the command report cannot do, and says; what it can is tested with real recordings. */
@Execution(ExecutionMode.SAME_THREAD)
class ReportTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int report(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var command = new String[arguments.length + 1];
        command[0] = "report";
        for (int i = 0; i < arguments.length; i++) {
            command[i + 1] = arguments[i].toString();
        }
        return Main.commandLine(ProcFs.SYSTEM)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .execute(command);
    }

    private void refuses(String message, Object... arguments) throws IOException {
        var before = names();
        assertEquals(1, report(arguments), err::toString);
        assertEquals(message + "\n", err.toString());
        assertEquals("", out.toString());
        assertEquals(before, names(), "nothing is left behind");
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(Path::toString).sorted().toList();
        }
    }

    @Name("io.socketreaper.Settings")
    @StackTrace(false)
    private static final class Setting extends Event {
        private String name = "action";
        private String value = "drain";
        private long origin = 7;
    }

    @Name("somebody.Else")
    private static final class Other extends Event {}

    /** Of a leak that was found before the recording began. */
    @Name("io.socketreaper.Release")
    @StackTrace(false)
    private static final class Release extends Event {
        private String site = "0a1b2c3d";
        private String kind = "half-closed";
        private String location = "Session.reject(Session.java:41)";
        private String outcome = "drained";
    }

    @Name("io.socketreaper.Leak")
    @StackTrace(false)
    private static final class Leak extends Event {
        private String site = "0a1b2c3d";
        private String kind = "half-closed";
        private String location = "Session.reject(Session.java:41)\u202E</script>";
        private int openDescriptors = 81;
        private long descriptorLimit = 100;
    }

    private Path recording(Event... events) throws IOException {
        var file = directory.resolve("some.jfr");
        try (var recording = new Recording()) {
            recording.start();
            for (var event : events) {
                event.commit();
            }
            recording.dump(file);
        }
        return file;
    }

    @Test
    void whatIsNoRecordingIsSaidSo() throws IOException {
        var html = directory.resolve("out.html");
        var missing = directory.resolve("missing.jfr");
        refuses(
                "there is no file " + missing
                        + ", and no JVM whose main class or jar name contains that; write a recording or a process",
                missing,
                "-o",
                html);
        refuses(directory + " is a directory; write a recording or a process id", directory, "-o", html);
        for (var text : List.of(
                "", "x", "FLR", "FLR\0\0\2\0\0", "no recording, but as long as the head of a chunk. ".repeat(2))) {
            var file = Files.writeString(directory.resolve("text.jfr"), text);
            assertEquals(1, report(file, "-o", html), text);
            assertTrue(
                    err.toString().startsWith(file + " cannot be read: ")
                            && err.toString().lines().count() == 1,
                    err.toString());
        }
    }

    @Test
    void aRecordingWithoutTheAgentIsSaidSo() throws IOException {
        var file = recording(new Other());
        refuses(
                file
                        + " cannot be read: it has no event of Socket Reaper's; was the agent in that JVM, and not switched off with"
                        + " jfr=false?",
                file,
                "-o",
                directory.resolve("out.html"));
    }

    @Test
    void aProcessThatIsNotThereIsSaidSo() {
        assertEquals(3, report("2147483647"));
        assertEquals("there is no process 2147483647; the command list names the JVMs\n", err.toString());
        assertEquals(2, report());
        assertEquals(2, report("some.jfr", "--addresses=half"));
    }

    @Test
    void eventsOfAnotherVersionAreReadAsFarAsTheyGo() throws IOException {
        var html = directory.resolve("out.html");
        assertEquals(0, report(recording(new Setting()), "-o", html), err::toString);
        assertEquals(
                "No leak was found: how many descriptors are open is unknown.\nThe report is in " + html + "\n",
                out.toString());
        assertTrue(
                Files.readString(html)
                        .contains(
                                "<td data-label=\"Setting\"><code>action</code></td><td data-label=\"Value\"><code>drain</code></td>"));
        assertEquals(0, report("--json", directory.resolve("some.jfr"), "-o", html), err::toString);
        assertTrue(out.toString().contains("\"verdict\": \"No leak was found: "), out.toString());
    }

    @Test
    void whatWasReleasedWasFoundIfOnlyBeforeTheRecording() throws IOException {
        var html = directory.resolve("out.html");
        assertEquals(0, report(recording(new Release()), "-o", html), err::toString);
        assertEquals(
                "1 leaked socket was found and none is held any more, leaked at Session.reject(Session.java:41) (half-closed);"
                        + " the agent released 1.\nThe report is in " + html + "\n",
                out.toString());
        assertTrue(Files.readString(html).contains("data-count=\"found\">1<"));
    }

    @Test
    void withoutACensusTheLeaksTellTheDescriptors() throws IOException {
        var html = directory.resolve("out.html");
        assertEquals(0, report(recording(new Leak(), new Leak()), "-o", html), err::toString);
        assertTrue(
                out.toString().startsWith("2 leaked sockets are still held, leaked at Session.reject(Session.java:41)"),
                out.toString());
        var text = Files.readString(html);
        assertTrue(
                text.contains("data-figure=\"open\" data-value=\"81\">81</span><span class=\"what\">of 100 open, 81 %"),
                text);
        assertTrue(text.contains("The recording has fewer than two events Census.")
                && text.contains("<span class=\"badge good\">recorded<"));
        assertTrue(text.contains("(Session.java:41)?&lt;/script&gt;</span></code>"), text);
    }

    @Test
    void whatHoldersPrintedAsJsonIsInTheReport() throws IOException {
        var file = recording(new Leak());
        var html = directory.resolve("out.html");
        var holders = Files.writeString(directory.resolve("holders.json"), """
                {"pid": 42, "madeMillis": 1700000000000, "objects": 9, "groups": [{"count": 2, "application": true,
                "root": "class", "holders": [{"className": "com.example.Parked", "field": "static Parked.connections"},
                {"className": "java.net.Socket", "field": "Socket.impl"}], "end": "sun.nio.ch.NioSocketImpl", "states": {},
                "sockets": [{"descriptor": 5, "type": "Socket", "state": "CLOSE_WAIT", "local": "10.0.0.1:80", "unread": 0},
                {"descriptor": 6, "type": "Socket", "state": "CLOSE_WAIT", "unread": 0}]}],
                "unreachable": [], "noObject": [{"descriptor": 9, "type": "TCP", "unread": 0}]}""");
        assertEquals(0, report(file, "--holders", holders, "-o", html), err::toString);
        var text = Files.readString(html);
        for (var part : List.of(
                "Made 2023-11-14 22:13:20 UTC by the command holders of process 42",
                "<strong>2 sockets</strong><span> held by </span><code>static Parked.connections</code>",
                "2 sockets: Socket in CLOSE_WAIT; descriptor 5, 6</span><code> 10.0.0.1:80 → </code>",
                "├─ com.example.Parked\n│    ↓ static Parked.connections\n├─ java.net.Socket",
                "1 socket: TCP; descriptor 9: no object of the heap has the descriptor.")) {
            assertTrue(text.contains(part), () -> part + " is not in " + text.substring(text.indexOf("<body")));
        }
        assertEquals(0, report(file, "--holders", holders, "-o", html, "--addresses=masked"), err::toString);
        assertTrue(!Files.readString(html).contains("10.0.0.1"), "masked");
        assertEquals(42, HoldersFile.read(holders, 42).pid());
        assertTrue(assertThrows(CliException.class, () -> HoldersFile.read(holders, 43))
                .getMessage()
                .endsWith(" is about process 42, not about process 43"));
    }

    @Test
    void whatIsNoAnswerOfHoldersIsSaidSo() throws IOException {
        var file = recording(new Leak());
        var holders = directory.resolve("holders.json");
        for (var text : List.of("", "[]", "{}", "x", "{\"groups\":[{}],\"unreachable\":[],\"noObject\":[]}")) {
            Files.writeString(holders, text);
            refuses(
                    holders + " is not what holders --json prints; write it with: holders PID --yes --json > FILE.json",
                    file,
                    "--holders",
                    holders,
                    "-o",
                    directory.resolve("out.html"));
        }
    }

    @Test
    void aReportIsAsReadableAsAnyFileAndALinkToItStaysOne() throws IOException {
        var file = recording(new Setting());
        var usual = Files.createFile(directory.resolve("usual"));
        var html = directory.resolve("out.html");
        var link = Files.createSymbolicLink(directory.resolve("latest.html"), html.getFileName());
        assertEquals(0, report(file, "-o", html), err::toString);
        assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(html));
        Files.writeString(html, "old");
        assertEquals(0, report(file, "-o", link), err::toString);
        assertTrue(Files.isSymbolicLink(link) && Files.size(html) > "old".length());
    }

    @Test
    void aPlaceThatCannotBeWrittenToIsSaidAndKept() throws IOException {
        var file = recording(new Setting());
        var empty = Files.createDirectory(directory.resolve("empty"));
        refuses("cannot write " + empty + ": it is a directory", file, "-o", empty);
        refuses("cannot write /: it is a directory", file, "-o", "/");
        var nowhere = directory.resolve("nowhere");
        refuses(
                "cannot write " + nowhere + "/out.html: there is no directory " + nowhere,
                file,
                "-o",
                nowhere + "/out.html");
        assertEquals(1, report(file, "-o", "/proc/self/out.html"));
        assertTrue(err.toString().startsWith("cannot write /proc/self/out.html: "), err.toString());
        assertEquals(0, report(file, "-o", "/dev/null"), err::toString);
        assertEquals(1, report(file, "-o", "/dev/full"));
        assertEquals("cannot write /dev/full: java.io.IOException: No space left on device\n", err.toString());
        assertTrue(
                Files.exists(Path.of("/dev/null")) && !Files.isRegularFile(Path.of("/dev/null")),
                "the device is still one");
    }
}
