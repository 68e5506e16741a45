package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import io.socketreaper.text.PrintableText;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the process that a user names: by its id, or by a part of the main class or jar name of a JVM, as {@code jcmd} does. */
final class NamedJvm {
    private static final String JAR = ".jar";

    private final ProcFs proc;

    NamedJvm(ProcFs proc) {
        this.proc = proc;
    }

    /** Whether a text is a process id, which may not be there. */
    static boolean isPid(String which) {
        return which.matches("\\d+");
    }

    /** The id of the one process that is meant. */
    long pid(String which) {
        if (isPid(which)) {
            return number(which);
        }
        Long found = find(which);
        if (found == null && isSetting(which)) {
            throw new CliException(ExitCode.USAGE, noProcess(which));
        }
        if (found == null) {
            throw new CliException(
                    ExitCode.NO_PROCESS,
                    "no main class or jar name of a JVM contains '" + which + "'; the command list names the JVMs");
        }
        return found;
    }

    /** Whether a text looks like a setting with its value. */
    static boolean isSetting(String which) {
        return which.matches("[a-z][a-z.-]*=.*");
    }

    /** What is said where a setting stands in place of the process. */
    static String noProcess(String setting) {
        return "the process is missing: '" + setting + "' is a setting, and the process comes before it, as in: PID "
                + setting;
    }

    private static long number(String which) {
        try {
            long pid = Long.parseLong(which);
            if (pid > 0) {
                return pid;
            }
        } catch (NumberFormatException tooLarge) {
            // said below
        }
        throw notAProcess(which);
    }

    private static CliException notAProcess(String which) {
        return new CliException(
                ExitCode.USAGE,
                "'" + which
                        + "' is not a process; write a process id above 0, or a part of a main class or jar name, such as"
                        + " the command list shows");
    }

    /**
     * The id of the one JVM whose main class or jar name contains a text; null if there is none.
     *
     * @throws CliException if there are several
     */
    @Nullable
    Long find(String name) {
        if (name.isBlank() || name.startsWith("-")) {
            throw notAProcess(name);
        }
        List<JvmInfo> matching =
                jvms().stream().filter(jvm -> matches(jvm.main(), name)).toList();
        if (matching.size() > 1) {
            throw new CliException(
                    ExitCode.USAGE,
                    "the main class or jar name of " + matching.size() + " JVMs contains '" + name
                            + "'; write the process id, or more of the name:\n"
                            + matching.stream()
                                    .map(jvm ->
                                            "  " + jvm.pid() + "  " + PrintableText.line(String.valueOf(jvm.main())))
                                    .collect(Collectors.joining("\n")));
        }
        return matching.isEmpty() ? null : matching.get(0).pid();
    }

    private List<JvmInfo> jvms() {
        try {
            return new Jvms(proc, false).all();
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "the JVMs of this machine cannot be listed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.FAILED, "interrupted", e);
        }
    }

    /** A jar counts without its directories, unless the user names some. */
    private static boolean matches(@Nullable String main, String name) {
        if (main == null) {
            return false;
        }
        boolean alone = main.endsWith(JAR) && name.indexOf('/') < 0;
        return (alone ? main.substring(main.lastIndexOf('/') + 1) : main).contains(name);
    }
}
