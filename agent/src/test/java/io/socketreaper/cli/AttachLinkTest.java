package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.procfs.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The link that leads a JDK before 23 to a JVM with another /tmp; {@code ContainerLayoutIT} attaches by it. */
class AttachLinkTest {
    private static final long PID = 42;

    @TempDir
    private Path directory;

    private Path ours;
    private Path theirs;
    private Path link;
    private Path request;

    @BeforeEach
    void twoContainers() throws IOException {
        ours = Files.createDirectory(directory.resolve("ours"));
        theirs = Files.createDirectories(directory.resolve("proc/42/root/tmp"));
        link = ours.resolve(".java_pid42");
        request = theirs.resolve(".attach_pid42");
        namespaces("42");
    }

    private void namespaces(String numbers) throws IOException {
        Files.writeString(directory.resolve("proc/42/status"), "Name:\tjava\nNSpid:\t" + numbers + "\n");
    }

    private AttachLink open() {
        return AttachLink.to(new ProcFs(directory.resolve("proc")), PID, ours);
    }

    private boolean isLinked() {
        return Files.exists(link, LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void leadsToTheSocketAndAsksForOneThatIsNotThereYet() throws IOException {
        try (var open = open()) {
            assertTrue(open.advice(PID).isEmpty());
            assertEquals(theirs.resolve(".java_pid42"), Files.readSymbolicLink(link));
            assertTrue(Files.exists(request));
        }
        assertFalse(isLinked());
        assertFalse(Files.exists(request));
    }

    @Test
    void asksForNoSocketIfThereIsOne() throws IOException {
        Files.createFile(theirs.resolve(".java_pid42"));
        try (var open = open()) {
            assertTrue(open.advice(PID).isEmpty());
            assertTrue(isLinked());
            assertFalse(Files.exists(request));
        }
        assertTrue(Files.exists(theirs.resolve(".java_pid42")));
    }

    @Test
    void aLinkThatWasLeftIsUsed() throws IOException {
        Files.createSymbolicLink(link, theirs.resolve(".java_pid42"));
        try (var open = open()) {
            assertTrue(open.advice(PID).isEmpty());
        }
        assertFalse(isLinked());
    }

    @Test
    void anotherFileInItsPlaceIsLeftThereAndNamed() throws IOException {
        Files.createFile(link);
        try (var open = open()) {
            String advice = open.advice(PID).orElseThrow();
            assertTrue(advice.contains(link + " is in the way"), advice);
            assertTrue(advice.contains("Java 23") && advice.contains("/proc/42/root/tmp"), advice);
        }
        assertTrue(isLinked());
        assertFalse(Files.exists(request));
    }

    @Test
    void whereItCannotBeMadeTheReasonIsNamed() throws IOException {
        Files.delete(ours);
        try (var open = open()) {
            assertTrue(open.advice(PID).orElseThrow().contains("cannot be made a link"));
        }
    }

    @Test
    void noneIsMadeForAnotherProcessNamespaceTheSameDirectoryOrALink() throws IOException {
        namespaces("42\t1");
        open();
        assertFalse(isLinked(), "the JDK looks below /proc by itself");

        namespaces("42");
        Files.delete(theirs);
        Files.createSymbolicLink(theirs, ours);
        open();
        assertFalse(isLinked(), "one /tmp");

        Files.delete(theirs);
        Files.createSymbolicLink(theirs, Files.createDirectory(directory.resolve("elsewhere")));
        open();
        assertFalse(isLinked(), "may lead out of the container");
    }
}
