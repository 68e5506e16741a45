package io.socketreaper.cli;

import io.socketreaper.control.Request;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** At run time. */
@Command(name = "set", description = "Changes settings of the agent in a JVM, all of those named or none.")
final class SetSettings extends AgentCommand {
    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings that can change at run time, see" + " docs/configuration.md.")
    private List<String> settings;

    @Override
    ExitCode run() {
        try (var target = open()) {
            done(
                    "changed",
                    "changed; "
                            + target.ask(new Request.Change(joined(settings)))
                                    .replaceFirst("; defaults:.*", "; the rest by default"));
        }
        return ExitCode.DONE;
    }
}
