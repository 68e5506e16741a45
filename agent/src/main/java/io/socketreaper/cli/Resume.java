package io.socketreaper.cli;

import picocli.CommandLine.Command;

/** Goes on. */
@Command(name = "resume", description = "Ends a pause; every socket's idle time counts anew.")
final class Resume extends AgentCommand {
    @Override
    ExitCode run() {
        try (var target = open()) {
            target.resume();
            done("resumed", "resumed: idle time counts from now on");
        }
        return ExitCode.DONE;
    }
}
