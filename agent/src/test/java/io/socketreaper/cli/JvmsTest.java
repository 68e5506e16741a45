package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.procfs.ProcFs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JvmsTest {
    /** A JVM in a container that shares /tmp writes its file there by the number that it has in the container. */
    @Test
    void aProcessThatOnlyHasTheNumberOfAContainersJvmIsNotListed() throws Exception {
        Path files = Path.of("/tmp", "hsperfdata_" + System.getProperty("user.name"));
        Process other = new ProcessBuilder("sleep", "60").start();
        Path file = files.resolve(Long.toString(other.pid()));
        try {
            Files.copy(files.resolve(Long.toString(ProcessHandle.current().pid())), file);
            assertTrue(AttachApi.list().containsKey(other.pid()), "the JDK lists it");

            assertTrue(new Jvms(ProcFs.SYSTEM, false).all().stream().noneMatch(jvm -> jvm.pid() == other.pid()));
        } finally {
            Files.deleteIfExists(file);
            other.destroyForcibly();
        }
    }
}
