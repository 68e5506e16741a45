package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;

/**
 * Checks whether a JVM can be attached to, before it is touched. An attach sends SIGQUIT, which ends many programs that are
 * not JVMs. {@link RaisedLimit} checks whether there are enough descriptors.
 */
final class Attachability {
    private static final String JVM = "libjvm.so";
    private static final String LAUNCHER = "java";

    private Attachability() {}

    /** The process, which is there. */
    static ProcProcess living(ProcFs proc, long pid) {
        var process = proc.process(pid);
        if (!process.alive()) {
            throw new CliException(
                    ExitCode.NO_PROCESS, "there is no process " + pid + "; the command list names the JVMs");
        }
        return process;
    }

    static void check(ProcFs proc, long pid) {
        var process = living(proc, pid);
        if (pid == ProcessHandle.current().pid()) {
            throw new CliException(
                    ExitCode.NO_PROCESS, "process " + pid + " is this command itself; the command list names the JVMs");
        }
        if (!AttachCheck.hasModule()) {
            throw new CliException(
                    ExitCode.FAILED,
                    "this Java (" + System.getProperty("java.home")
                            + ") has no module jdk.attach: run"
                            + " Socket Reaper with the java of a JDK. The command scan works without it");
        }
        if (!isJvm(proc, pid)) {
            throw new CliException(
                    ExitCode.NO_PROCESS,
                    "process " + pid + " (" + process.name()
                            + ") is not a JVM; the command list names"
                            + " the JVMs, and the command scan works for any process");
        }
        String refusal = AttachCheck.obstacle(proc, process);
        if (refusal != null) {
            throw new CliException(ExitCode.NO_PROCESS, "process " + pid + " cannot be attached to: " + refusal);
        }
    }

    private static boolean isJvm(ProcFs proc, long pid) {
        return hasJvm(proc, pid)
                .orElseGet(() -> proc.process(pid).name().equals(LAUNCHER)
                        || AttachApi.list().containsKey(pid));
    }

    /** Whether it has loaded one, by any launcher; empty if the kernel does not show that to this user. */
    static Optional<Boolean> hasJvm(ProcFs proc, long pid) {
        try (var lines =
                Files.lines(proc.root().resolve(Long.toString(pid)).resolve("maps"), StandardCharsets.ISO_8859_1)) {
            return Optional.of(lines.anyMatch(line -> line.contains(JVM)));
        } catch (IOException | UncheckedIOException notShown) {
            return Optional.empty();
        }
    }
}
