package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.History;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.text.HumanText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.ColorScheme;

/** Prints the views of {@code top}; of the view before it keeps what the rates need. Not for several threads. */
final class TopScreen {
    /** Of a screen: tables. */
    static final int TABLES = 4;
    /** Of each table: its heading, and the empty line below it. */
    static final int BESIDE_ROWS = 2;

    private static final int GAUGE = 30;
    private static final int SMALLEST_GAUGE = 5;
    private static final String GAP = "  ";
    private static final int WORRYING = 80;
    private static final int ALARMING = 95;
    private static final double MINUTE = 60_000;
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final ColorScheme colours;
    private final Map<String, Long> foundBefore = new HashMap<>();
    private final Map<String, Double> perMinute = new HashMap<>();
    private long before;
    private boolean knowsRates;

    /** The releases of one site that ended in the same way. */
    private record Releases(History.Event last, int count) {}

    TopScreen(ColorScheme colours) {
        this.colours = colours;
    }

    /** Takes the rates since the view before. */
    void add(AgentView view) {
        long now = view.status().nowMillis();
        knowsRates = before != 0;
        perMinute.clear();
        for (SiteInfo site : view.sites()) {
            long found = site.totals().found();
            long more = found - foundBefore.getOrDefault(site.id(), knowsRates ? 0 : found);
            perMinute.put(site.id(), now <= before ? 0 : more * MINUTE / (now - before));
            foundBefore.put(site.id(), found);
        }
        before = now;
    }

    /** The state in a few lines. */
    List<String> head(AgentView view, int width) {
        Status status = view.status();
        var total = status.total();
        var lines = new ArrayList<String>();
        lines.addAll(folded(
                width,
                Style.bold,
                "Socket Reaper " + status.version(),
                "process " + status.pid(),
                status.paused() ? "PAUSED" : "watching",
                "action=" + status.setting("action", "?"),
                CLOCK.format(Instant.ofEpochMilli(status.nowMillis()))));
        lines.addAll(gauge(status, width));
        lines.addAll(folded(
                width,
                null,
                "suspects " + status.suspects(),
                "being released " + status.releasing(),
                "found " + total.found(),
                "released " + total.released(),
                "held " + total.held()));
        lines.add("");
        return lines;
    }

    /**
     * The tables.
     *
     * @param sort  of the leak sites
     * @param rows  of each table at most
     * @param width columns of the terminal
     */
    List<String> tables(AgentView view, TopSort sort, int rows, int width) {
        var text = new StringWriter();
        var to = new PrintWriter(text, true);
        printSites(view, sort, to, rows, width);
        to.println();
        if (!view.open().isEmpty()) {
            printOpen(view, to, rows, width);
            to.println();
        }
        printSockets(view, to, rows, width);
        to.println();
        printReleases(view, to, rows, width);
        return text.toString().lines().toList();
    }

    private void printSites(AgentView view, TopSort sort, PrintWriter to, int rows, int width) {
        var sites = new Table(colours, "LEAK SITE", "KIND", "FOUND", "PER MIN", "HELD", "RELEASED", "CODE")
                .right(2, 3, 4, 5)
                .code(6)
                .optional(1, sort == TopSort.RATE ? 5 : 3, sort == TopSort.RELEASED || sort == TopSort.RATE ? 4 : 5, 0);
        view.sites().stream()
                .sorted(Comparator.comparingDouble(figure(sort)).reversed())
                .limit(rows)
                .forEach(site -> sites.row(
                        site.id(),
                        site.kind(),
                        site.totals().found(),
                        knowsRates ? String.format(Locale.ROOT, "%.1f", perMinute(site)) : null,
                        site.totals().held(),
                        site.totals().released(),
                        site.location()));
        sites.print(to, width);
    }

    private ToDoubleFunction<SiteInfo> figure(TopSort sort) {
        return switch (sort) {
            case RATE -> this::perMinute;
            case FOUND -> site -> site.totals().found();
            case HELD -> site -> site.totals().held();
            case RELEASED -> site -> site.totals().released();
        };
    }

    private double perMinute(SiteInfo site) {
        return perMinute.getOrDefault(site.id(), 0.0);
    }

    private void printOpen(AgentView view, PrintWriter to, int rows, int width) {
        var open = new Table(colours, "OPENING SITE", "OPEN", "10 MIN", "STATE", "CODE")
                .right(1, 2)
                .cut(3)
                .code(4)
                .optional(3, 2, 0);
        view.open().stream()
                .limit(rows)
                .forEach(site -> open.row(
                        site.id() + (site.growing() ? " GROWING" : ""),
                        site.open(),
                        site.growth10() == null ? null : String.format(Locale.ROOT, "%+d", site.growth10()),
                        site.states().keySet().stream().findFirst().orElse(null),
                        site.location()));
        open.print(to, width);
    }

    private void printSockets(AgentView view, PrintWriter to, int rows, int width) {
        var sockets = new Table(colours, "ID", "AGE", "KIND", "STATE", "PEER", "UNREAD", "SITE", "CODE")
                .right(0, 1, 5)
                .code(7)
                .optional(2, 5, 6, 4, 3, 1);
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
    }

    /** What became of the last leaks, by site and outcome; the last group first. */
    private void printReleases(AgentView view, PrintWriter to, int rows, int width) {
        var code = new HashMap<String, String>();
        view.sites().forEach(site -> code.put(site.id(), site.location()));
        var releases = new Table(colours, "LAST", "TIMES", "LEAK SITE", "WHAT", "DONE", "CODE")
                .right(0, 1)
                .cut(3, 4)
                .code(5)
                .optional(4, 2, 0);
        grouped(view.history().releases()).stream()
                .limit(rows)
                .forEach(group -> releases.row(
                        AgentCommand.time(
                                view.status().nowMillis() - group.last().atMillis()),
                        group.count(),
                        group.last().site(),
                        group.last().what(),
                        group.last().done(),
                        code.get(group.last().site())));
        releases.print(to, width);
    }

    private static Collection<Releases> grouped(List<History.Event> events) {
        var groups = new LinkedHashMap<String, Releases>();
        for (int i = events.size() - 1; i >= 0; i--) {
            History.Event event = events.get(i);
            groups.merge(
                    event.site() + " " + event.what(),
                    new Releases(event, 1),
                    (last, one) -> new Releases(last.last(), last.count() + 1));
        }
        return groups.values();
    }

    private List<String> gauge(Status status, int width) {
        String used = AgentCommand.used(status.open(), status.limit());
        var lines = new ArrayList<String>();
        String name = "descriptors ";
        if (status.open() < 0 || status.limit() <= 0) {
            lines.add(name + used);
        } else {
            int length = Math.max(SMALLEST_GAUGE, Math.min(GAUGE, width - name.length() - used.length() - 3));
            int full = (int) Math.min(length, length * (long) status.open() / status.limit());
            long percent = HumanText.percent(status.open(), status.limit());
            var colour = percent < WORRYING ? Style.fg_green : percent < ALARMING ? Style.fg_yellow : Style.fg_red;
            lines.add(name + "[" + styled("#".repeat(full), colour) + "-".repeat(length - full) + "] " + used);
        }
        if (status.underPressure()) {
            lines.add(styled("few descriptors are left", Style.fg_red));
        }
        return lines;
    }

    /**
     * Puts parts into as many lines as they need.
     *
     * @param first style of the first part; null for none
     */
    private List<String> folded(int width, @Nullable IStyle first, String... parts) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        int length = 0;
        for (String part : parts) {
            String shown = first != null && part.equals(parts[0]) ? styled(part, first) : part;
            if (length > 0 && length + GAP.length() + part.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
                length = 0;
            }
            line.append(length == 0 ? "" : GAP).append(shown);
            length += (length == 0 ? 0 : GAP.length()) + part.length();
        }
        lines.add(line.toString());
        return lines;
    }

    private String styled(String text, IStyle... styles) {
        return colours.apply(text, List.of(styles)).toString();
    }
}
