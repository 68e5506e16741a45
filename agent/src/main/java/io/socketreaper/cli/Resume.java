package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Goes on. */
@Command(name = "resume", description = "Ends a pause; every socket's idle time counts anew.")
final class Resume extends AgentCommand {
    @Override
    ExitCode run() {
        try (var target = open()) {
            target.ask(new Request.Pause(false));
            done("resumed", "resumed: idle time counts from now on");
        }
        return ExitCode.DONE;
    }
}
