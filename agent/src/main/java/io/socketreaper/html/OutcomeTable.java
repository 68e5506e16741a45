package io.socketreaper.html;

import static j2html.TagCreator.code;
import static j2html.TagCreator.details;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.td;

import io.socketreaper.control.History.Event;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was done: a row for each site and outcome, the latest first, and below it the single sockets. */
final class OutcomeTable {
    /** Sockets of one row. */
    private static final int MOST_SOCKETS = 50;

    private static final List<String> HEADS =
            List.of("What", "Line of code", "#Sockets", "First and last", "#Discarded", "#Longest", "Done, the last!");

    private OutcomeTable() {}

    /** @param name outcome of the leak, by its word */
    private record Key(String site, String name) {}

    static DomContent of(ReportModel model) {
        Map<Key, List<Event>> groups = new LinkedHashMap<>();
        List<Event> events = model.history().releases();
        for (int i = events.size() - 1; i >= 0; i--) {
            Event event = events.get(i);
            groups.computeIfAbsent(new Key(event.site(), event.what()), key -> new ArrayList<>())
                    .add(event);
        }
        var lines = new LinkedHashMap<String, String>();
        for (SiteInfo site : model.sites()) {
            lines.put(site.id(), site.location());
        }
        var rows = new ArrayList<RowTable.Row>();
        groups.forEach((key, group) -> rows.add(new RowTable.Row(
                null,
                cells(group, lines.getOrDefault(key.site(), "")),
                more(group, "outcome-" + key.site() + "-" + key.name()))));
        return RowTable.of("releases", HtmlText.count(events.size(), "outcome") + ", by site and outcome", HEADS, rows);
    }

    /** @param group the latest first */
    private static List<TdTag> cells(List<Event> group, String line) {
        Event last = group.get(0);
        long bytes = group.stream().mapToLong(Event::drainedBytes).sum();
        long longest = group.stream().mapToLong(Event::tookMillis).max().orElse(-1);
        return List.of(
                td(span(last.what()).withClass("badge " + tone(last))),
                td(
                                iff(!line.isEmpty(), CodeLine.of(line).html()),
                                span("site " + last.site()).withClass("quiet id"))
                        .withClass("code"),
                RowTable.number(group.size()),
                td(
                                iff(
                                        group.size() > 1,
                                        span(HtmlText.clock(group.get(group.size() - 1)
                                                                .atMillis())
                                                        .replace(" UTC", "") + " to ")),
                                span(HtmlText.clock(last.atMillis())))
                        .attr("data-sort", Long.toString(last.atMillis())),
                RowTable.number(HtmlText.number(bytes) + " B", bytes),
                took(longest),
                td(
                                span(PrintableText.line(last.done())),
                                iff(
                                        !last.peerOutcome().isEmpty(),
                                        span("The peer " + PrintableText.line(last.peerOutcome()))
                                                .withClass("quiet peer")))
                        .withClass("outcome"));
    }

    private static TdTag took(long millis) {
        return RowTable.number(millis < 0 ? "-" : HumanText.duration(millis), millis);
    }

    private static DomContent more(List<Event> group, String id) {
        var shown = group.subList(0, Math.min(MOST_SOCKETS, group.size()));
        var rows = shown.stream()
                .map(event -> RowTable.Row.of(
                        td(HtmlText.moment(event.atMillis())).withClass("when"),
                        td(code(PrintableText.line(event.local() + " → " + event.peer()))),
                        RowTable.number(HtmlText.number(event.drainedBytes()) + " B", event.drainedBytes()),
                        took(event.tookMillis()),
                        td(PrintableText.line(event.done())),
                        td(event.peerOutcome().isEmpty() ? "-" : PrintableText.line(event.peerOutcome()))))
                .toList();
        return details(
                        summary(HtmlText.count(group.size(), "socket")).withId(id + "-summary"),
                        RowTable.of(
                                id,
                                (shown.size() < group.size()
                                                ? "The last " + shown.size() + " of " + group.size()
                                                : HtmlText.count(group.size(), "outcome"))
                                        + ", "
                                        + group.get(0).what() + ", site "
                                        + group.get(0).site(),
                                List.of("When", "Socket", "#Discarded", "#Took", "Done!", "The peer!"),
                                rows))
                .withId(id);
    }

    private static String tone(Event event) {
        OutcomeName name = OutcomeName.named(event.what());
        return name == null
                ? "quiet"
                : switch (name) {
                    case DRAINED, CLOSED, CLOSED_BY_APPLICATION, RELEASED_AFTER_ALL -> "good";
                    case GIVEN_UP, STILL_HELD -> "bad";
                    case LOGGED, EXCLUDED, SPARED -> "quiet";
                };
    }
}
