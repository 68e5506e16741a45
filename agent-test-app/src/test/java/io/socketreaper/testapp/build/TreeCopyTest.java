package io.socketreaper.testapp.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of a tree in which other tests are at work. */
class TreeCopyTest {
    @TempDir
    Path directory;

    private Path from;
    private Path to;

    @BeforeEach
    void create() throws IOException {
        from = Files.createDirectories(directory.resolve("from"));
        to = Files.createDirectories(directory.resolve("to"));
        Files.createFile(Files.createDirectories(from.resolve("part")).resolve("source"));
    }

    private TreeSet<String> copied() throws IOException {
        new TreeCopy(from, to).copy();
        var names = new TreeSet<String>();
        try (var files = Files.walk(to)) {
            files.filter(Files::isRegularFile)
                    .map(file -> to.relativize(file).toString())
                    .forEach(names::add);
        }
        return names;
    }

    @Test
    void whatABuildHasMadeIsLeftOut() throws IOException {
        Files.createFile(Files.createDirectories(from.resolve("part/target")).resolve("built"));
        Files.createFile(Files.createDirectories(from.resolve(".git")).resolve("HEAD"));
        Files.createFile(from.resolve("part/.git"));
        assertEquals("[part/source]", copied().toString());
    }

    @Test
    void aFileByWhichAJvmIsAttachedIsLeftOut() throws IOException {
        Files.createFile(from.resolve("part/.attach_pid17"));
        // As one that is listed and gone when it is copied: reading this one fails, too.
        Files.createSymbolicLink(from.resolve("part/.attach_pid18"), from.resolve("gone"));
        assertEquals("[part/source]", copied().toString());
    }

    @Test
    void onlySuchAFileMayVanish() throws IOException {
        var copy = new TreeCopy(from, to);
        assertEquals(FileVisitResult.CONTINUE, vanished(copy, ".attach_pid19"));
        assertThrows(NoSuchFileException.class, () -> vanished(copy, "source"));
    }

    private FileVisitResult vanished(TreeCopy copy, String name) throws IOException {
        return copy.visitFileFailed(from.resolve(name), new NoSuchFileException(name));
    }
}
