package io.socketreaper.cli;

import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.proc.Words;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** On demand. */
@Command(name = "release", description = {"Releases leaks that were found and only reported: one socket, or all of a leak site.",
    "What keeps a socket from being touched otherwise does so here, too."})
final class ReleaseLeaks extends AgentCommand {
    @ArgGroup(multiplicity = "1")
    private Chosen chosen;

    @Option(names = "--close", description = "Close without reading what is left first.")
    private boolean close;

    /** Either. */
    static final class Chosen {
        @Parameters(index = "1", paramLabel = "ID", description = "The socket; the command sockets lists them.")
        private Long id;

        @Option(names = "--site", paramLabel = "SITE", description = "All of that leak site; the command sites lists them.")
        private String site;
    }

    @Override
    Exit run() {
        String action = close ? "close" : "drain";
        try (var target = open()) {
            ReleaseAnswer answer = chosen.site == null ? target.releaseSocket(chosen.id, action)
                    : target.releaseSite(chosen.site, action);
            if (json()) {
                printJson(answer);
            } else {
                print(answer);
            }
        }
        return Exit.DONE;
    }

    private void print(ReleaseAnswer answer) {
        out().println(Words.count(answer.begun(), "release has", "releases have") + " begun; sites " + pid() + " says how they ended");
        if (answer.spared() > 0) {
            out().println(Words.count(answer.spared(), "socket is", "sockets are") + " spared: excluded, in use again, or not to be"
                    + " claimed just now");
        }
        if (answer.notYet() > 0) {
            out().println(Words.count(answer.notYet(), "socket is a suspect and no leak", "sockets are suspects and no leaks")
                    + " yet: not idle for long enough");
        }
    }
}
