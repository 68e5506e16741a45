package io.socketreaper.html;

import static j2html.TagCreator.button;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.label;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.td;
import static j2html.TagCreator.textarea;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The leak sites: a row each, and below it what folds out: stacks, the last report, the text of an issue. */
final class SiteTable {
    /** More sites than anybody reads; the rest is counted. */
    private static final int MOST_SITES = 50;

    private static final List<String> HEADS =
            List.of("Line of code", "Kind and grade", "#Held-", "#Found", "#Released", "#Rate", "Last outcome!");

    private SiteTable() {}

    static DomContent of(ReportModel model, boolean live) {
        List<SiteInfo> sites = model.sites();
        if (sites.isEmpty()) {
            return p("No leak site so far.").withClass("none");
        }
        var rows = new ArrayList<RowTable.Row>();
        for (SiteInfo site : sites.subList(0, Math.min(MOST_SITES, sites.size()))) {
            rows.add(new RowTable.Row(
                    "site-" + site.id(), cells(site), more(site, model.status(), sites.size() == 1, live)));
        }
        return each(
                RowTable.of("sites", HtmlText.count(sites.size(), "leak site"), HEADS, rows),
                iff(
                        sites.size() > MOST_SITES,
                        p("And " + HtmlText.count(sites.size() - MOST_SITES, "other site") + " with fewer sockets.")
                                .withClass("none")));
    }

    private static List<TdTag> cells(SiteInfo site) {
        Totals totals = site.totals();
        var line = SiteCode.of(site);
        double rate = Headline.perMinute(site);
        return List.of(
                td(
                                CodeLine.of(site.location()).html(),
                                iff(!line.deed().isEmpty(), span(line.deed()).withClass("deed")),
                                iff(
                                        line.tellsOpening(),
                                        div(
                                                        span("opened at ").withClass("deed"),
                                                        CodeLine.of(site.openedAt())
                                                                .html())
                                                .withClass("opened")))
                        .withClass("code"),
                td(
                        span(site.kind()).withClass("badge"),
                        iff(!site.grade().isEmpty(), span(site.grades()).withClass("badge quiet")),
                        span("site " + site.id()).withClass("quiet id")),
                count(totals.held(), "held"),
                count(totals.found(), "found"),
                released(totals),
                RowTable.number(rate < 0 ? "-" : String.format(Locale.ROOT, "%.1f/min", rate), rate),
                td(span(site.lastOutcome().isEmpty() ? "-" : PrintableText.line(site.lastOutcome()))
                                .withClass("clamp"))
                        .withClass("outcome"));
    }

    private static TdTag count(long value, String name) {
        return RowTable.number("", value)
                .withClass("number " + (value > 0 ? name : "nil"))
                .with(strong(HtmlText.number(value)).attr("data-count", name));
    }

    /** By the agent, and below that what else became of the sockets. */
    private static TdTag released(Totals totals) {
        return count(totals.released(), "released")
                .with(
                        other(totals.releasedAfterAll(), "late", " after all by the application"),
                        other(totals.excluded(), "excluded", " excluded"),
                        other(totals.givenUp(), "given-up", " given up"));
    }

    private static DomContent other(long value, String name, String what) {
        return iff(
                value > 0,
                span(strong(HtmlText.number(value)).attr("data-count", name), span(what))
                        .withClass("part " + name));
    }

    private static DomContent more(SiteInfo site, Status status, boolean only, boolean live) {
        String id = "site-" + site.id();
        var line = SiteCode.of(site);
        long held = site.totals().held();
        return div(
                        details(
                                        summary("Stacks, last report, issue text")
                                                .withId(id + "-more-summary"),
                                        iff(
                                                site.firstMillis() > 0,
                                                p("First " + HtmlText.moment(site.firstMillis()) + ", last "
                                                                + HtmlText.moment(site.lastMillis()))
                                                        .withClass("quiet")),
                                        div(
                                                        stack(line.title(), line.deed(), frames(site), id + "-frames"),
                                                        iff(
                                                                line.tellsOpening(),
                                                                stack(
                                                                        "Opening",
                                                                        "it opened the socket",
                                                                        frames(site.opening()),
                                                                        id + "-opening-frames")))
                                                .withClass("stacks"),
                                        iff(
                                                !site.report().isEmpty(),
                                                details(
                                                                summary("Last report")
                                                                        .withId(id + "-report-summary"),
                                                                block(
                                                                        PrintableText.block(site.report()),
                                                                        id + "-last",
                                                                        "Last report"))
                                                        .withId(id + "-report")),
                                        issue(site, status, id))
                                .withId(id + "-more")
                                .condAttr(only, "open", "open"),
                        iff(
                                live && held > 0,
                                button("Release all " + HtmlText.number(held) + " held here")
                                        .withType("submit")
                                        .attr("form", "act")
                                        .attr("formaction", "release")
                                        .withName("site")
                                        .withValue(site.id())
                                        .withId(id + "-release")))
                .withClass("fold");
    }

    private static DomContent stack(String title, String deed, String frames, String id) {
        return div(h3(title + (deed.isEmpty() ? "" : ": " + deed)), block(frames, id, title));
    }

    private static String frames(SiteInfo site) {
        return site.stack().isEmpty() ? SiteCode.withoutStack(site) : frames(site.stack());
    }

    private static String frames(List<String> stack) {
        return PrintableText.block("at " + String.join("\nat ", stack));
    }

    /** It can be scrolled, so a keyboard must reach it. */
    private static DomContent block(String text, String id, String label) {
        return pre(text).withId(id).attr("tabindex", "0").attr("role", "region").attr("aria-label", label + ", " + id);
    }

    private static DomContent issue(SiteInfo site, Status status, String id) {
        return details(
                        summary("Issue text").withId(id + "-issue-summary"),
                        div(
                                        label("To be copied into an issue tracker")
                                                .attr("for", id + "-text"),
                                        button("Copy")
                                                .withType("button")
                                                .withClass("copy")
                                                .attr("data-copy", id + "-text")
                                                .withId(id + "-copy")
                                                .isHidden())
                                .withClass("row"),
                        textarea(IssueText.of(site, status))
                                .withId(id + "-text")
                                .attr("readonly")
                                .attr("rows", "14")
                                .attr("spellcheck", "false"))
                .withId(id + "-issue");
    }
}
