package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a user names a file or a process. Digits are a process id, and what is there as a file is a file; anything else is a part of
 * the main class or jar name of a JVM.
 *
 * @param what   a word for the file, such as {@code a recording}
 * @param suffix how the names of such files end
 */
record FileOrJvm(ProcFs proc, String what, String suffix) {
    /** The process; null if a file is named, which is there. */
    @Nullable
    Long pid(String from) {
        var jvms = new NamedJvm(proc);
        if (NamedJvm.isPid(from)) {
            return jvms.pid(from);
        }
        if (isThere(from)) {
            return null;
        }
        Long found = from.endsWith(suffix) || from.isBlank() ? null : jvms.find(from);
        if (found == null) {
            throw new CliException(
                    ExitCode.FAILED,
                    "there is no file " + from + ", and no JVM whose main class or jar name contains that; write "
                            + what + " or a process");
        }
        return found;
    }

    private static boolean isThere(String name) {
        try {
            return !name.isEmpty() && Files.exists(Path.of(name));
        } catch (InvalidPathException noFile) {
            return false;
        }
    }
}
