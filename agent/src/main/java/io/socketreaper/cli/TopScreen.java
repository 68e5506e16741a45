package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.History;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.text.HumanText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.ColorScheme;

/** Prints the views of {@code top}; of the last view it keeps what the rates need. */
final class TopScreen {
    private static final int GAUGE = 30;
    private static final int WORRYING = 80;
    private static final int ALARMING = 95;
    private static final double MINUTE = 60_000;
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final ColorScheme colours;
    private final Map<String, Long> foundBefore = new HashMap<>();
    private long before;

    TopScreen(ColorScheme colours) {
        this.colours = colours;
    }

    /**
     * @param rows  of each table at most
     * @param width columns of the terminal
     */
    List<String> lines(AgentView view, int rows, int width) {
        var text = new StringWriter();
        print(view, new PrintWriter(text, true), rows, width);
        before = view.status().nowMillis();
        view.sites().forEach(site -> foundBefore.put(site.id(), site.totals().found()));
        return text.toString().lines().toList();
    }

    private void print(AgentView view, PrintWriter to, int rows, int width) {
        var status = view.status();
        long now = status.nowMillis();
        to.println(styled("Socket Reaper " + status.version(), Style.bold) + "  process " + status.pid() + "  "
                + (status.paused() ? "PAUSED" : "watching") + "  action=" + status.setting("action", "?") + "  "
                + CLOCK.format(Instant.ofEpochMilli(now)));
        to.println(gauge(status.open(), status.limit())
                + (status.underPressure() ? styled("  few are left", Style.fg_red) : ""));
        var total = status.total();
        to.println("suspects " + status.suspects() + "  being released " + status.releasing() + "  found "
                + total.found() + "  released " + total.released() + "  held " + total.held());
        to.println();
        var sites = new Table(colours, "LEAK SITE", "KIND", "FOUND", "PER MIN", "HELD", "RELEASED", "CODE")
                .right(2, 3, 4, 5)
                .cut(1, 6);
        view.sites().stream()
                .sorted(Comparator.comparingDouble((SiteInfo site) -> perMinute(site, now))
                        .reversed())
                .limit(rows)
                .forEach(site -> sites.row(
                        site.id(),
                        site.kind(),
                        site.totals().found(),
                        before == 0 ? null : String.format(Locale.ROOT, "%.1f", perMinute(site, now)),
                        site.totals().held(),
                        site.totals().released(),
                        site.location()));
        sites.print(to, width);
        to.println();
        if (!view.open().isEmpty()) {
            var open = new Table(colours, "OPENING SITE", "OPEN", "10 MIN", "STATE", "CODE")
                    .right(1, 2)
                    .cut(3, 4);
            view.open().stream()
                    .limit(rows)
                    .forEach(site -> open.row(
                            site.id() + (site.growing() ? " GROWING" : ""),
                            site.open(),
                            site.growth10() == null ? null : String.format(Locale.ROOT, "%+d", site.growth10()),
                            site.states().keySet().stream().findFirst().orElse(null),
                            site.location()));
            open.print(to, width);
            to.println();
        }
        var sockets = new Table(colours, "ID", "AGE", "KIND", "STATE", "PEER", "UNREAD", "SITE", "CODE")
                .right(0, 1, 5)
                .cut(2, 4, 7);
        view.sockets().stream()
                .sorted(Comparator.comparingLong(SocketInfo::ageMillis).reversed())
                .limit(rows)
                .forEach(socket -> sockets.row(
                        socket.id(),
                        AgentCommand.time(socket.ageMillis()),
                        socket.kind(),
                        socket.tcpState(),
                        socket.peer(),
                        socket.unreadBytes(),
                        socket.site(),
                        socket.location()));
        sockets.print(to, width);
        to.println();
        var releases = new Table(colours, "LAST", "LEAK SITE", "KIND", "PEER", "WHAT", "DONE")
                .right(0)
                .cut(2, 3, 4, 5);
        List<History.Event> events = view.history().releases();
        for (int i = events.size() - 1; i >= Math.max(0, events.size() - rows); i--) {
            var event = events.get(i);
            releases.row(
                    AgentCommand.time(now - event.atMillis()),
                    event.site(),
                    event.kind(),
                    event.peer(),
                    event.what(),
                    event.done());
        }
        releases.print(to, width);
    }

    private double perMinute(SiteInfo site, long now) {
        long found = site.totals().found()
                - foundBefore.getOrDefault(
                        site.id(), before == 0 ? site.totals().found() : 0);
        return before == 0 || now <= before ? 0 : found * MINUTE / (now - before);
    }

    private String gauge(int open, long limit) {
        String used = AgentCommand.used(open, limit);
        if (open < 0 || limit <= 0) {
            return "descriptors " + used;
        }
        int full = (int) Math.min(GAUGE, GAUGE * (long) open / limit);
        long percent = HumanText.percent(open, limit);
        var colour = percent < WORRYING ? Style.fg_green : percent < ALARMING ? Style.fg_yellow : Style.fg_red;
        return "descriptors [" + styled("#".repeat(full), colour) + "-".repeat(GAUGE - full) + "] " + used;
    }

    private String styled(String text, IStyle... styles) {
        return colours.apply(text, List.of(styles)).toString();
    }
}
