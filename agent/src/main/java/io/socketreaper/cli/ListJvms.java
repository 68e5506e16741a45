package io.socketreaper.cli;

import io.socketreaper.cli.Table.Cell;
import io.socketreaper.text.PrintableText;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Option;

/** The JVMs one could scan or attach to. */
@Command(
        name = "list",
        description = {
            "Lists the JVMs of this machine, their descriptors, and the agent's state in each.",
            "JVMs of this user (for root: of all users) are asked for the agent's state over the JDK's attach mechanism; "
                    + "no agent is loaded."
        })
final class ListJvms extends CliCommand {
    private static final int ALARMING = 95;
    private static final int WORRYING = 80;
    private static final int MAIN = 1;
    private static final int DESCRIPTORS = 3;
    private static final int AGENT = 5;

    @Option(
            names = "--no-attach",
            description = "Read only /proc and do not ask the JVMs; the agent's state is then unknown.")
    private boolean noAttach;

    @Override
    ExitCode run() throws IOException, InterruptedException {
        var jvms = new Jvms(proc(), !noAttach).all();
        if (json()) {
            printJson(jvms);
        } else if (jvms.isEmpty()) {
            out().println("This user can see no other JVM than this one.");
        } else {
            var table = table("PID", "MAIN", "JDK", "DESCRIPTORS", "USED", "AGENT")
                    .right(0, DESCRIPTORS, DESCRIPTORS + 1)
                    .cut(MAIN, AGENT);
            for (var jvm : jvms) {
                table.row(
                        jvm.pid(),
                        jvm.main(),
                        jvm.jdk(),
                        jvm.descriptors() == null
                                ? null
                                : jvm.descriptors() + (jvm.limit() == null ? "" : " of " + jvm.limit()),
                        used(jvm.percent()),
                        agent(jvm));
            }
            print(table);
        }
        return ExitCode.DONE;
    }

    private static Cell used(@Nullable Integer percent) {
        if (percent == null) {
            return new Cell("-");
        }
        return percent < WORRYING
                ? new Cell(percent + " %")
                : new Cell(percent + " %", Style.bold, percent < ALARMING ? Style.fg_yellow : Style.fg_red);
    }

    private static Cell agent(JvmInfo jvm) {
        if (jvm.agent() == null) {
            return new Cell("unknown: " + PrintableText.line(Objects.requireNonNull(jvm.whyUnknown())), Style.faint);
        }
        return jvm.agent().equals(JvmInfo.NO_AGENT)
                ? new Cell(jvm.agent())
                : new Cell(PrintableText.line(jvm.agent()), Style.fg_green);
    }
}
