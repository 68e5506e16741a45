package io.socketreaper.cli;

import java.io.Console;
import picocli.CommandLine.Model.CommandSpec;

/** The terminal this runs on, if it does. */
final class Terminal {
    /** Wider than any: what is read by a program is not cut. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private Terminal() {
    }

    /** Standard input and output are one. */
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

    /** Its columns; {@link #UNLIMITED} if there is none. */
    static int width(CommandSpec spec) {
        return spec.usageMessage().autoWidth() && isThere() ? spec.usageMessage().width() : UNLIMITED;
    }
}
