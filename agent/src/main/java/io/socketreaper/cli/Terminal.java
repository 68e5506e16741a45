package io.socketreaper.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Whether standard output is a pipe or a socket: then a write fails only because the reading process has ended. */
    static boolean isPipe() {
        try {
            String written = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return written.startsWith("pipe:") || written.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    /** How large it is. */
    record Size(int lines, int columns) {}

    /** The current size; a usual size if the terminal does not report one. */
    static Size size() {
        String said = Keyboard.stty("size");
        if (said != null) {
            String[] numbers = said.strip().split(" ");
            try {
                int lines = Integer.parseInt(numbers[0]);
                int columns = Integer.parseInt(numbers[1]);
                // some terminals do not know: 0
                return new Size(lines > 0 ? lines : LINES, columns > 0 ? columns : COLUMNS);
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException unknown) {
                // as below
            }
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
