package io.socketreaper.cli;

import io.socketreaper.control.Request;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Changes settings at run time. */
@Command(
        name = "set",
        description = "Changes settings of the agent in a JVM: all given settings, or none if one is wrong.")
final class SetSettings extends AgentCommand {
    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings that can be changed at run time, see docs/configuration.md.")
    private List<String> settings;

    @Override
    ExitCode run() {
        return tell(new Request.Change(joined(settings)), "changed", inForce -> "changed; " + inForce);
    }
}
