package io.socketreaper.html;

import static j2html.TagCreator.code;
import static j2html.TagCreator.each;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.span;
import static j2html.TagCreator.td;
import static j2html.TagCreator.ul;

import io.socketreaper.control.DrainAdvice;
import io.socketreaper.control.DrainAdvice.CameBack;
import io.socketreaper.control.DrainAdvice.OfGrade;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.html.RowTable.Row;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import java.util.List;

/** What became of the leaks that were reported and not released, and what that says about a release. */
final class DryRunSection {
    private DryRunSection() {}

    /** Empty if the source does not tell. */
    static DomContent of(ReportModel model) {
        DryRunInfo run = model.dryRun();
        if (run == null) {
            return each();
        }
        var advice = new DrainAdvice(run);
        List<String> settings = advice.settings();
        return each(
                p(PrintableText.block(advice.headline()) + ".").withId("dry-run-verdict"),
                iff(!run.rows().isEmpty(), table(advice.grades())),
                iff(
                        !advice.cameBack().isEmpty(),
                        ul(each(advice.cameBack(), DryRunSection::cameBack)).withId("dry-run-back")),
                iff(
                        !settings.isEmpty(),
                        each(
                                p("These settings release what was never used again, and report the rest:"),
                                pre("socket-reaper set " + model.status().pid() + " " + String.join(" ", settings))
                                        .withId("dry-run-settings"))),
                each(advice.limits(), limit -> p(PrintableText.block(limit)).withClass("quiet")));
    }

    private static DomContent table(List<OfGrade> grades) {
        return RowTable.of(
                "dry-run",
                "What became of leaks that were reported and not released",
                List.of("Grade", "#Reported", "#Untouched", "#Used", "#Closed", "Verdict"),
                grades.stream()
                        .filter(grade -> grade.reported() > 0)
                        .map(DryRunSection::row)
                        .toList());
    }

    private static Row row(OfGrade grade) {
        return Row.of(
                td(grade.grade().toString()),
                RowTable.number(grade.reported()),
                RowTable.number(grade.reported() - grade.used() - grade.closed()),
                RowTable.number(grade.used()),
                RowTable.number(grade.closed()),
                td(grade.why()));
    }

    private static DomContent cameBack(CameBack back) {
        return li(
                span(PrintableText.block(DrainAdvice.sentence(back.row()))),
                iff(!back.timeout().isEmpty(), each(span(". Wait for them: "), code(back.timeout()))),
                iff(
                        !back.exclude().isEmpty(),
                        each(span("; or leave them: "), code(PrintableText.block(back.exclude())))));
    }
}
