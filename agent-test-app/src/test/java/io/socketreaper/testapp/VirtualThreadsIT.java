package io.socketreaper.testapp;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent does on virtual threads pins none of them to its carrier; flight recorder says so. */
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "virtual threads came with JDK 21")
class VirtualThreadsIT {
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
                .agent("track=all,action=drain,timeout=1s,peer-closed.timeout=1h").start().awaitEnd()) {
            child.expectExitCode(0).expectResult("held", 0).expectResult("intact", "yes");
        }
        check(events(recording, "jdk.VirtualThreadEnd") > 0, "no virtual thread was recorded");
        check(events(recording, "jdk.VirtualThreadPinned") == 0, "virtual threads were pinned");
    }

    @Test
    void flightRecorderWouldTellOfOne() {
        check(events(recordingOf("pin"), "jdk.VirtualThreadPinned") > 0, "a pinned virtual thread was not recorded");
    }

    /** A program whose virtual thread waits inside a class initialiser, which pins it on every JDK. */
    private Path recordingOf(String name) {
        var recording = directory.resolve(name + ".jfr");
        try (var child = Jvm.program(Pinned.class).option("-XX:StartFlightRecording:filename=" + recording
                + ",jdk.VirtualThreadPinned#enabled=true,jdk.VirtualThreadPinned#threshold=0ms").start().awaitEnd()) {
            child.expectExitCode(0);
        }
        return recording;
    }

    private static long events(Path recording, String type) {
        try (var jfr = Jvm.tool("jfr", "print", "--events", type, recording.toString()).awaitEnd()) {
            jfr.expectExitCode(0);
            return jfr.out().stream().filter(line -> line.startsWith(type + " {")).count();
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
