package io.socketreaper.cli;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.DrainAdvice;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.Request;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;

/** Shows the state and the counts of an agent. */
@Command(
        name = "status",
        description = "Shows the state of the agent in a JVM: watched sockets, leaks found and released, and settings.")
final class ShowStatus extends AgentCommand {
    @Override
    ExitCode run() {
        try (var client = open()) {
            Status status = client.ask(new Request.GetStatus());
            DryRunInfo dryRun = client.ask(new Request.GetDryRun());
            var advice = new DrainAdvice(dryRun);
            String verdict = advice.headline();
            if (json()) {
                printJson(status, "dryRunVerdict", verdict);
            } else {
                print(
                        status,
                        advice.isOfTheRest() ? "reported" : "dry run",
                        dryRun.rows().isEmpty() ? "" : verdict);
            }
        }
        return ExitCode.DONE;
    }

    /**
     * @param label   of the next
     * @param verdict on the leaks that were only reported; empty if there are none
     */
    private void print(Status status, String label, String verdict) {
        String state = status.paused() ? "PAUSED" : "watching";
        out().println("Socket Reaper " + status.version() + " in process " + status.pid() + ", "
                + (status.attached() ? "attached " : "there from the start, ")
                + time(status.nowMillis() - status.startedMillis())
                + " ago: " + styled(state, Style.bold)
                + (status.observesOnly() ? ", only observes because of bad settings" : ""));
        line(
                "descriptors",
                used(status.open(), status.limit()) + (status.underPressure() ? ", few are left" : "") + ": "
                        + census(status));
        printUnwatched(status);
        line("suspects", suspects(status));
        printStacks(status);
        if (!verdict.isEmpty()) {
            line(label, verdict + "; see: advise " + pid());
        }
        line("settings", settings(status));
        for (String problem : status.problems()) {
            line("problem", problem);
        }
        if (status.internalErrors() > 0) {
            line("errors", status.internalErrors() + " inside the agent; the first is in the agent's log");
        }
        out().println();
        var table = table("LEAKS", "FOUND", "HELD", "RELEASED", "AFTER ALL", "EXCLUDED", "GIVEN UP")
                .right(1, 2, 3, 4, 5, 6);
        status.byKind().forEach((kind, totals) -> {
            if (totals.found() > 0) {
                row(table, kind, totals);
            }
        });
        row(table, "total", status.total());
        print(table);
    }

    private String suspects(Status status) {
        if (status.suspects() > 0 && status.total().found() == 0) {
            return watched(status);
        }
        return status.suspects() + ", leaks included"
                + (status.releasing() == 0 ? "" : "; " + status.releasing() + " being released")
                + (status.suspects() == 0 ? "" : "; sockets " + pid() + " shows them");
    }

    private static void row(Table table, String name, Totals totals) {
        table.row(
                name,
                totals.found(),
                totals.held(),
                totals.released(),
                totals.releasedAfterAll(),
                totals.excluded(),
                totals.givenUp());
    }

    /** The settings that do not have their default, and the action. */
    static String settings(Status status) {
        var set = new StringJoiner(", ");
        for (SettingValue setting : status.settings()) {
            if (!setting.isDefault()
                    || setting.name().equals("action")
                    || setting.name().equals("timeout")) {
                set.add(setting.name() + "=" + setting.value() + " (" + setting.origin() + ")");
            }
        }
        return set + "; the rest by default";
    }
}
