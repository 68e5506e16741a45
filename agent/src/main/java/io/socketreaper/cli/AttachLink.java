package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Leads the JDK of this command to a JVM that shares its process namespace and not its {@code /tmp}, as the containers of one pod do. Before
 * Java 23 the JDK looks for the attach socket of such a JVM in its own {@code /tmp}
 * (<a href="https://bugs.openjdk.org/browse/JDK-8327114">JDK-8327114</a>): while an attach is under way a symbolic link stands there.
 */
final class AttachLink implements AutoCloseable {
    /** Where HotSpot makes its socket; {@code java.io.tmpdir} does not change that. */
    private static final Path TMP = Path.of("/tmp");
    /** The first Java that looks in the {@code /tmp} of the other JVM. */
    static final int MENDED_IN = 23;

    private static final AttachLink NOT_NEEDED = new AttachLink(null, null, null);

    /** The link; null if none was made. */
    private final @Nullable Path link;
    /** The file that asks the JVM to make its socket; null if it has one, or ours could not be made. */
    private final @Nullable Path request;
    /** Why there is no link although one is needed; null if there is one, or none is needed. */
    private final @Nullable String missing;
    /** Takes both files away also after Ctrl-C: a request that is left makes the JVM miss its next SIGQUIT. */
    private final @Nullable ExitCleanup atExit;

    private AttachLink(@Nullable Path link, @Nullable Path request, @Nullable String missing) {
        this.link = link;
        this.request = request;
        this.missing = missing;
        this.atExit = link == null ? null : new ExitCleanup(this::deleteBoth);
    }

    /** Makes the link if it is needed and can be made; where it cannot, the attach fails, and {@link #advice} says why. */
    static AttachLink to(ProcFs proc, long pid) {
        return Runtime.version().feature() >= MENDED_IN ? NOT_NEEDED : to(proc, pid, TMP);
    }

    /** @param ours the directory in which the JDK of this command looks */
    static AttachLink to(ProcFs proc, long pid, Path ours) {
        ProcProcess process = proc.process(pid);
        Path theirs = process.seenByIt(TMP);
        if (!process.sharesPidNamespace()
                || TargetFiles.isSame(theirs, ours)
                || !Files.isDirectory(theirs, LinkOption.NOFOLLOW_LINKS)) {
            return NOT_NEEDED;
        }
        Path socket = theirs.resolve(".java_pid" + pid);
        Path link = ours.resolve(socket.getFileName());
        try {
            Files.createSymbolicLink(link, socket);
        } catch (FileAlreadyExistsException e) {
            if (!leadsTo(link, socket)) {
                return new AttachLink(null, null, link + " is in the way of a link");
            }
        } catch (IOException | UnsupportedOperationException e) {
            return new AttachLink(null, null, link + " cannot be made a link to it: " + e);
        }
        return new AttachLink(link, Files.exists(socket) ? null : ask(theirs.resolve(".attach_pid" + pid)), null);
    }

    private static @Nullable Path ask(Path request) {
        try {
            return Files.createFile(request);
        } catch (IOException notAllowed) {
            // The JDK also tries the working directory of that JVM.
            return null;
        }
    }

    private static boolean leadsTo(Path link, Path socket) {
        try {
            return Files.readSymbolicLink(link).equals(socket);
        } catch (IOException | RuntimeException notALink) {
            return false;
        }
    }

    /** What may help if the attach has failed for want of the link; empty if that is not the reason. */
    Optional<String> advice(long pid) {
        return Optional.ofNullable(missing)
                .map(why -> "it has another /tmp than this command, and " + why + "; run this with Java " + MENDED_IN
                        + " or newer, or where /tmp is a link to /proc/" + pid + "/root/tmp");
    }

    /** Takes both files away. */
    @Override
    public void close() {
        deleteBoth();
        if (atExit != null) {
            atExit.close();
        }
    }

    private void deleteBoth() {
        delete(link);
        delete(request);
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            // It is in a temporary directory; the next command uses a link again.
        }
    }
}
