package io.socketreaper.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.socketreaper.procfs.ProcFs;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: {@code --json}, {@code --help}, where they write, and how they end. */
abstract class CliCommand implements Callable<Integer> {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final Gson ONE_LINE = new GsonBuilder().disableHtmlEscaping().create();
    private static final int ASCII = 0x80;

    @Option(names = "--json", description = "Print JSON instead of text; errors stay text on standard error.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    @Spec
    private CommandSpec spec;

    /** Runs the command; throws a {@link CliException} if it fails. */
    abstract ExitCode run() throws Exception;

    /** The exit codes of the command, for its help; {@link ExitCode#USAGE} is always possible. */
    Set<ExitCode> exits() {
        return EnumSet.of(ExitCode.DONE, ExitCode.FAILED);
    }

    @Override
    public final Integer call() throws Exception {
        var exit = run();
        checkOut();
        return exit.code;
    }

    /** Checks for a failed write, which a writer does not throw: a full disk, or a pipe whose reader has ended. */
    final void checkOut() {
        // picocli's may hide that of System.out
        boolean failed = out().checkError();
        boolean standardFailed = System.out.checkError();
        if (standardFailed && Terminal.isPipe()) {
            throw new CliException(ExitCode.CLOSED_PIPE, "the process that reads the output has ended");
        }
        if (failed || standardFailed) {
            throw new CliException(
                    ExitCode.FAILED,
                    "standard output cannot be written, the disk may be full; the output is incomplete");
        }
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final ProcFs proc() {
        return ((Main) spec.root().userObject()).proc;
    }

    /** The user wants JSON. */
    final boolean json() {
        return json;
    }

    /** Prints a record, map or list; in ASCII, because the terminal's encoding is not JSON's. */
    final void printJson(Object value) {
        printAscii(GSON.toJson(value));
    }

    /** The same of a record with one more member. */
    final void printJson(Object record, String name, String value) {
        JsonObject tree = GSON.toJsonTree(record).getAsJsonObject();
        tree.addProperty(name, value);
        printJson(tree);
    }

    /** The same on one line, for one of many. */
    final void printJsonLine(Object value) {
        printAscii(ONE_LINE.toJson(value));
    }

    private void printAscii(String json) {
        var ascii = new StringBuilder();
        json.chars().forEach(c -> ascii.append(c < ASCII ? String.valueOf((char) c) : String.format("\\u%04x", c)));
        out().println(ascii);
    }

    /** Text in that style, if standard output is a terminal that shows colours and NO_COLOR is not set. */
    final String styled(String text, IStyle... styles) {
        return colours().apply(text, List.of(styles)).toString();
    }

    final Table table(String... headings) {
        return new Table(colours(), headings);
    }

    /** Prints it no wider than the terminal. */
    final void print(Table table) {
        table.print(out(), width());
    }

    /** Columns of the terminal. */
    final int width() {
        return Terminal.width(spec);
    }

    final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    final ColorScheme colours() {
        return spec.commandLine().getColorScheme();
    }
}
