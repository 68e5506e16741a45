package io.socketreaper.cli;

import io.socketreaper.procfs.ProcProcess;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** A command about one process. */
abstract class PidCommand extends CliCommand {
    static final String WHICH =
            "The process: its id, or a part of the main class or jar name of one JVM. The command list shows both.";

    @Parameters(index = "0", paramLabel = "PID", description = WHICH)
    private String which;

    private @Nullable Long pid;

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.add(ExitCode.NO_PROCESS);
        return exits;
    }

    /** The id of the process; a JVM that is named is looked for at the first call. */
    final long pid() {
        Long known = pid;
        if (known == null) {
            known = new NamedJvm(proc()).pid(which);
            pid = known;
        }
        return known;
    }

    /** The process, which is there. */
    final ProcProcess process() {
        return Attachability.living(proc(), pid());
    }
}
