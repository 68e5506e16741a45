package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Resumes detection after a pause. */
@Command(name = "resume", description = "Resumes detection after a pause; every socket's idle time counts from now on.")
final class Resume extends AgentCommand {
    @Override
    ExitCode run() {
        try (var client = open()) {
            client.ask(new Request.Pause(false));
            done("resumed", "resumed: idle time counts from now on");
        }
        return ExitCode.DONE;
    }
}
