package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Takes the agent out of a JVM. */
@Command(
        name = "detach",
        description = "Lets releases under way come to their end, puts every class back as it was, and "
                + "ends the agent."
                + " It can be attached again.")
final class Detach extends AgentCommand {
    @Override
    ExitCode run() {
        try (var target = open()) {
            String said;
            try {
                said = target.ask(new Request.Detach());
            } catch (CliException e) {
                if (e.exit() != ExitCode.REFUSED) {
                    throw e;
                }
                // It is out, but has left something behind.
                target.files().removeCopy();
                throw new CliException(ExitCode.FAILED, e.getMessage(), e);
            }
            target.files().removeCopy();
            done("detached", said);
        }
        return ExitCode.DONE;
    }
}
