package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.model.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows a screen that is refreshed until Ctrl-C. */
@Command(
        name = "top",
        description = {
            "Shows descriptors against their limit, suspects by age, leak sites by rate, open sockets by the line that opened them (track=all), and the last releases, and"
                    + " refreshes them; Ctrl-C ends it. With --json each refresh prints one line.",
            "It attaches once an hour: the agent writes the figures to a temporary file until that file is deleted."
        })
final class Top extends AgentCommand {
    private static final int SOCKETS = 20;
    /** Of a screen: head, headings and empty lines. */
    private static final int FIXED_LINES = 11;

    private static final int TABLES = 4;
    private static final int LEAST = 3;
    /** The alternate screen without cursor, and without wrapping: a line that is too long must not scroll the others away. */
    private static final String ENTER = "\033[?1049h\033[?25l\033[?7l";

    private static final String LEAVE = "\033[?7h\033[?25h\033[?1049l";
    private static final String HOME = "\033[H";
    private static final String REST_OF_LINE = "\033[K";
    private static final String REST_OF_SCREEN = "\033[J";

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = Interval.class,
            description = "Time between two refreshes, 200ms to 10m; ${DEFAULT-VALUE} by default.")
    private Duration every;

    @Option(
            names = "--count",
            paramLabel = "N",
            converter = WholeNumber.class,
            description =
                    "Print this number of refreshes one below the other, and end. Without a terminal, refreshes are always"
                            + " printed one below the other.")
    private Integer count;

    private @Nullable TopScreen screen;
    /** True once the terminal is restored and no more is drawn; guarded by this. */
    private boolean left;

    static final class Interval extends DurationConverter {
        Interval() {
            super("200ms", "10m");
        }
    }

    @Override
    ExitCode run() throws InterruptedException {
        screen = new TopScreen(colours());
        boolean live = count == null && !json() && Terminal.isThere();
        try (var client = open();
                var stream = new RenewedStream(() -> client.stream(every, SOCKETS), Clock.SYSTEM)) {
            // Ctrl-C: first restores the terminal, so that no error of the other thread is shown; then ends the agent's
            // stream.
            var interrupted = new Thread(() -> {
                leave(live);
                stream.close();
            });
            Runtime.getRuntime().addShutdownHook(interrupted);
            if (live) {
                out().print(ENTER);
            }
            try {
                for (int i = 0; count == null || i < count; i++) {
                    show(stream.next(), live);
                }
            } catch (CliException nothingMore) {
                // If the JVM ends as well, the first of the two threads deletes the file.
                if (removeHook(interrupted)) {
                    throw nothingMore;
                }
            } finally {
                removeHook(interrupted);
                leave(live);
            }
        }
        return ExitCode.DONE;
    }

    private synchronized void leave(boolean live) {
        if (live && !left) {
            out().print(LEAVE);
            out().flush();
        }
        left = true;
    }

    /** False if it runs. */
    private static boolean removeHook(Thread interrupted) {
        try {
            Runtime.getRuntime().removeShutdownHook(interrupted);
            return true;
        } catch (IllegalStateException ending) {
            return false;
        }
    }

    private void show(AgentView view, boolean live) {
        if (live) {
            draw(view);
            return;
        }
        if (json()) {
            printJsonLine(view);
        } else {
            Objects.requireNonNull(screen).lines(view, SOCKETS, width()).forEach(out()::println);
            out().println();
        }
        checkOut();
    }

    private void draw(AgentView view) {
        var size = Terminal.size();
        var lines = Objects.requireNonNull(screen)
                .lines(view, Math.max(LEAST, (size.lines() - FIXED_LINES) / TABLES), size.columns());
        synchronized (this) {
            if (!left) {
                out().print(HOME);
                lines.stream().limit(size.lines() - 1).forEach(line -> out().print(line + REST_OF_LINE + "\n"));
                out().print(REST_OF_SCREEN);
                out().flush();
            }
        }
    }
}
