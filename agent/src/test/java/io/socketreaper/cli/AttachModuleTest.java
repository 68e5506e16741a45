package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool on a small runtime image: there is no module jdk.attach. */
class AttachModuleTest {
    @TempDir
    private Path directory;

    @Test
    void attachSaysThatTheModuleIsMissing() throws Exception {
        var said = run(
                "attach",
                Long.toString(ProcessHandle.current().parent().orElseThrow().pid()));
        assertEquals(ExitCode.FAILED.code, said.exitCode(), said::text);
        assertTrue(said.text().contains("has no module jdk.attach: run"), said::text);
    }

    @Test
    void listWorks() throws Exception {
        var said = run("list");
        assertEquals(ExitCode.DONE.code, said.exitCode(), said::text);
        assertTrue(said.text().contains(Long.toString(ProcessHandle.current().pid())), said::text);
    }

    private Said run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.base",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        var text = directory.resolve("text");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(text.toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the command has not ended");
        } finally {
            process.destroyForcibly();
        }
        return new Said(process.exitValue(), Files.readString(text, StandardCharsets.UTF_8));
    }

    private record Said(int exitCode, String text) {}
}
