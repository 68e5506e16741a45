package io.socketreaper.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;

/** The terminal of this process, if it has one. */
final class Terminal {
    /** The width without a terminal: output for a program is not cut. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int LINES = 24;
    private static final int COLUMNS = 80;

    private Terminal() {}

    /** Whether standard input and output are a terminal. */
    static boolean isThere() {
        var console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // Since JDK 22 there is a console even without a terminal.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException olderJdk) {
            return true;
        }
    }

    /** Whether standard error is a terminal, wherever standard output goes. */
    static boolean showsMessages() {
        try {
            String shown = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return shown.startsWith("/dev/pts/") || shown.startsWith("/dev/tty") || shown.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    /** How large it is. */
    record Size(int lines, int columns) {}

    /** The current size; a usual size if the terminal does not report one. */
    static Size size() {
        try {
            var stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
                var said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .strip()
                        .split(" ");
                int lines = Integer.parseInt(said[0]);
                int columns = Integer.parseInt(said[1]);
                // some terminals do not know: 0
                return new Size(lines > 0 ? lines : LINES, columns > 0 ? columns : COLUMNS);
            }
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException unknown) {
            // as below
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Size(LINES, COLUMNS);
    }

    /** Its columns; {@link #UNLIMITED} if there is none. */
    static int width(CommandSpec spec) {
        return spec.usageMessage().autoWidth() && isThere()
                ? spec.usageMessage().width()
                : UNLIMITED;
    }
}
