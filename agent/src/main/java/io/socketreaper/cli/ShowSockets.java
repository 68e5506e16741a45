package io.socketreaper.cli;

import io.socketreaper.control.Request;
import io.socketreaper.control.SocketInfo;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the suspects. */
@Command(name = "sockets", description = "Lists the sockets that show a sign of a leak, the longest idle first.")
final class ShowSockets extends AgentCommand {
    private static final int[] NUMBERS = {0, 6, 7, 8, 9};
    private static final int LOCAL = 4;
    private static final int PEER = 5;
    private static final int CODE = 11;

    @Option(
            names = "--site",
            paramLabel = "SITE",
            description = "Only the sockets of that leak site; the command sites lists the sites.")
    private String site;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            converter = WholeNumber.class,
            description = "The most sockets to list; ${DEFAULT-VALUE} by default.")
    private int limit;

    @Override
    ExitCode run() {
        return show(new Request.GetSockets(site, limit), this::print);
    }

    private void print(List<SocketInfo> sockets) {
        if (sockets.isEmpty()) {
            out().println(
                            site == null
                                    ? "No socket shows a sign of a leak."
                                    : "No socket of site " + site + " is held; the command sites lists the sites.");
            return;
        }
        print(table(sockets));
        if (sockets.size() == limit) {
            out().println("Only the first " + limit + " are listed; --limit lists more.");
        }
    }

    private Table table(List<SocketInfo> sockets) {
        var table = table(
                        "ID", "PHASE", "KIND", "STATE", "LOCAL", "PEER", "FD", "UNREAD", "AGE", "IDLE", "SITE", "CODE")
                .right(NUMBERS)
                .cut(LOCAL, PEER)
                .code(CODE);
        for (SocketInfo socket : sockets) {
            table.row(
                    socket.id(),
                    socket.phase(),
                    socket.kind(),
                    socket.tcpState(),
                    socket.local(),
                    socket.peer(),
                    socket.descriptor() < 0 ? null : socket.descriptor(),
                    socket.unreadBytes(),
                    time(socket.ageMillis()),
                    time(socket.idleMillis()),
                    socket.site(),
                    socket.location());
        }
        return table;
    }
}
