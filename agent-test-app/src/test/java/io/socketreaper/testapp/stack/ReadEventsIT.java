package io.socketreaper.testapp.stack;

import static io.socketreaper.testapp.harness.AgentSays.watching;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What woven code tells of the reads of every API of the JDK: that they brought bytes, or nothing, or the end of input. Flight
 * Recorder of JDK 17 rewrites the same methods, before the agent comes or after it, or is there from the beginning.
 */
class ReadEventsIT {
    private static final List<String> WAYS = List.of(
            "channel",
            "scattering",
            "adaptor",
            "adaptor-timed",
            "socket",
            "socket-timed",
            "async-future",
            "async-handler",
            "async-scattering");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "half-closed,none",
        "half-closed,first",
        "half-closed,later",
        "all,none",
        "all,first",
        "all,later",
        "all,attached"
    })
    void everyReadIsToldForWhatItBrought(String track, String recording) throws Exception {
        boolean all = track.equals("all");
        var file = directory.resolve("reads.jfr");
        var jvm = Jvm.program(ReadProbe.class).option("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        if (!recording.equals("attached")) {
            jvm.agent("track=" + track);
        }
        if (recording.equals("first") || recording.equals("attached")) {
            jvm.option(
                    "-XX:StartFlightRecording:filename=" + file + ",jdk.SocketRead#threshold=0ms",
                    "-XX:+EnableDynamicAgentLoading");
        }
        try (var child = jvm.start()) {
            child.awaitOut("ready");
            if (recording.equals("attached")) {
                Tool.run(0, "attach", "" + child.pid(), "track=" + track, Jvm.JSON);
            }
            // of each stack
            child.awaitEvents(all ? 4 : 3, watching());
            if (recording.equals("later")) {
                jcmd(child, "JFR.start", "name=later", "jdk.SocketRead#threshold=0ms");
            }
            child.tell("go");
            child.awaitOut("done");
            var said = child.out().stream()
                    .filter(line -> line.contains("half-closed ") || line.contains(" open "))
                    .toList();
            assertEquals(expected(all), said);
            if (!recording.equals("none")) {
                jcmd(child, "JFR.dump", "filename=" + file);
                try (var jfr = Jvm.tool("jfr", "summary", file.toString()).awaitEnd()) {
                    jfr.expectExitCode(0);
                    assertEquals(
                            1,
                            jfr.out().stream()
                                    .filter(line -> line.matches(" jdk\\.SocketRead +[1-9].*"))
                                    .count(),
                            "Flight Recorder still hears of reads");
                }
            }
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    private static List<String> expected(boolean all) {
        var expected = new ArrayList<String>();
        for (boolean half : new boolean[] {true, false}) {
            var state = half ? " half-closed " : " open ";
            for (var way : WAYS) {
                boolean async = way.startsWith("async");
                expected.add(way + state + "5 -1 "
                        + (half
                                ? async
                                        ? "READ_NOTHING READ READ_NOTHING END_OF_INPUT"
                                        : "READ READ_NOTHING END_OF_INPUT"
                                : all ? "END_OF_INPUT" : ""));
            }
            expected.add("nothing" + state + "0 " + (half ? "READ_NOTHING" : ""));
            expected.add("available" + state + "0 0 " + (half ? "POLLED_INPUT POLLED_INPUT" : ""));
            expected.add("tls" + state + "0 3 2 2 -1 "
                    + (half
                            ? "POLLED_INPUT_ABOVE READ_ABOVE POLLED_INPUT_ABOVE POLLED_INPUT_ABOVE READ_ABOVE END_OF_INPUT_ABOVE"
                            : all ? "END_OF_INPUT_ABOVE" : ""));
            // "open" stands for traffic that is told; a file is no socket
            expected.add("transfer" + state + "5 5 " + (!half && all ? "WROTE WROTE" : ""));
        }
        return expected;
    }

    private static void jcmd(ChildJvm child, String... command) {
        var arguments = new ArrayList<>(List.of("" + child.pid()));
        arguments.addAll(List.of(command));
        try (var jcmd = Jvm.tool("jcmd", arguments.toArray(String[]::new))) {
            jcmd.awaitEnd().expectExitCode(0);
        }
    }
}
