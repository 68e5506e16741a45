package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/** Translates paths between this process and the target, which may be in a container or have a /tmp of its own. */
final class TargetFiles {
    private static final Path COMMON = Path.of("/tmp");

    private final long pid;
    private final Path root;
    private final boolean foreignRoot;
    private final boolean sameMounts;
    private final Path temporary;
    /** Effective user and group. */
    private final int[] owner;

    private final int[] ours;
    /** Of the jar; null before it is needed. */
    private @Nullable Place place;

    record Place(Path here, String there) {}

    TargetFiles(ProcFs proc, long pid, Properties properties) {
        this.pid = pid;
        this.root = proc.root().resolve(Long.toString(pid)).resolve("root");
        this.foreignRoot = !isSame(root, Path.of("/"));
        this.sameMounts = !foreignRoot
                && isSame(root.resolveSibling("ns/mnt"), proc.root().resolve("self/ns/mnt"));
        this.temporary = temporaryOf(Path.of(properties.getProperty("java.io.tmpdir", COMMON.toString())));
        this.owner = ids(proc.process(pid).effectiveIds());
        this.ours = ids(proc.self().effectiveIds());
    }

    long pid() {
        return pid;
    }

    private Path temporaryOf(Path wanted) {
        return wanted.isAbsolute() && Files.isDirectory(here(wanted)) ? wanted : COMMON;
    }

    /** A file to be made in the target's temporary directory. */
    Place temporary(String name) {
        var there = temporary.resolve(name);
        return new Place(here(there), there.toString());
    }

    /** A file to be made in a directory that the target names, or in its temporary directory if that is null. */
    Place in(@Nullable Path directory, String name) {
        if (directory == null) {
            return temporary(name);
        }
        if (!directory.isAbsolute() || !Files.isDirectory(here(directory))) {
            throw new CliException(
                    ExitCode.USAGE,
                    directory + " is no directory of process " + pid
                            + "; write its absolute path as that process sees it");
        }
        var there = directory.resolve(name);
        return new Place(here(there), there.toString());
    }

    /** A file that the target names; null if a symbolic link could lead to another place here than there. */
    @Nullable
    File seenByIt(File named) {
        var path = Path.of(named.getPath());
        for (var part = path; !sameMounts && part != null && part.getNameCount() > 0; part = part.getParent()) {
            if (Files.isSymbolicLink(seenByIt(part))) {
                return null;
            }
        }
        return seenByIt(path).toFile();
    }

    private Path seenByIt(Path named) {
        return named.isAbsolute() ? below(named) : root.resolveSibling("cwd").resolve(named);
    }

    /** Makes a file that we have created the target's own. Never follows a link that was put in its place. */
    void giveAway(Path file) throws IOException {
        if (owner[0] != ours[0] || owner[1] != ours[1]) {
            Files.setAttribute(file, "unix:gid", owner[1], LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:uid", owner[0], LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** The jar of this command. */
    Path ownJar() {
        Path jar;
        try {
            jar = Path.of(TargetFiles.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toRealPath();
        } catch (URISyntaxException | IOException | RuntimeException e) {
            throw new CliException(ExitCode.FAILED, "the jar of this command cannot be read: " + e, e);
        }
        if (!Files.isRegularFile(jar)) {
            throw new CliException(
                    ExitCode.FAILED, "this command does not run from its jar, and only a jar can be loaded into a JVM");
        }
        return jar;
    }

    /** Deletes the copy, if one was made. */
    void removeCopy() {
        var place = jar();
        if (!place.here().equals(ownJar())) {
            try {
                Files.deleteIfExists(place.here());
            } catch (IOException left) {
                // it is in a temporary directory
            }
        }
    }

    /** The jar of this command at a path that the target can read: the jar itself or, if needed, a copy. */
    Place jar() {
        if (place == null) {
            place = findJar();
        }
        return place;
    }

    private Place findJar() {
        Path jar = ownJar();
        if (isSame(below(jar), jar)
                && (owner[0] == ours[0] || isReadableByAll(jar))
                && !jar.toString().contains("=")) {
            return new Place(jar, jar.toString());
        }
        try {
            return copy(jar);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    jar + " is not visible to process " + pid + " and cannot be copied to its " + temporary + ": " + e,
                    e);
        }
    }

    /** Under a name that the next command finds again. */
    private Place copy(Path jar) throws IOException {
        long sum = sum(jar);
        var place = temporary("socket-reaper-" + pid + '-' + Long.toHexString(sum) + ".jar");
        try {
            write(jar, place.here());
        } catch (FileAlreadyExistsException thereAlready) {
            boolean ours = Files.isRegularFile(place.here(), LinkOption.NOFOLLOW_LINKS)
                    && sum(place.here()) == sum
                    && Files.mismatch(jar, place.here()) < 0
                    && isOurs(place.here());
            if (!ours) {
                place = temporary("socket-reaper-" + UUID.randomUUID() + ".jar");
                write(jar, place.here());
            }
        }
        return place;
    }

    /** Whether it was created by this user or by the target's user, who has full control of that JVM anyway. */
    private boolean isOurs(Path file) throws IOException {
        int uid = (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return uid == owner[0] || uid == ours[0];
    }

    private void write(Path jar, Path to) throws IOException {
        try (var out = Channels.newOutputStream(Files.newByteChannel(
                to,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"))))) {
            Files.copy(jar, out);
        }
        // Our umask may have made it unreadable for others.
        giveAway(to);
    }

    private static long sum(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            var sum = new CRC32();
            new CheckedInputStream(in, sum).transferTo(OutputStream.nullOutputStream());
            return sum.getValue();
        }
    }

    /** Our own path if it is the same directory: it stays when the target ends, {@code /proc/PID/root} does not. */
    private Path here(Path there) {
        var directory = Files.isDirectory(there) ? there : Objects.requireNonNull(there.getParent());
        if (isSame(below(directory), directory)) {
            return there;
        }
        if (foreignRoot) {
            // An absolute link would lead us out of the container.
            for (var part = directory; part != null && part.getNameCount() > 0; part = part.getParent()) {
                if (Files.isSymbolicLink(below(part))) {
                    throw new CliException(
                            ExitCode.FAILED,
                            "in the container of process " + pid + ", " + part
                                    + " is a symbolic link, which is not followed; run this inside the container");
                }
            }
        }
        return Files.exists(root) ? below(there) : there;
    }

    private Path below(Path absolute) {
        return root.resolve(Objects.requireNonNull(absolute.getRoot()).relativize(absolute));
    }

    /** Whether both are there and are one file or directory. */
    static boolean isSame(Path one, @Nullable Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException notThere) {
            return false;
        }
    }

    /** For a target that runs as another user. */
    private static boolean isReadableByAll(Path file) {
        try {
            boolean readable = Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
            for (var directory = file.getParent(); readable && directory != null; directory = directory.getParent()) {
                readable = Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_EXECUTE);
            }
            return readable;
        } catch (IOException | UnsupportedOperationException notTold) {
            return true;
        }
    }

    private static int[] ids(@Nullable String text) {
        var parts = text == null ? new String[] {"-1", "-1"} : text.split(":");
        return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
    }
}
