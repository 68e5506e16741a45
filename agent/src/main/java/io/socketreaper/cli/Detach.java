package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Detaches the agent from a JVM. */
@Command(
        name = "detach",
        description = "Completes the releases that have begun, restores every class, and ends the agent."
                + " It can be attached again.")
final class Detach extends AgentCommand {
    @Override
    ExitCode run() {
        try (var client = open()) {
            String said;
            try {
                said = client.ask(new Request.Detach());
            } catch (CliException e) {
                if (e.exit() != ExitCode.REFUSED) {
                    throw e;
                }
                // The agent has ended, but has not restored everything.
                client.files().removeCopy();
                throw new CliException(ExitCode.FAILED, e.getMessage(), e);
            }
            client.files().removeCopy();
            done("detached", said);
        }
        return ExitCode.DONE;
    }
}
