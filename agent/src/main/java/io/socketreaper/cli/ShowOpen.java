package io.socketreaper.cli;

import io.socketreaper.control.OpenQuestion;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.Request;
import io.socketreaper.control.Status;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.OpenState;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Lists the lines of code that open sockets, with those that are open. */
@Command(
        name = "open",
        description = {
            "Lists the open sockets, selectors, datagram sockets and pipes by the line of code that opened them: how many, in which"
                    + " state, how old, and whether their number grows. It needs an agent with track=all.",
            "A socket in this list is no leak by itself; a site that is GROWING piles up sockets."
        })
final class ShowOpen extends AgentCommand {
    private static final int CALLERS = 4;
    private static final int MINUTES_1 = 1;
    private static final int MINUTES_10 = 10;
    private static final int MINUTES_60 = 60;
    /** Of a screen: the summary below the sites, with empty lines. */
    private static final int SUMMARY_LINES = 8;
    /** Most lines that one site takes. */
    private static final int SITE_LINES = 5 + CALLERS;
    /** Puts the cursor in the upper left corner and clears the screen. */
    private static final String CLEAR = "\033[H\033[2J";

    /** By what the sites are sorted, the highest first. */
    private enum Sort {
        growth(Comparator.comparing(OpenSiteInfo::growing)
                .thenComparingDouble(OpenSiteInfo::growingPerMinute)
                .thenComparingInt(ShowOpen::growth)
                .thenComparingInt(OpenSiteInfo::open)),
        open(Comparator.comparingInt(OpenSiteInfo::open)),
        age(Comparator.comparingLong(OpenSiteInfo::medianMillis));

        private final Comparator<OpenSiteInfo> ascending;

        Sort(Comparator<OpenSiteInfo> ascending) {
            this.ascending = ascending;
        }
    }

    @Option(names = "--site", paramLabel = "SITE", description = "Only that opening site, with its whole stack.")
    private String site;

    @Option(
            names = "--older",
            paramLabel = "DURATION",
            converter = Age.class,
            description = "Count only sockets that have been open for so long, 1s to 24h.")
    private Duration older = Duration.ZERO;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            converter = StateWord.class,
            description = "Count only what is in that state, such as CLOSE_WAIT or selector.")
    private String state;

    @Option(
            names = "--sort",
            paramLabel = "BY",
            defaultValue = "growth",
            description = "growth, open (how many) or age (of the one in the middle); ${DEFAULT-VALUE} by default.")
    private Sort sort;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            converter = WholeNumber.class,
            description = "The most sites to list; ${DEFAULT-VALUE} by default.")
    private int limit;

    @Option(names = "--watch", description = "Repeat the list until Ctrl-C; with --json each list is one line.")
    private boolean watch;

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = Interval.class,
            description = "With --watch: from one list to the next, 1s to 1h; ${DEFAULT-VALUE} by default.")
    private Duration every;

    @Option(
            names = "--count",
            paramLabel = "N",
            converter = WholeNumber.class,
            description = "With --watch: print this number of lists one below the other, and end.")
    private @Nullable Integer count;

    static final class StateWord implements ITypeConverter<String> {
        @Override
        public String convert(String word) {
            if (OpenState.named(word) == null) {
                throw new TypeConversionException("'" + word + "' is not a state; write one of "
                        + OpenState.all().stream().map(OpenState::toString).collect(Collectors.joining(", ")));
            }
            return word;
        }
    }

    static final class Interval extends DurationConverter {
        Interval() {
            super("1s", "1h");
        }
    }

    static final class Age extends DurationConverter {
        Age() {
            super("1s", "24h");
        }
    }

    @Override
    ExitCode run() throws InterruptedException {
        boolean live = watch && count == null && !json() && Terminal.isThere();
        int lists = !watch ? 1 : count == null ? Integer.MAX_VALUE : count;
        try (var client = open()) {
            show(client, live);
            for (int i = 1; i < lists; i++) {
                TimeUnit.MILLISECONDS.sleep(every.toMillis());
                if (!live && !json()) {
                    out().println();
                }
                show(client, live);
            }
        }
        return ExitCode.DONE;
    }

    /** Asks, and prints one list; on a terminal that is watched, in place of the one before. */
    private void show(AgentClient client, boolean live) {
        List<OpenSiteInfo> sites = client.ask(new Request.GetOpen(new OpenQuestion(site, older.toMillis(), state)));
        int most = live ? Math.min(limit, sitesOnScreen()) : limit;
        List<OpenSiteInfo> sorted =
                sites.stream().sorted(sort.ascending.reversed()).limit(most).toList();
        if (json()) {
            if (watch) {
                printJsonLine(sorted);
            } else {
                printJson(sorted);
            }
        } else {
            Status status = isWhole() ? client.ask(new Request.GetStatus()) : null;
            if (live) {
                out().print(CLEAR);
            }
            print(sorted, sites.size());
            if (status != null) {
                printRest(sites, status);
            }
        }
        out().flush();
        checkOut();
    }

    private static int sitesOnScreen() {
        return Math.max(1, (Terminal.size().lines() - SUMMARY_LINES) / SITE_LINES);
    }

    /** Whether the list is of all open sockets. */
    private boolean isWhole() {
        return site == null && state == null && older.isZero();
    }

    private void print(List<OpenSiteInfo> sites, int all) {
        if (sites.isEmpty()) {
            out().println("No such socket is open.");
        }
        for (OpenSiteInfo info : sites) {
            print(info);
        }
        if (sites.size() < all) {
            out().println(HumanText.count(all - sites.size(), "more site", "more sites") + "; --limit lists more.");
        }
    }

    /** What the list leaves out. */
    private void printRest(List<OpenSiteInfo> all, Status status) {
        out().println();
        line("counted", counted(all));
        line("descriptors", used(status.open(), status.limit()) + ": " + census(status));
        for (var stack : status.stacks()) {
            if (stack.state().equals("off")) {
                line("not counted", stack.name() + ": " + stack.why());
            }
        }
        printUnwatched(status);
    }

    /** E.g. {@code 12 sockets, selector 3 (two descriptors each), datagram 1; files are not}. */
    private static String counted(List<OpenSiteInfo> all) {
        var others = new EnumMap<CountedState, Integer>(CountedState.class);
        int sockets = 0;
        for (OpenSiteInfo site : all) {
            for (Map.Entry<String, Integer> count : site.states().entrySet()) {
                if (OpenState.named(count.getKey()) instanceof CountedState counted) {
                    others.merge(counted, count.getValue(), Integer::sum);
                } else {
                    sockets += count.getValue();
                }
            }
        }
        var text = new StringBuilder(HumanText.count(sockets, "socket", "sockets"));
        others.forEach((state, count) -> text.append(", ")
                .append(state)
                .append(' ')
                .append(count)
                .append(state == CountedState.SELECTOR ? " (two descriptors each)" : ""));
        return text.append("; files are not").toString();
    }

    private void print(OpenSiteInfo info) {
        var line = new StringBuilder(styled("site " + info.id(), Style.bold))
                .append(": ")
                .append(info.open())
                .append(" open");
        if (info.growing()) {
            line.append("  ")
                    .append(styled("GROWING", Style.bold, Style.fg_red))
                    .append(' ')
                    .append(growing(info));
        }
        out().println(line);
        out().println((info.stack().isEmpty() ? "    " : "    at ")
                + styled(PrintableText.block(info.location()), Style.fg_red)
                + (info.port() < 0 ? "" : ", accepted on port " + info.port()));
        if (site != null && !info.stack().isEmpty()) {
            out().println("    whole stack");
        }
        callers(info).forEach(frame -> out().println("       " + PrintableText.block(frame)));
        out().println("    " + counts(info.states()) + (info.peers().isEmpty() ? "" : "; to " + counts(info.peers())));
        out().println("    age "
                + (info.open() == 1
                        ? time(info.oldestMillis())
                        : time(info.youngestMillis()) + " to " + time(info.oldestMillis()) + ", median "
                                + time(info.medianMillis()))
                + changes(info));
    }

    private static String growing(OpenSiteInfo info) {
        if (info.growingPerMinute() == 0) {
            return "for " + time(info.growingMillis()) + ", but not in the last minutes";
        }
        return HumanText.rate(info.growingPerMinute() / TimeUnit.MINUTES.toSeconds(1)) + " for "
                + time(info.growingMillis())
                + (info.limitInMillis() < 0 ? "" : ", limit of descriptors reached in " + time(info.limitInMillis()));
    }

    private static String changes(OpenSiteInfo info) {
        var changes = new StringJoiner(", ");
        add(changes, info.growth1(), MINUTES_1);
        add(changes, info.growth10(), MINUTES_10);
        add(changes, info.growth60(), MINUTES_60);
        Integer opened = info.openedPerMinute();
        String traffic = opened == null || info.closedPerMinute() == null
                ? ""
                : "; in the last minute opened " + opened + ", closed " + info.closedPerMinute();
        return changes.length() == 0 ? traffic : "; grown by " + changes + traffic;
    }

    private static void add(StringJoiner changes, @Nullable Integer growth, int minutes) {
        if (growth != null) {
            changes.add(String.format(Locale.ROOT, "%+d in %d min", growth, minutes));
        }
    }

    private static int growth(OpenSiteInfo info) {
        for (Integer growth : new Integer[] {info.growth10(), info.growth1()}) {
            if (growth != null) {
                return growth;
            }
        }
        return 0;
    }

    private static String counts(Map<String, Integer> counts) {
        var text = new StringJoiner(", ");
        counts.forEach((name, count) -> text.add(PrintableText.line(name) + " " + count));
        return text.toString();
    }

    /** The frames below the opening line: only the application's, unless one site is asked for. */
    private List<String> callers(OpenSiteInfo info) {
        if (site != null) {
            return info.stack();
        }
        int first = info.stack().indexOf(info.location());
        return info.stack().stream()
                .skip(first + 1L)
                .filter(frame -> !frame.startsWith("java.base/"))
                .limit(CALLERS)
                .toList();
    }
}
