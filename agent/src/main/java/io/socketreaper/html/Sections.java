package io.socketreaper.html;

import static j2html.TagCreator.article;
import static j2html.TagCreator.button;
import static j2html.TagCreator.code;
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
import static j2html.TagCreator.textarea;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import java.util.List;

/** What is not a table: verdict, figures, leak sites. Each is the inside of an element whose id is its name. */
final class Sections {
    /** More sites than anybody reads; the rest is counted. */
    private static final int MOST_SITES = 50;

    private static final int GAUGE = 1000;

    private Sections() {}

    static DomContent verdict(ReportModel model) {
        Headline verdict = Headline.of(model);
        String word =
                switch (verdict.tone()) {
                    case "bad" -> "Leaking";
                    case "warn" -> "Growing";
                    case "good" -> "Leaks released";
                    default -> "No leak";
                };
        return div(
                        strong(word),
                        p(verdict.sentence()),
                        each(
                                model.status().problems(),
                                problem -> p("Settings: " + PrintableText.line(problem))
                                        .withClass("problem")))
                .withClass("verdict " + verdict.tone());
    }

    // -- Figures

    static DomContent figures(Status status) {
        return each(
                descriptors(status),
                div(
                                figure("suspects", "Suspects", status.suspects(), "sockets that show a sign"),
                                figure("held", "Held", status.total().held(), "leaked and still there"),
                                figure("found", "Found", status.total().found(), "leaks since the agent was loaded"),
                                figure(
                                        "released",
                                        "Released",
                                        status.total().released(),
                                        "by the agent; "
                                                + HtmlText.number(status.total().releasedAfterAll())
                                                + " by the application"),
                                figure("discarded", "Discarded", status.total().drainedBytes(), "unread bytes"))
                        .withClass("figures"));
    }

    private static DomContent figure(String name, String title, long value, String what) {
        return div(
                        span(title).withClass("name"),
                        span(HtmlText.number(value))
                                .withClass("value")
                                .attr("data-figure", name)
                                .attr("data-value", Long.toString(value)),
                        span(what).withClass("what"))
                .withClass("figure " + name);
    }

    private static DomContent descriptors(Status status) {
        boolean known = status.open() >= 0 && status.limit() > 0;
        long used = known ? Math.min(GAUGE, Math.max(4, status.open() * (long) GAUGE / status.limit())) : 0;
        String tone = status.underPressure() || used >= 900 ? "bad" : used >= 700 ? "warn" : "good";
        var kinds = status.descriptors().entrySet().stream()
                .filter(kind -> kind.getValue() > 0)
                .toList();
        return div(
                        div(
                                span("Descriptors").withClass("name"),
                                span(status.open() < 0 ? "?" : HtmlText.number(status.open()))
                                        .withClass("value")
                                        .attr("data-figure", "open")
                                        .attr("data-value", Integer.toString(status.open())),
                                span(status.limit() > 0
                                                ? "of " + HtmlText.number(status.limit()) + " open, "
                                                        + HtmlText.percent(Math.max(0, status.open()), status.limit())
                                                : "open, no known limit")
                                        .withClass("what")),
                        iff(
                                known,
                                svg(
                                                "svg",
                                                "class",
                                                "gauge " + tone,
                                                "viewBox",
                                                "0 0 1000 12",
                                                "preserveAspectRatio",
                                                "none",
                                                "role",
                                                "meter",
                                                "aria-label",
                                                "Open descriptors",
                                                "aria-valuemin",
                                                "0",
                                                "aria-valuemax",
                                                Long.toString(status.limit()),
                                                "aria-valuenow",
                                                Integer.toString(status.open()))
                                        .with(
                                                svg("rect", "class", "all", "width", "1000", "height", "12", "rx", "3"),
                                                svg(
                                                        "rect",
                                                        "class",
                                                        "used",
                                                        "width",
                                                        Long.toString(used),
                                                        "height",
                                                        "12",
                                                        "rx",
                                                        "3"))),
                        div(each(
                                        kinds,
                                        kind -> span(
                                                        strong(HtmlText.number(kind.getValue())),
                                                        span(" " + kindLabel(kind.getKey())))
                                                .withClass("kind")))
                                .withClass("kinds"))
                .withClass("descriptors");
    }

    private static String kindLabel(String name) {
        DescriptorKind kind = DescriptorKind.named(name);
        return kind == null ? name : kind.label();
    }

    private static j2html.tags.ContainerTag<?> svg(String name, String... attributes) {
        var tag = j2html.TagCreator.tag(name);
        for (int i = 0; i < attributes.length; i += 2) {
            tag.attr(attributes[i], attributes[i + 1]);
        }
        return tag;
    }

    // -- Leak sites

    static DomContent sites(ReportModel model, boolean live) {
        List<SiteInfo> sites = model.sites();
        if (sites.isEmpty()) {
            return p("No leak site so far.").withClass("none");
        }
        return each(
                each(
                        sites.subList(0, Math.min(MOST_SITES, sites.size())),
                        (rank, site) -> site(site, model.status(), rank == 0, live)),
                iff(
                        sites.size() > MOST_SITES,
                        p("And " + HtmlText.count(sites.size() - MOST_SITES, "other site") + " with fewer sockets.")
                                .withClass("none")));
    }

    private static DomContent site(SiteInfo site, Status status, boolean worst, boolean live) {
        var totals = site.totals();
        String id = "site-" + site.id();
        return article(
                        h3(code(PrintableText.line(site.location()))),
                        p(
                                span(site.kind()).withClass("badge"),
                                iff(!site.grade().isEmpty(), span(site.grade()).withClass("badge quiet")),
                                span("site " + site.id()).withClass("quiet")),
                        p(
                                        part(totals.held(), " held", "held"),
                                        part(totals.found(), " found", "found"),
                                        part(totals.released(), " released", "released"),
                                        iff(
                                                totals.releasedAfterAll() > 0,
                                                part(
                                                        totals.releasedAfterAll(),
                                                        " after all by the application",
                                                        "late")),
                                        iff(totals.excluded() > 0, part(totals.excluded(), " excluded", "excluded")),
                                        iff(totals.givenUp() > 0, part(totals.givenUp(), " given up", "given-up")))
                                .withClass("counts"),
                        iff(
                                site.firstMillis() > 0,
                                p("First " + HtmlText.moment(site.firstMillis()) + ", last "
                                                + HtmlText.moment(site.lastMillis()))
                                        .withClass("quiet")),
                        iff(
                                !site.lastOutcome().isEmpty(),
                                p(strong("Last: "), span(PrintableText.line(site.lastOutcome())))),
                        details(
                                        summary("Stack").withId(id + "-stack-summary"),
                                        pre(stack(site)).withId(id + "-frames"))
                                .withId(id + "-stack")
                                .condAttr(worst, "open", "open"),
                        details(
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
                                .withId(id + "-issue"),
                        iff(
                                live && totals.held() > 0,
                                p(button("Release all " + HtmlText.number(totals.held()) + " held here")
                                                .withType("submit")
                                                .attr("form", "act")
                                                .attr("formaction", "release")
                                                .withName("site")
                                                .withValue(site.id())
                                                .withId(id + "-release"))
                                        .withClass("acts")))
                .withClass("site")
                .withId(id);
    }

    private static String stack(SiteInfo site) {
        return site.stack().isEmpty() ? "not known" : PrintableText.block("at " + String.join("\nat ", site.stack()));
    }

    private static DomContent part(long value, String what, String name) {
        return span(strong(HtmlText.number(value)).attr("data-count", name), span(what))
                .withClass(value > 0 ? name : "nil");
    }
}
