package io.socketreaper.cli;

import io.socketreaper.control.Request;
import picocli.CommandLine.Command;

/** Resumes detection after a pause. */
@Command(name = "resume", description = "Resumes detection after a pause; every socket's idle time counts from now on.")
final class Resume extends AgentCommand {
    @Override
    ExitCode run() {
        return tell(new Request.Pause(false), "resumed", resumed -> "resumed: idle time counts from now on");
    }
}
