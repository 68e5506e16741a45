package io.socketreaper.testapp.build;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Copies this tree without what builds have put into it and without its history. Other tests run meanwhile and attach to JVMs; for that the
 * JDK puts a file into the JVM's working directory for a moment. Such files are left out, whether they are still there or not.
 */
final class TreeCopy extends SimpleFileVisitor<Path> {
    private static final String OF_ATTACHING = ".attach_pid";

    private final Path from;
    private final Path to;

    /** @param to exists */
    TreeCopy(Path from, Path to) {
        this.from = from;
        this.to = to;
    }

    void copy() throws IOException {
        Files.walkFileTree(from, this);
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
        var name = folder.getFileName().toString();
        if (name.equals("target") || name.equals(".git")) {
            return FileVisitResult.SKIP_SUBTREE;
        }
        Files.createDirectories(copyOf(folder));
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        if (!file.getFileName().toString().equals(".git") && !isOfAttaching(file)) {
            Files.copy(file, copyOf(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        return FileVisitResult.CONTINUE;
    }

    /** Gone between the listing of its directory and the look at it. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException && isOfAttaching(file)) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    private static boolean isOfAttaching(Path file) {
        return file.getFileName().toString().startsWith(OF_ATTACHING);
    }

    private Path copyOf(Path path) {
        return to.resolve(from.relativize(path));
    }
}
