package io.socketreaper.html;

import static j2html.TagCreator.button;
import static j2html.TagCreator.code;
import static j2html.TagCreator.span;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.html.RowTable.Row;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The plain tables: sockets, opening sites, samples, settings, environment. */
final class Tables {
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
            heads.add(2, "Action!");
        }
        String caption = filter.isEmpty()
                ? HtmlText.count(sockets.size(), "socket")
                : HtmlText.number(shown.size()) + " of " + HtmlText.count(sockets.size(), "socket");
        return RowTable.of(
                "sockets",
                caption + (sockets.size() >= ReportModel.MOST_SOCKETS ? " (the longest idle ones)" : ""),
                heads,
                shown.stream().map(socket -> row(socket, live)).toList());
    }

    private static Row row(SocketInfo socket, boolean live) {
        var cells = new ArrayList<>(List.of(
                td(Long.toString(socket.id())).attr("data-sort", Long.toString(socket.id())),
                td(span(socket.phase()).withClass("badge " + socket.phase())),
                td(socket.kind() + (socket.grade().isEmpty() ? "" : ", " + socket.grade()))
                        .withClass("when"),
                td(code(PrintableText.line(socket.local()))).withClass("when"),
                td(code(PrintableText.line(socket.peer()))).withClass("when"),
                td(socket.tcpState()),
                RowTable.number(HtmlText.number(socket.unreadBytes()) + " B", socket.unreadBytes()),
                RowTable.number(
                        HumanText.duration(socket.idleMillis())
                                + (socket.timeoutMillis() > 0 && socket.phase().equals("suspect")
                                        ? " of " + HumanText.duration(socket.timeoutMillis())
                                        : ""),
                        socket.idleMillis()),
                RowTable.number(
                        socket.descriptor() < 0 ? "-" : Integer.toString(socket.descriptor()), socket.descriptor()),
                td(
                                CodeLine.of(socket.location()).html(),
                                socket.site().isEmpty()
                                        ? text("")
                                        : span("site " + socket.site()).withClass("quiet id"))
                        .withClass("code")));
        if (live) {
            cells.add(2, td(release(socket)));
        }
        return new Row("socket-" + socket.id(), cells, null);
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
        return RowTable.of(
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
                shown.stream().map(Tables::row).toList());
    }

    private static Row row(OpenSiteInfo site) {
        return Row.of(
                td(
                                CodeLine.of(site.location()).html(),
                                span((site.port() < 0 ? "" : "port " + site.port() + ", ") + "site " + site.id())
                                        .withClass("quiet id"),
                                site.growing() ? growing(site) : text(""))
                        .withClass("code"),
                RowTable.number(site.open()),
                growth(site.growth1()),
                growth(site.growth10()),
                growth(site.growth60()),
                RowTable.number(HumanText.duration(site.medianMillis()), site.medianMillis()),
                RowTable.number(HumanText.duration(site.oldestMillis()), site.oldestMillis()),
                td(counts(site.states())));
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

    private static TdTag growth(@Nullable Integer growth) {
        return growth == null
                ? RowTable.number("-", 0)
                : RowTable.number(String.format(Locale.ROOT, "%+d", growth), growth);
    }

    private static String counts(Map<String, Integer> counts) {
        var text = new StringJoiner(", ");
        counts.forEach((name, count) -> text.add(PrintableText.line(name) + " " + HtmlText.number(count)));
        return text.toString();
    }

    /** The timeline in figures, for those who cannot see it; thinned. */
    static DomContent samples(History history) {
        List<History.Sample> all = history.samples();
        var shown = new ArrayList<History.Sample>();
        int step = Math.max(1, (all.size() + MOST_SAMPLES - 1) / MOST_SAMPLES);
        for (int i = all.size() - 1; i >= 0; i -= step) {
            shown.add(all.get(i));
        }
        return RowTable.of(
                "samples",
                "The timeline in figures",
                List.of("When", "#Open", "#Limit", "#Suspects", "#Found", "#Released"),
                shown.stream()
                        .map(sample -> Row.of(
                                td(HtmlText.moment(sample.atMillis())).withClass("when"),
                                known(sample.open()),
                                known(sample.limit()),
                                known(sample.suspects()),
                                known(sample.found()),
                                known(sample.released())))
                        .toList());
    }

    private static TdTag known(long value) {
        return RowTable.number(value < 0 ? "-" : HtmlText.number(value), value);
    }

    static DomContent settings(List<SettingValue> settings, boolean live) {
        return RowTable.of(
                "settings",
                "What holds",
                live ? List.of("Setting", "Value", "Set by", "At run time") : List.of("Setting", "Value", "Set by"),
                settings.stream().map(setting -> row(setting, live)).toList());
    }

    private static Row row(SettingValue setting, boolean live) {
        var cells = new ArrayList<>(List.of(
                td(code(setting.name())),
                td(code(PrintableText.line(setting.value()))),
                td(PrintableText.line(setting.origin()))));
        if (live) {
            cells.add(td(setting.changeable() ? "changeable" : "fixed"));
        }
        return new Row(null, cells, null);
    }

    static DomContent environment(Map<String, String> environment) {
        return RowTable.of(
                "environment",
                "The process",
                List.of("Name", "Value"),
                environment.entrySet().stream()
                        .map(entry -> Row.of(
                                td(PrintableText.line(entry.getKey())), td(PrintableText.line(entry.getValue()))))
                        .toList());
    }
}
