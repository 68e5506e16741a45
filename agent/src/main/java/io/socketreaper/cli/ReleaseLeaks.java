package io.socketreaper.cli;

import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.proc.Words;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** On demand. */
@Command(name = "release", description = {"Releases leaks that were found and only reported: one socket, or all of a leak "
        + "site.",
    "What keeps a socket from being touched otherwise does so here, too."})
final class ReleaseLeaks extends AgentCommand {
    @Parameters(index = "1", arity = "0..1", paramLabel = "ID", converter = SocketId.class,
            description = "The socket; the command sockets lists them.")
    private Long id;

    @Option(names = "--site", paramLabel = "SITE", description = "All of that leak site instead; the command sites lists "
            + "them.")
    private String site;

    @Option(names = "--close", description = "Close without reading what is left first.")
    private boolean close;

    @Override
    Exit run() {
        if ((id == null) == (site == null)) {
            throw wrongUsage("Name what to release: either the ID of a socket or --site SITE");
        }
        String action = close ? "close" : "drain";
        try (var target = open()) {
            ReleaseAnswer answer = site == null ? target.releaseSocket(id, action)
                    : target.releaseSite(site, action);
            if (json()) {
                printJson(answer);
            } else {
                print(answer);
            }
        }
        return Exit.DONE;
    }

    static final class SocketId implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + value + "' is not the id of a socket; write a number such as the command sockets"
                        + " shows");
            }
        }
    }

    private void print(ReleaseAnswer answer) {
        out().println(Words.count(answer.begun(), "release has", "releases have") + " begun; sites " + pid()
                + " says how they ended");
        if (answer.spared() > 0) {
            out().println(Words.count(answer.spared(), "socket is", "sockets are")
                    + " spared: excluded, in use again, or not to be"
                    + " claimed just now");
        }
        if (answer.notYet() > 0) {
            out().println(Words.count(answer.notYet(), "socket is a suspect and no leak",
                    "sockets are suspects and no leaks")
                    + " yet: not idle for long enough");
        }
    }
}
