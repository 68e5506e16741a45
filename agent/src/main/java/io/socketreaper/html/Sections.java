package io.socketreaper.html;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;

import io.socketreaper.control.Status;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;

/** Verdict and figures. Each is the inside of an element whose id is its name. */
final class Sections {
    private static final int GAUGE = 1000;
    /** If the limit is reached within that time, milliseconds, the gauge is as red as near the limit. */
    private static final long SOON = 3_600_000;

    private static final long DAY = 24 * SOON;

    private Sections() {}

    static DomContent verdict(ReportModel model) {
        Headline verdict = Headline.of(model);
        String word =
                switch (verdict.tone()) {
                    case "bad" -> "Leaking";
                    case "warn" -> "Growing";
                    case "watch" -> "Leaks released, suspects left";
                    case "good" -> "Leaks released";
                    default -> "No leak";
                };
        return div(
                        strong(word),
                        p(verdict.sentence()),
                        each(
                                model.status().problems(),
                                problem -> p(PrintableText.line(problem)).withClass("problem")))
                .withClass("verdict " + verdict.tone());
    }

    // -- Figures

    static DomContent figures(ReportModel model) {
        Status status = model.status();
        return each(
                descriptors(
                        status,
                        Headline.foretells(model) ? Forecast.of(model.history().samples()) : Forecast.NONE),
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

    private static DomContent descriptors(Status status, Forecast forecast) {
        boolean known = status.open() >= 0 && status.limit() > 0;
        long used = known ? Math.min(GAUGE, Math.max(4, status.open() * (long) GAUGE / status.limit())) : 0;
        String tone = status.underPressure() || used >= 900 || forecast.isWithin(SOON)
                ? "bad"
                : used >= 700 || forecast.isWithin(DAY) ? "warn" : "good";
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
                                span(use(status)).withClass("what")),
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
                                                        span(" " + kindLabel(kind.getKey(), kind.getValue())))
                                                .withClass("kind")))
                                .withClass("kinds"))
                .withClass("descriptors");
    }

    /** Follows the number of open descriptors. */
    private static String use(Status status) {
        String limit = status.limit() > 0 ? "of " + HtmlText.number(status.limit()) : "";
        if (status.open() < 0) {
            return (limit + " open: they could not be counted in /proc/self/fd").strip();
        }
        return limit.isEmpty()
                ? "open, no known limit"
                : limit + " open, " + HtmlText.percent(status.open(), status.limit());
    }

    private static String kindLabel(String name, long count) {
        DescriptorKind kind = DescriptorKind.named(name);
        return kind == null ? name : kind.label(count);
    }

    private static j2html.tags.ContainerTag<?> svg(String name, String... attributes) {
        var tag = j2html.TagCreator.tag(name);
        for (int i = 0; i < attributes.length; i += 2) {
            tag.attr(attributes[i], attributes[i + 1]);
        }
        return tag;
    }
}
