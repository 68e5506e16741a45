package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.model.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows a screen that is refreshed until the key q or Ctrl-C. */
@Command(
        name = "top",
        description = {
            "Shows descriptors against their limit, suspects by age, leak sites by rate, open sockets by the line that opened them (track=all), and the last releases by site and"
                    + " outcome, and refreshes them.",
            "On a terminal q or Ctrl-C ends it, arrows scroll, s sorts, ? shows the keys. With --json each refresh prints one line.",
            "It attaches once an hour: the agent writes the figures to a temporary file until that file is deleted."
        })
final class Top extends AgentCommand {
    private static final int SOCKETS = 20;
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

    /** True once the terminal is restored and no more is drawn; guarded by this. */
    private boolean left;
    /** True while the shell has stopped this; guarded by this. */
    private boolean stopped;
    /** Null unless this draws on a terminal, and keys work; guarded by this. */
    private @Nullable Keyboard keyboard;
    /** Null unless this draws on a terminal; guarded by this. */
    private @Nullable TopDisplay display;
    /** Null unless this draws on a terminal, and Ctrl-Z can be handled; guarded by this. */
    private @Nullable StopSignal stopSignal;

    private volatile boolean quit;

    static final class Interval extends DurationConverter {
        Interval() {
            super("200ms", "10m");
        }
    }

    @Override
    ExitCode run() throws InterruptedException {
        boolean live = count == null && !json() && Terminal.isThere();
        var screen = new TopScreen(colours());
        try (var client = open();
                var stream = new RenewedStream(() -> client.stream(every, SOCKETS), Clock.SYSTEM)) {
            // Ctrl-C: first restores the terminal, so that no error of the other thread is shown; then ends the agent's
            // stream.
            var interrupted = new Thread(() -> {
                leave();
                stream.close();
            });
            Runtime.getRuntime().addShutdownHook(interrupted);
            if (live) {
                enter(screen, stream);
            }
            try {
                for (int i = 0; !quit && (count == null || i < count); i++) {
                    if (live) {
                        draw(screen, stream.next());
                    } else {
                        print(screen, stream.next());
                    }
                }
            } catch (CliException nothingMore) {
                // If the JVM ends as well, the first of the two threads deletes the file.
                if (removeHook(interrupted) && !quit) {
                    throw nothingMore;
                }
            } finally {
                removeHook(interrupted);
                leave();
            }
        }
        return ExitCode.DONE;
    }

    private synchronized void enter(TopScreen screen, RenewedStream stream) {
        if (left) {
            return;
        }
        keyboard = Keyboard.open();
        display = new TopDisplay(screen, keyboard != null);
        out().print(ENTER);
        out().flush();
        stopSignal = StopSignal.handledBy(this::stopping, this::continued);
        if (keyboard != null) {
            var keys = new Thread(() -> readKeys(stream), "keys");
            keys.setDaemon(true);
            keys.start();
        }
    }

    private synchronized void leave() {
        if (display != null && !left && !stopped) {
            out().print(LEAVE);
            out().flush();
        }
        if (keyboard != null) {
            keyboard.close();
        }
        if (stopSignal != null) {
            stopSignal.close();
        }
        left = true;
    }

    /** Ctrl-Z: the shell gets its screen and its keyboard back. */
    private synchronized void stopping() {
        if (left || stopped) {
            return;
        }
        stopped = true;
        out().print(LEAVE);
        out().flush();
        if (keyboard != null) {
            keyboard.giveBack();
        }
    }

    private synchronized void continued() {
        if (left) {
            return;
        }
        if (keyboard != null) {
            keyboard.takeOver();
        }
        stopped = false;
        out().print(ENTER);
        out().flush();
        draw();
    }

    /** Until the key q, or the end of the input. */
    private void readKeys(RenewedStream stream) {
        try {
            for (TopKey key = TopKey.read(System.in); key != null; key = TopKey.read(System.in)) {
                if (key == TopKey.QUIT) {
                    quit = true;
                    // The thread that waits for the next view gets none.
                    stream.close();
                    return;
                }
                pressed(key);
            }
        } catch (IOException terminalIsGone) {
            // then the screen goes on without keys
        }
    }

    private synchronized void pressed(TopKey key) {
        Objects.requireNonNull(display).key(key);
        draw();
    }

    private synchronized void draw(TopScreen screen, AgentView view) {
        screen.add(view);
        Objects.requireNonNull(display).show(view);
        draw();
    }

    private synchronized void draw() {
        if (left || stopped) {
            return;
        }
        var lines = Objects.requireNonNull(display).frame(Terminal.size());
        if (!lines.isEmpty()) {
            out().print(HOME + String.join(REST_OF_LINE + "\n", lines) + REST_OF_SCREEN);
            out().flush();
        }
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

    private void print(TopScreen screen, AgentView view) {
        if (json()) {
            printJsonLine(view);
        } else {
            screen.add(view);
            screen.head(view, width()).forEach(out()::println);
            screen.tables(view, TopSort.RATE, SOCKETS, width()).forEach(out()::println);
            out().println();
        }
        checkOut();
    }
}
