package io.socketreaper.testapp.stack;

import io.socketreaper.testapp.harness.Jvm;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent does on virtual threads pins none of them to its carrier; flight recorder says so. */
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with JDK 21")
class VirtualThreadsIT {
    private static final Pattern OURS =
            Pattern.compile("sun\\.nio\\.ch\\.SocketReaperHook|io\\.socketreaper\\.(?!testapp)");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"virtual-threads", "late-reader"})
    void arePinnedByNoEventOfTheAgents(String scenario) {
        var recording = directory.resolve("recording.jfr");
        try (var child = Jvm.app("run", scenario, "--sockets", "50", "--for", "20s", "--reaper-timeout", "1s")
                .option("-XX:StartFlightRecording:filename=" + recording
                        + ",jdk.VirtualThreadPinned#enabled=true,jdk.VirtualThreadPinned#threshold=0ms"
                        + ",jdk.VirtualThreadEnd#enabled=true")
                .agent("track=all,action=drain,timeout=1s,peer-closed.timeout=1h")
                .start()
                .awaitEnd()) {
            child.expectExitCode(0).expectResult("held", 0).expectResult("intact", "yes");
        }
        check(!events(recording, "jdk.VirtualThreadEnd").isEmpty(), "no virtual thread was recorded");
        // The JDK and the scenario pin some by themselves, e.g. while a class is being loaded.
        for (var pinned : events(recording, "jdk.VirtualThreadPinned")) {
            check(!OURS.matcher(pinned).find(), "the agent has pinned a virtual thread: " + pinned);
        }
    }

    @Test
    void flightRecorderWouldTellOfOne() {
        check(
                events(recordingOf("pin"), "jdk.VirtualThreadPinned").stream()
                        .anyMatch(pinned -> pinned.contains("PinnedVirtualThread$Waits")),
                "a pinned virtual thread was not recorded with its stack");
    }

    /** A program whose virtual thread waits inside a class initialiser, which pins it on every JDK. */
    private Path recordingOf(String name) {
        var recording = directory.resolve(name + ".jfr");
        try (var child = Jvm.program(PinnedVirtualThread.class)
                .option("-XX:StartFlightRecording:filename=" + recording
                        + ",jdk.VirtualThreadPinned#enabled=true,jdk.VirtualThreadPinned#threshold=0ms")
                .start()
                .awaitEnd()) {
            child.expectExitCode(0);
        }
        return recording;
    }

    /** Each event as it is printed, with its stack. */
    private static List<String> events(Path recording, String type) {
        try (var jfr = Jvm.tool("jfr", "print", "--stack-depth", "64", "--events", type, recording.toString())
                .awaitEnd()) {
            jfr.expectExitCode(0);
            return Stream.of(String.join("\n", jfr.out()).split(Pattern.quote(type + " {")))
                    .skip(1)
                    .toList();
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
