package io.socketreaper.cli;

import io.socketreaper.procfs.ProcProcess;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** A command about one process. */
abstract class PidCommand extends CliCommand {
    @Parameters(
            index = "0",
            paramLabel = "PID",
            converter = Pid.class,
            description = "The process; the command list names the JVMs.")
    private long pid;

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.add(ExitCode.NO_PROCESS);
        return exits;
    }

    final long pid() {
        return pid;
    }

    /** The process, which is there. */
    final ProcProcess process() {
        return Attachability.living(proc(), pid);
    }

    /** What a user may write for a process. */
    static final class Pid implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            try {
                long pid = Long.parseLong(value);
                if (pid > 0) {
                    return pid;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new TypeConversionException("'" + value + "' is not a process id; write a whole number above 0, "
                    + "such as the command list shows");
        }
    }
}
