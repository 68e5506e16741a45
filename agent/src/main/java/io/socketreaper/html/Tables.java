package io.socketreaper.html;

import static j2html.TagCreator.button;
import static j2html.TagCreator.caption;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables: sockets, releases, samples, settings, environment. */
final class Tables {
    private static final int MOST_RELEASES = 200;
    private static final int MOST_SAMPLES = 40;
    private static final int MOST_OPEN_SITES = 50;
    private static final double SECONDS_PER_MINUTE = 60;

    private Tables() {}

    /** @param filter only rows that contain it somewhere; empty for all */
    static DomContent sockets(List<SocketInfo> sockets, String filter, boolean live) {
        var shown = sockets.stream().filter(socket -> matches(socket, filter)).toList();
        var heads = new ArrayList<>(
                List.of("Id", "Phase", "Kind", "Local", "Peer", "State", "#Unread", "#Idle", "#fd", "Line of code"));
        if (live) {
            heads.add(2, "Action");
        }
        String caption = filter.isEmpty()
                ? HtmlText.count(sockets.size(), "socket")
                : HtmlText.number(shown.size()) + " of " + HtmlText.count(sockets.size(), "socket");
        return of(
                "sockets",
                caption + (sockets.size() >= ReportModel.MOST_SOCKETS ? " (the longest idle ones)" : ""),
                heads,
                shown,
                socket -> row(socket, live));
    }

    private static DomContent row(SocketInfo socket, boolean live) {
        return tr(
                        td(Long.toString(socket.id())),
                        td(span(socket.phase()).withClass("badge " + socket.phase())),
                        live ? td(release(socket)) : text(""),
                        td(socket.kind() + (socket.grade().isEmpty() ? "" : ", " + socket.grade()))
                                .withClass("when"),
                        td(code(PrintableText.line(socket.local()))).withClass("when"),
                        td(code(PrintableText.line(socket.peer()))).withClass("when"),
                        td(socket.tcpState()),
                        right(HtmlText.number(socket.unreadBytes()) + " B"),
                        right(HumanText.duration(socket.idleMillis())
                                + (socket.timeoutMillis() > 0 && socket.phase().equals("suspect")
                                        ? " of " + HumanText.duration(socket.timeoutMillis())
                                        : "")),
                        right(socket.descriptor() < 0 ? "-" : Integer.toString(socket.descriptor())),
                        td(
                                code(PrintableText.line(socket.location())),
                                socket.site().isEmpty()
                                        ? text("")
                                        : span(" site " + socket.site()).withClass("quiet")))
                .withId("socket-" + socket.id());
    }

    private static DomContent release(SocketInfo socket) {
        return !socket.phase().equals("leak")
                ? text("")
                : button("Release")
                        .withType("submit")
                        .attr("form", "act")
                        .attr("formaction", "release")
                        .withName("socket")
                        .withValue(Long.toString(socket.id()))
                        .withId("release-" + socket.id())
                        .attr("aria-label", "Release socket " + socket.id());
    }

    private static boolean matches(SocketInfo socket, String filter) {
        String wanted = filter.toLowerCase(Locale.ROOT);
        return Stream.of(
                        Long.toString(socket.id()),
                        socket.phase(),
                        socket.kind(),
                        socket.grade(),
                        socket.local(),
                        socket.peer(),
                        socket.tcpState(),
                        socket.site(),
                        socket.location())
                .anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(wanted));
    }

    /** The growing ones first, then those with the most. */
    static DomContent open(List<OpenSiteInfo> open) {
        var shown = open.subList(0, Math.min(MOST_OPEN_SITES, open.size()));
        return of(
                "open",
                shown.size() < open.size()
                        ? "The first " + shown.size() + " of " + open.size() + " opening sites"
                        : HtmlText.count(shown.size(), "opening site"),
                List.of(
                        "Line of code",
                        "#Open",
                        "#1 min",
                        "#10 min",
                        "#60 min",
                        "#Half older than",
                        "#Oldest",
                        "States"),
                shown,
                site -> tr(
                        td(
                                code(PrintableText.line(site.location())),
                                span((site.port() < 0 ? "" : " port " + site.port()) + " site " + site.id())
                                        .withClass("quiet"),
                                site.growing() ? growing(site) : text("")),
                        right(HtmlText.number(site.open())),
                        right(growth(site.growth1())),
                        right(growth(site.growth10())),
                        right(growth(site.growth60())),
                        right(HumanText.duration(site.medianMillis())),
                        right(HumanText.duration(site.oldestMillis())),
                        td(counts(site.states()))));
    }

    private static DomContent growing(OpenSiteInfo site) {
        return span(" growing"
                        + (site.growingPerMinute() > 0
                                ? " " + HumanText.rate(site.growingPerMinute() / SECONDS_PER_MINUTE)
                                : ", not in the last minutes")
                        + (site.limitInMillis() < 0
                                ? ""
                                : ", limit reached in " + HumanText.duration(site.limitInMillis())))
                .withClass("badge bad");
    }

    private static String growth(@Nullable Integer growth) {
        return growth == null ? "-" : String.format(Locale.ROOT, "%+d", growth);
    }

    private static String counts(Map<String, Integer> counts) {
        var text = new StringJoiner(", ");
        counts.forEach((name, count) -> text.add(PrintableText.line(name) + " " + HtmlText.number(count)));
        return text.toString();
    }

    /** The latest first. */
    static DomContent releases(History history) {
        var latest = new ArrayList<>(history.releases());
        Collections.reverse(latest);
        var shown = latest.subList(0, Math.min(MOST_RELEASES, latest.size()));
        return of(
                "releases",
                shown.size() < latest.size()
                        ? "The last " + shown.size() + " of " + latest.size()
                        : HtmlText.count(shown.size(), "outcome"),
                List.of("When", "What", "Done", "The peer", "Socket", "Site", "#Discarded", "#Took"),
                shown,
                event -> tr(
                        td(HtmlText.moment(event.atMillis())).withClass("when"),
                        td(span(event.what()).withClass("badge " + tone(event))),
                        td(PrintableText.line(event.done())),
                        td(event.peerOutcome().isEmpty() ? "-" : PrintableText.line(event.peerOutcome())),
                        td(code(PrintableText.line(event.local() + " → " + event.peer()))),
                        td(event.site()),
                        right(HtmlText.number(event.drainedBytes()) + " B"),
                        right(event.tookMillis() < 0 ? "-" : HumanText.duration(event.tookMillis()))));
    }

    private static String tone(History.Event event) {
        OutcomeName name = OutcomeName.named(event.what());
        return name == null
                ? "quiet"
                : switch (name) {
                    case DRAINED, CLOSED, CLOSED_BY_APPLICATION, RELEASED_AFTER_ALL -> "good";
                    case GIVEN_UP, STILL_HELD -> "bad";
                    case LOGGED, EXCLUDED, SPARED -> "quiet";
                };
    }

    /** The timeline in figures, for those who cannot see it; thinned. */
    static DomContent samples(History history) {
        List<History.Sample> all = history.samples();
        var shown = new ArrayList<History.Sample>();
        int step = Math.max(1, (all.size() + MOST_SAMPLES - 1) / MOST_SAMPLES);
        for (int i = all.size() - 1; i >= 0; i -= step) {
            shown.add(all.get(i));
        }
        return of(
                "samples",
                "The timeline in figures",
                List.of("When", "#Open", "#Limit", "#Suspects", "#Found", "#Released"),
                shown,
                sample -> tr(
                        td(HtmlText.moment(sample.atMillis())).withClass("when"),
                        right(known(sample.open())),
                        right(known(sample.limit())),
                        right(known(sample.suspects())),
                        right(known(sample.found())),
                        right(known(sample.released()))));
    }

    private static String known(long value) {
        return value < 0 ? "-" : HtmlText.number(value);
    }

    static DomContent settings(List<SettingValue> settings, boolean live) {
        return of(
                "settings",
                "What holds",
                live ? List.of("Setting", "Value", "Set by", "At run time") : List.of("Setting", "Value", "Set by"),
                settings,
                setting -> tr(
                        td(code(setting.name())),
                        td(code(PrintableText.line(setting.value()))),
                        td(PrintableText.line(setting.origin())),
                        live ? td(setting.changeable() ? "changeable" : "fixed") : text("")));
    }

    static DomContent environment(Map<String, String> environment) {
        return of(
                "environment",
                "The process",
                List.of("Name", "Value"),
                environment.entrySet(),
                entry -> tr(td(PrintableText.line(entry.getKey())), td(PrintableText.line(entry.getValue()))));
    }

    private interface Row<T> {
        DomContent of(T item);
    }

    /**
     * @param name  of the part it is in; an update finds by it what the reader has scrolled
     * @param heads those that begin with # head a column of numbers
     */
    private static <T> DomContent of(String name, String caption, List<String> heads, Collection<T> items, Row<T> row) {
        if (items.isEmpty()) {
            return p("None" + (caption.contains(" of ") ? " of them matches" : "") + ".")
                    .withClass("none");
        }
        return div(table(
                        caption(caption),
                        thead(tr(each(
                                heads,
                                head -> th(head.replace("#", ""))
                                        .attr("scope", "col")
                                        .withCondClass(head.startsWith("#"), "number")))),
                        tbody(each(items, row::of))))
                .withClass("wide")
                .withId(name + "-table")
                .attr("tabindex", "0")
                .attr("role", "region")
                .attr("aria-label", caption);
    }

    private static DomContent right(String text) {
        return td(text).withClass("number");
    }
}
