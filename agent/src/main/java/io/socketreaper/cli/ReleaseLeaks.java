package io.socketreaper.cli;

import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.ReleaseRequest;
import io.socketreaper.control.Request;
import io.socketreaper.text.HumanText;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Releases leaks that were only reported, on demand. */
@Command(
        name = "release",
        description = {
            "Releases leaks that were found and only reported: one socket, or all sockets of a leak site.",
            "The same safety checks apply. A doubtful leak is left alone unless --doubtful is given."
        })
final class ReleaseLeaks extends AgentCommand {
    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ID",
            converter = SocketId.class,
            description = "The socket; the command sockets lists them.")
    private Long id;

    @Option(
            names = "--site",
            paramLabel = "SITE",
            description = "All sockets of that leak site; the command sites lists the sites.")
    private String site;

    @Option(names = "--close", description = "Close without reading what is left first.")
    private boolean close;

    @Option(
            names = "--doubtful",
            description = "Also release where data may be lost: input that the application has not read, or an "
                    + "answer that the peer waits for.")
    private boolean doubtful;

    @Override
    ExitCode run() {
        if ((id == null) == (site == null)) {
            throw wrongUsage("Name what to release: either the ID of a socket or --site SITE");
        }
        ReleaseRequest action = ReleaseRequest.of(close, doubtful);
        return show(
                site == null ? new Request.ReleaseSocket(id, action) : new Request.ReleaseSite(site, action),
                this::print);
    }

    static final class SocketId implements ITypeConverter<Long> {
        private static final String SITE_ID = "[0-9a-f]{8}";

        @Override
        public Long convert(String value) {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + value
                        + "' is not the id of a socket; write a number such as the command sockets shows"
                        + (value.matches(SITE_ID) ? ", or --site " + value + " if it is the id of a leak site" : ""));
            }
        }
    }

    private void print(ReleaseAnswer answer) {
        out().println(HumanText.count(answer.begun(), "release has", "releases have") + " begun; sites " + pid()
                + " says how they ended");
        if (answer.spared() > 0) {
            out().println(HumanText.count(answer.spared(), "socket is", "sockets are")
                    + " not touched: excluded, in use again, or busy at the"
                    + " moment");
        }
        if (answer.doubtful() > 0) {
            out().println(HumanText.count(answer.doubtful(), "socket is", "sockets are")
                    + " doubtful and not touched: unread input that the"
                    + " application may still want, or an answer that the peer may wait for, would be lost. Add --doubtful to"
                    + " release such sockets, too");
        }
        if (answer.notYet() > 0) {
            out().println(HumanText.count(answer.notYet(), "socket is still a suspect", "sockets are still suspects")
                    + ": not idle for long enough to be a leak. Each read or write of the application restarts the idle"
                    + " time, and so does input from the peer; while that goes on the socket stays a suspect. sockets "
                    + pid() + " shows the idle time");
        }
    }
}
