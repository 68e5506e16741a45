package io.socketreaper.cli;

import io.socketreaper.control.History;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.View;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Option;

/** A live screen. */
@Command(name = "top", description = {"Shows descriptors against their limit, suspects by age, leak sites by rate, and "
        + "the last releases,"
        + " again and again; Ctrl-C ends it. With --json each look is one line.",
    "One attach for all of it: the agent writes what is shown to a file until that is deleted, an hour at most."})
final class Top extends AgentCommand {
    private static final int SOCKETS = 20;
    private static final int GAUGE = 40;
    private static final int PERCENT = 100;
    private static final int WORRYING = 80;
    private static final int ALARMING = 95;
    private static final int LINES = 24;
    /** Of a screen: head and headings. */
    private static final int FIXED_LINES = 12;
    private static final int LEAST = 3;
    private static final double MINUTE = 60_000;
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
    private static final String ENTER = "\033[?1049h\033[?25l";
    private static final String LEAVE = "\033[?25h\033[?1049l";
    private static final String HOME = "\033[H";
    private static final String REST_OF_LINE = "\033[K";
    private static final String REST_OF_SCREEN = "\033[J";

    @Option(names = "--every", paramLabel = "DURATION", defaultValue = "2s", converter = Interval.class,
            description = "How often, 200ms to 10m; ${DEFAULT-VALUE} by default.")
    private Duration every;

    @Option(names = "--count", paramLabel = "N", converter = WholeNumber.class, description = "Print so many looks one below the other and end; without "
            + "a terminal this is"
            + " how all are printed.")
    private Integer count;

    private final Map<String, Long> foundBefore = new HashMap<>();
    private long before;

    @Override
    Exit run() throws InterruptedException {
        try (var target = open(); var feed = target.stream(every, SOCKETS)) {
            boolean live = count == null && !json() && Terminal.isThere();
            var leave = new Thread(() -> leave(feed, live));
            Runtime.getRuntime().addShutdownHook(leave);
            if (live) {
                out().print(ENTER);
            }
            try {
                for (int i = 0; count == null || i < count; i++) {
                    show(feed.next(), live);
                }
            } finally {
                removeHook(leave);
                if (live) {
                    out().print(LEAVE);
                    out().flush();
                }
            }
        }
        return Exit.DONE;
    }

    static final class Interval extends DurationConverter {
        Interval() {
            super("200ms", "10m");
        }
    }

    /** Ctrl-C: the terminal as it was, and the agent told that nobody looks any more. */
    private void leave(Feed feed, boolean live) {
        feed.close();
        if (live) {
            System.out.print(LEAVE);
            System.out.flush();
        }
    }

    private static void removeHook(Thread leave) {
        try {
            Runtime.getRuntime().removeShutdownHook(leave);
        } catch (IllegalStateException ending) {
            // it runs
        }
    }

    private void show(View view, boolean live) {
        if (json()) {
            printJsonLine(view);
        } else if (live) {
            var frame = new StringWriter();
            int lines = screenLines();
            print(view, new PrintWriter(frame, true), Math.max(LEAST, (lines - FIXED_LINES) / LEAST));
            out().print(HOME);
            frame.toString().lines().limit(lines - 1).forEach(line -> out().print(line + REST_OF_LINE + "\n"));
            out().print(REST_OF_SCREEN);
        } else {
            print(view, out(), SOCKETS);
            out().println();
        }
        out().flush();
        before = view.status().nowMillis();
        view.sites().forEach(site -> foundBefore.put(site.id(), site.totals().found()));
    }

    private void print(View view, PrintWriter to, int rows) {
        var status = view.status();
        to.println(styled("Socket Reaper " + status.version(), Style.bold) + "  process " + status.pid() + "  "
                + (status.paused() ? "PAUSED" : "watching") + "  action=" + ShowStatus.setting(status, "action") + "  "
                + CLOCK.format(Instant.ofEpochMilli(status.nowMillis())));
        to.println(gauge(status.open(), status.limit()) + (status.underPressure() ? styled("  few are left", Style.fg_red)
                : ""));
        var total = status.total();
        to.println("suspects " + status.suspects() + "  being released " + status.releasing() + "  found " + total.found()
                + "  released " + total.released() + "  held " + total.held());
        to.println();
        var sites = table("LEAK SITE", "KIND", "FOUND", "PER MIN", "HELD", "RELEASED", "CODE").right(2, 3, 4, 5).cut(6);
        view.sites().stream().sorted((a, b) -> Double.compare(perMinute(b, status.nowMillis()), perMinute(a,
                status.nowMillis())))
                .limit(rows).forEach(site -> sites.row(site.id(), site.kind(), site.totals().found(),
                        before == 0 ? null : String.format(Locale.ROOT, "%.1f", perMinute(site, status.nowMillis())),
                        site.totals().held(), site.totals().released(), site.location()));
        sites.print(to, width());
        to.println();
        ShowSockets.table(view.sockets().subList(0, Math.min(rows, view.sockets().size())), this).print(to, width());
        to.println();
        var releases = table("LAST", "LEAK SITE", "KIND", "PEER", "WHAT", "DONE").cut(5);
        List<History.Event> events = view.history().releases();
        for (int i = events.size() - 1; i >= Math.max(0, events.size() - rows); i--) {
            var event = events.get(i);
            releases.row(time(status.nowMillis() - event.atMillis()), event.site(), event.kind(), event.peer(), event.what(),
                    event.done());
        }
        releases.print(to, width());
    }

    private double perMinute(SiteInfo site, long now) {
        long found = site.totals().found() - foundBefore.getOrDefault(site.id(), before == 0 ? site.totals().found() : 0);
        return before == 0 || now <= before ? 0 : found * MINUTE / (now - before);
    }

    private String gauge(int open, long limit) {
        if (open < 0 || limit <= 0) {
            return "descriptors " + used(open, limit);
        }
        int full = (int) Math.min(GAUGE, GAUGE * (long) open / limit);
        long percent = PERCENT * (long) open / limit;
        var colour = percent < WORRYING ? Style.fg_green : percent < ALARMING ? Style.fg_yellow : Style.fg_red;
        return "descriptors [" + styled("#".repeat(full), colour) + "-".repeat(GAUGE - full) + "] " + used(open, limit);
    }

    /** Lines of the terminal. */
    private static int screenLines() {
        try {
            var stty = new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
            if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
                // some terminals do not know: 0
                int lines = Integer.parseInt(new String(stty.getInputStream().readAllBytes(),
                        StandardCharsets.UTF_8).strip().split(" ")[0]);
                return lines < FIXED_LINES ? LINES : lines;
            }
        } catch (IOException | NumberFormatException unknown) {
            // as a terminal usually is
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return LINES;
    }
}
