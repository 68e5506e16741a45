package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Pauses detection and release. */
@Command(
        name = "pause",
        description = "Stops finding and releasing leaks; releases that have begun are completed. To undo it: resume")
final class Pause extends AgentCommand {
    @Override
    ExitCode run() {
        return tell(
                new Request.Pause(true),
                "paused",
                paused -> "paused: no leak is found or released until: resume " + pid());
    }
}
