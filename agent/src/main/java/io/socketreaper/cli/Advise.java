package io.socketreaper.cli;

import io.socketreaper.control.DrainAdvice;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.Request;
import io.socketreaper.text.PrintableText;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;

/** Says whether a release would have hurt anyone. */
@Command(
        name = "advise",
        description = {
            "Says whether the agent in a JVM may release what it reports: how many of the leaks that it reported and did not release"
                    + " the application came back for, and after how long.",
            "It ends with the settings that follow from that, ready for the command set."
        })
final class Advise extends AgentCommand {
    /** For programs. */
    private record Answer(
            long pid,
            String verdict,
            List<DrainAdvice.OfGrade> grades,
            List<DrainAdvice.CameBack> cameBack,
            List<String> settings,
            List<String> limits,
            DryRunInfo dryRun) {}

    @Override
    ExitCode run() {
        return show(new Request.GetDryRun(), this::print, dryRun -> {
            var advice = new DrainAdvice(dryRun);
            return new Answer(
                    pid(),
                    advice.headline(),
                    advice.grades(),
                    advice.cameBack(),
                    advice.settings(),
                    advice.limits(),
                    dryRun);
        });
    }

    private void print(DryRunInfo dryRun) {
        var advice = new DrainAdvice(dryRun);
        out().println(styled(PrintableText.block(advice.headline()), Style.bold));
        out().println();
        var table = table("GRADE", "REPORTED", "UNTOUCHED", "USED", "CLOSED", "VERDICT")
                .right(1, 2, 3, 4);
        for (DrainAdvice.OfGrade grade : advice.grades()) {
            table.row(
                    grade.grade(),
                    grade.reported(),
                    grade.reported() - grade.used() - grade.closed(),
                    grade.used(),
                    grade.closed(),
                    grade.why());
        }
        print(table);
        for (DrainAdvice.CameBack back : advice.cameBack()) {
            out().println();
            out().println(PrintableText.block(DrainAdvice.sentence(back.row())));
            if (!back.timeout().isEmpty()) {
                choice("wait for them", back.timeout());
            }
            if (!back.exclude().isEmpty()) {
                choice("or leave them", back.exclude());
            }
        }
        out().println();
        List<String> settings = advice.settings();
        if (settings.isEmpty()) {
            out().println(advice.untilSafe());
        } else {
            out().println("These settings release what was never used again, and report the rest:");
            out().println("    set " + pid() + " " + String.join(" ", settings));
        }
        advice.limits().forEach(limit -> out().println(PrintableText.block(limit)));
    }

    private void choice(String why, String setting) {
        out().println("    " + why + ": set " + pid() + " " + PrintableText.block(quoted(setting)));
    }

    /** For a shell, which would take {@code ;} and {@code $} as its own. */
    private static String quoted(String setting) {
        return setting.matches("[A-Za-z0-9._=:-]+") ? setting : "'" + setting.replace("'", "'\\''") + "'";
    }
}
