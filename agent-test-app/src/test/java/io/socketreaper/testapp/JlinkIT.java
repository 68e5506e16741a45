package io.socketreaper.testapp;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The smallest run-time image that can have agents at all. */
class JlinkIT {
    @TempDir
    private Path directory;

    @Test
    void theAgentNeedsNoMoreThanJavaBaseAndJavaInstrument() {
        var image = directory.resolve("image");
        if (!Files.isExecutable(ChildJvm.javaHome().resolve("bin/jlink"))) {
            throw new AssertionError(ChildJvm.javaHome() + " has no jlink: run the tests on a full JDK");
        }
        try (var jlink = Jvm.tool("jlink", "--add-modules", "java.base,java.instrument", "--output", image.toString())) {
            if (jlink.awaitEnd().exitCode() != 0) {
                throw jlink.failure("this JDK's jlink makes no image; install its jmods (Debian: openjdk-*-jdk-headless), "
                        + "or a JDK that can link from its own image (JEP 493)");
            }
        }
        try (var child = Jvm.program(Leaker.class).on(image).agent("action=drain,timeout=500ms").start().awaitWatching()) {
            child.ask("leak");
            child.awaitErr("done +drained: 6 bytes discarded up to the end of input");
            child.expect("descriptors", "held 0", child.ask("held"));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }
}
