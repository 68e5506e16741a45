package io.socketreaper.html;

import static j2html.TagCreator.code;
import static j2html.TagCreator.details;
import static j2html.TagCreator.each;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.summary;

import io.socketreaper.control.HoldersNote;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;

/** Which objects and fields hold the sockets, as the command {@code holders} has found it. */
final class HoldersSection {
    private HoldersSection() {}

    static DomContent of(ReportModel model) {
        HoldersNote note = model.holders();
        if (note == null) {
            return p(
                            span("Not looked up yet. "),
                            code("socket-reaper holders " + model.status().pid()),
                            span(" finds the objects and fields that hold the sockets, from a heap dump."))
                    .withClass("none");
        }
        return each(
                p("Made " + HtmlText.moment(note.madeMillis()) + " by the command holders"
                                + (note.pid() > 0 ? " of process " + note.pid() : "")
                                + ", from a heap dump. Sockets may have been closed and opened since.")
                        .withId("holders-made")
                        .withClass("quiet"),
                each(note.groups(), (rank, group) -> group(rank, group)),
                each(note.remarks(), remark -> p(PrintableText.line(remark))));
    }

    private static DomContent group(int rank, HoldersNote.Group group) {
        boolean ends = !group.local().isEmpty() || !group.peer().isEmpty();
        return details(
                        summary(
                                        strong(HtmlText.count(group.sockets(), "socket")),
                                        span(" held by "),
                                        code(PrintableText.line(group.holder())))
                                .withId("holders-" + rank + "-summary"),
                        p(
                                        span(PrintableText.line(group.what())),
                                        iff(ends, code(" " + PrintableText.line(group.local() + " → " + group.peer()))))
                                .withClass("quiet"),
                        pre(PrintableText.block(String.join("\n", group.path())))
                                .withId("holders-" + rank + "-path")
                                .attr("tabindex", "0")
                                .attr("role", "region")
                                .attr("aria-label", "Path from the GC root"))
                .withId("holders-" + rank)
                .condAttr(rank == 0, "open", "open");
    }
}
