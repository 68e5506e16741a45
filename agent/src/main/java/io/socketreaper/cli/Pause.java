package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Stands by. */
@Command(
        name = "pause",
        description =
                "Stops finding and releasing leaks; what is being released comes to its end. Ended " + "by: resume")
final class Pause extends AgentCommand {
    @Override
    ExitCode run() {
        try (var target = open()) {
            target.ask(new Request.Pause(true));
            done("paused", "paused: nothing is found or released until: resume " + pid());
        }
        return ExitCode.DONE;
    }
}
