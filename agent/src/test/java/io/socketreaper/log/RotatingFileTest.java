package io.socketreaper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

class RotatingFileTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private final FakeClock clock = new FakeClock();
    private final LoggedLines instead = new LoggedLines();

    @Test
    void theFileIsMadeWithTheFirstLineAndOnlyItsOwnerMayReadIt() throws IOException {
        var path = directory.resolve("reaper.log");
        var file = file(path, 10_000, 5);
        assertFalse(Files.exists(path));

        say(file, "one");
        say(file, "two");

        assertEquals(List.of("one", "two"), messages(path));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertEquals(List.of(), instead.take());
    }

    @Test
    void whatIsThereIsKept() throws IOException {
        var path = Files.writeString(directory.resolve("reaper.log"), "x [socket-reaper] before\n");

        say(file(path, 10_000, 5), "after");

        assertEquals(List.of("before", "after"), messages(path));
    }

    @Test
    void rotatingKeepsTheYoungestFilesAndEveryLineInThem() throws IOException {
        var path = directory.resolve("reaper.log");
        var file = file(path, 1000, 3);
        for (int i = 0; i < 200; i++) {
            say(file, "line " + i);
        }

        var all = new ArrayList<String>();
        for (var name : List.of("reaper.log.3", "reaper.log.2", "reaper.log.1", "reaper.log")) {
            assertTrue(Files.size(directory.resolve(name)) <= 1000, name);
            all.addAll(messages(directory.resolve(name)));
        }
        for (int i = 0; i < all.size(); i++) {
            assertEquals("line " + (200 - all.size() + i), all.get(i));
        }
        assertFalse(Files.exists(directory.resolve("reaper.log.4")));
        assertTrue(all.size() > 50, all::toString);
    }

    @Test
    void anEntryLargerThanAFileHasAFileOfItsOwn() throws IOException {
        var path = directory.resolve("reaper.log");
        var file = file(path, 1000, 3);
        say(file, "before");
        say(file, "x".repeat(5000));
        say(file, "after");

        assertEquals(List.of("after"), messages(path));
        assertEquals(List.of("x".repeat(5000)), messages(directory.resolve("reaper.log.1")));
        assertEquals(List.of("before"), messages(directory.resolve("reaper.log.2")));
    }

    @Test
    void aFullDiskIsSaidOnceAndTheLinesGoToStandardErrorUntilItHasRoom() {
        var file = file(Path.of("/dev/full"), 10_000, 5);
        say(file, "one");
        say(file, "two");

        var said = instead.take();
        assertEquals(3, said.size(), said::toString);
        assertTrue(
                said.get(0).startsWith("ERROR log=file:/dev/full cannot be written (No space left on device): "),
                said.get(0));
        assertTrue(
                said.get(0).contains("its entries go to standard error")
                        && said.get(0).contains("every minute"),
                said.get(0));
        assertEquals(List.of("INFO one", "INFO two"), said.subList(1, 3));

        clock.advance(MINUTE);
        say(file, "three");
        assertEquals(List.of("INFO three"), instead.take(), "tried again and not said again");
        assertEquals(3, file.writtenInstead());
    }

    @Test
    void aDirectoryThatVanishesIsSaidAndWhenItIsBackTheFileSaysWhatItLacks() throws IOException {
        var there = Files.createDirectory(directory.resolve("logs"));
        var path = there.resolve("reaper.log");
        var file = file(path, 10_000, 5);
        say(file, "one");
        Files.delete(path);
        Files.delete(there);
        say(file, "two");
        var said = instead.take();
        assertTrue(
                said.get(0).startsWith("ERROR log=file:" + path + " cannot be written (No such file or directory)"),
                said.get(0));
        assertEquals("INFO two", said.get(1));

        Files.createDirectory(there);
        say(file, "three");
        assertEquals(List.of("INFO three"), instead.take(), "not tried before the minute is over");
        clock.advance(MINUTE);
        say(file, "four");

        assertEquals(List.of(), instead.take());
        assertEquals(
                List.of(
                        "log=file:" + path + " can be written again; entries that went to standard error meanwhile: 2",
                        "four"),
                messages(path));
    }

    @Test
    void whatIsNoFileIsRefused() throws Exception {
        refused(directory, "it is not a regular file");
        var pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(pipe, "it is not a regular file");
        refused(
                Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere")),
                "it is a symbolic link to a missing file");
        refused(Files.writeString(directory.resolve("file"), "").resolve("reaper.log"), "Not a directory");
        refused(Path.of("/proc/reaper.log"), "");
    }

    private void refused(Path path, String why) {
        say(file(path, 10_000, 5), "one");
        var said = instead.take();
        assertTrue(said.get(0).startsWith("ERROR log=file:" + path + " cannot be written (" + why), said.get(0));
        assertEquals("INFO one", said.get(1));
    }

    @Test
    void aFileThatWasMovedCutOrIsSharedGoesOnWhereItsNameIs() throws IOException {
        var path = directory.resolve("reaper.log");
        var file = file(path, 10_000, 5);
        say(file, "one");
        Files.move(path, directory.resolve("moved"));
        say(file, "two");
        assertEquals(List.of("two"), messages(path));
        Files.writeString(path, "");
        say(file, "three");
        assertEquals(List.of("three"), messages(path));
        say(file(path, 10_000, 5), "another JVM's");
        say(file, "four");
        assertEquals(List.of("three", "another JVM's", "four"), messages(path));
    }

    @Test
    void whatALinkLeadsToIsWrittenAndNeverRenamed() throws IOException {
        var target = Files.writeString(directory.resolve("target"), "");
        var link = Files.createSymbolicLink(directory.resolve("link"), target);
        var file = file(link, 100, 5);
        for (int i = 0; i < 10; i++) {
            say(file, "line " + i);
        }

        assertEquals(10, messages(target).size());
        assertFalse(Files.exists(directory.resolve("link.1")));
    }

    @Test
    void whereRenamingFailsTheFileGrowsAndNothingIsLost() throws IOException {
        var path = directory.resolve("reaper.log");
        Files.createDirectories(directory.resolve("reaper.log.1").resolve("in the way"));
        var file = file(path, 200, 1);
        for (int i = 0; i < 10; i++) {
            say(file, "line " + i);
        }

        assertEquals(10, messages(path).size());
        var said = instead.take();
        assertEquals(1, said.size(), said::toString);
        assertTrue(said.get(0).contains("cannot be rotated"), said.get(0));
    }

    private RotatingFile file(Path path, long mostBytes, int kept) {
        return new RotatingFile("file:" + path, path.toFile(), mostBytes, kept, instead, clock);
    }

    private static void say(RotatingFile file, String message) {
        file.write(file.line(Level.INFO, message));
    }

    private static List<String> messages(Path path) throws IOException {
        return Files.readAllLines(path).stream()
                .map(line -> line.substring(line.indexOf("] ") + 2))
                .toList();
    }
}
