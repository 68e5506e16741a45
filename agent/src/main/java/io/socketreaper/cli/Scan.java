package io.socketreaper.cli;

import io.socketreaper.model.Clock;
import io.socketreaper.procfs.ProcessGoneException;
import io.socketreaper.procfs.ProcessHiddenException;
import io.socketreaper.procfs.RepeatedScan;
import io.socketreaper.procfs.ScanReport;
import io.socketreaper.procfs.ScanVerdict.State;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Option;

/** The descriptors of any process, from {@code /proc} alone. */
@Command(
        name = "scan",
        description = {
            "Counts the descriptors of any process by kind, and finds sockets whose connection is over but that are still held.",
            "Reads only /proc: the process may be Java, Node, Go or any other, and is not disturbed."
        })
final class Scan extends PidCommand {
    private static final int NAME_LENGTH = 100;
    private static final String ROW = "  %-24s%6d%s%n";

    @Option(
            names = "--watch",
            paramLabel = "DURATION",
            converter = WatchDuration.class,
            description =
                    "Repeat the scan for that long, 1s to 24h, such as 10s: shows which kind grows, when the limit is"
                            + " reached, and the port or peer of the sockets that end meanwhile.")
    private Duration watch;

    @Option(names = "--fail-on-leak", description = "End with exit code 10 if the verdict is \"leaking\".")
    private boolean failOnLeak;

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.add(ExitCode.LEAKING);
        return exits;
    }

    @Override
    ExitCode run() {
        // Ctrl-C ends a watch, and its result is still printed.
        try (var hurry = Hurry.atExit()) {
            return watch(hurry);
        }
    }

    private ExitCode watch(Hurry hurry) {
        var watching = watching(hurry);
        var report = ScanReport.of(watching);
        if (json()) {
            printJson(report);
        } else {
            print(report);
        }
        checkOut();
        if (watching.ended()) {
            throw new CliException(
                    ExitCode.NO_PROCESS,
                    "process " + pid() + " ended during the scan; the output shows what was seen before");
        }
        return failOnLeak && report.verdict().is(State.LEAKING) ? ExitCode.LEAKING : ExitCode.DONE;
    }

    private RepeatedScan watching(Hurry hurry) {
        try {
            var process = process();
            if (watch != null && Terminal.isThere()) {
                err().println("watching for " + HumanText.longDuration(watch.toSeconds())
                        + "; Ctrl-C ends it earlier and shows the result so far");
            }
            return new RepeatedScan(process, Clock.SYSTEM, hurry::pause).run(watch == null ? Duration.ZERO : watch);
        } catch (ProcessGoneException | ProcessHiddenException e) {
            throw new CliException(ExitCode.NO_PROCESS, e.getMessage(), e);
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "process " + pid() + " cannot be scanned: " + e.getMessage(), e);
        }
    }

    static final class WatchDuration extends DurationConverter {
        WatchDuration() {
            super("1s", "24h");
        }
    }

    // -- For people

    private void print(ScanReport report) {
        var head = "process " + report.pid() + " (" + report.name() + ")"
                + (report.user() == null ? "" : " of " + report.user()) + ": " + String.join(" ", report.arguments());
        out().println(PrintableText.line(head, NAME_LENGTH));
        out().println();
        var descriptors = report.descriptors();
        out().printf(
                        "%-26s%6d%s%s%n",
                        "descriptors",
                        descriptors.open(),
                        descriptors.limit() == null
                                ? ""
                                : " of " + descriptors.limit() + " (" + descriptors.percent() + " %)",
                        descriptors.outlook());
        printSockets(report);
        report.others().forEach((kind, count) -> row(kind, count, ""));
        if (report.unread().connections() > 0) {
            out().printf(
                            "%nunread: %s in %s%n",
                            HumanText.bytes(report.unread().bytes()),
                            HumanText.count(report.unread().connections(), "connection", "connections"));
        }
        if (!report.peers().isEmpty()) {
            out().println();
            var table = table("PEER", "CONNECTIONS", "CLOSE_WAIT", "FINISHED BUT HELD")
                    .right(1, 2, 3);
            report.peers()
                    .forEach(peer -> table.row(peer.address(), peer.connections(), peer.closeWait(), peer.finished()));
            print(table);
        }
        out().println();
        var verdict = report.verdict();
        var colour =
                verdict.is(State.LEAKING) ? Style.fg_red : verdict.is(State.CLEAN) ? Style.fg_green : Style.fg_yellow;
        out().println(styled(verdict.state() + ":", Style.bold, colour) + " "
                + PrintableText.block(verdict.sentence()));
    }

    private void printSockets(ScanReport report) {
        for (Map.Entry<String, Integer> state : report.sockets().tcp().entrySet()) {
            row(
                    "TCP " + state.getKey(),
                    state.getValue(),
                    switch (state.getKey()) {
                        case "LISTEN" -> listening(report);
                        case "CLOSE_WAIT" -> report.closeWait().rate();
                        default -> "";
                    });
        }
        if (report.sockets().inNoTable() > 0) {
            var finished = report.finished();
            int passing = report.sockets().inNoTable() - finished.count();
            row(
                    "socket in no table",
                    report.sockets().inNoTable(),
                    finished.rate() + "  finished, or never connected or bound"
                            + (passing > 0 ? "; " + passing + " only just now" : ""));
        }
        report.sockets().others().forEach((family, count) -> row(family + " socket", count, ""));
    }

    private static String listening(ScanReport report) {
        var out = new StringBuilder(" ");
        for (var port : report.listening()) {
            out.append(' ').append(port.address());
            if (port.backlog() > 0) {
                out.append(" (").append(port.backlog()).append(" not accepted)");
            }
        }
        return out.toString();
    }

    private void row(String kind, int count, String more) {
        out().printf(ROW, PrintableText.block(kind), count, more);
    }
}
