package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.procfs.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Keeps docs/cli.md true: its reference is what the commands say of themselves, its examples are understood. */
class CliDocTest {
    private static final String BEGIN = "<!-- commands: generated, see CliDocTest -->\n";
    private static final String END = "<!-- end of the commands -->";
    private static final String UPDATE = "mvn -pl agent test -Dtest=CliDocTest -Dupdate-docs=true";
    private static final int WIDTH = 100;
    /** Its six steps, and five more in its text. */
    private static final int LEAST_IN_RUNBOOK = 11;

    @Test
    void theReferenceInTheDocumentationIsWhatTheCommandsSay() throws IOException {
        var file = file();
        String text = Files.readString(file);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        assertTrue(
                text.contains(BEGIN) && end >= begin,
                file + " has lost the lines around its reference: " + BEGIN + END);

        if (Boolean.getBoolean("update-docs")) {
            Files.writeString(file, text.substring(0, begin) + reference() + text.substring(end));
            return;
        }
        assertEquals(reference(), text.substring(begin, end), file + " is out of date. To update it, run: " + UPDATE);
    }

    @Test
    void eachCommandInTheDocumentationIsUnderstood() throws IOException {
        var examples = Pattern.compile("(?m)^    (?:java -jar socket-reaper\\.jar|socket-reaper) ([^|;&>\n]*)")
                .matcher(Files.readString(file()))
                .results()
                .toList();
        assertFalse(examples.isEmpty());
        for (var example : examples) {
            commandLine()
                    .parseArgs(example.group(1).replace("$PID", "4242").trim().split(" +"));
        }
    }

    @Test
    void eachCommandOfTheRunbookIsUnderstood() throws IOException {
        var commands = Pattern.compile("`([a-z]+ \\$PID[^`]*)`|(?m)^\\$ java -jar socket-reaper\\.jar (.*)$")
                .matcher(Files.readString(file().resolveSibling("runbook.md")))
                .results()
                .toList();
        assertTrue(commands.size() >= LEAST_IN_RUNBOOK, commands.size() + " commands");
        for (var command : commands) {
            var text = command.group(1) == null ? command.group(2) : command.group(1);
            commandLine().parseArgs(text.replace("$PID", "4242").trim().split(" +"));
        }
    }

    private static String reference() {
        var reference = new StringBuilder("\n| Exit code | Meaning |\n|---|---|\n");
        for (var exit : ExitCode.values()) {
            reference
                    .append("| ")
                    .append(exit.code)
                    .append(" | ")
                    .append(exit.meaning)
                    .append(" |\n");
        }
        commandLine()
                .getSubcommands()
                .forEach((name, command) -> reference
                        .append("\n### ")
                        .append(name)
                        .append("\n\n```\n")
                        .append(command.getUsageMessage(Ansi.OFF).strip())
                        .append("\n```\n"));
        return reference.append('\n').toString();
    }

    private static CommandLine commandLine() {
        return Main.commandLine(ProcFs.SYSTEM).setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
    }

    /** Maven runs the tests in the module's directory, an IDE often in the project's. */
    private static Path file() {
        var inModule = Path.of("..", "docs", "cli.md");
        return Files.exists(inModule) ? inModule : Path.of("docs", "cli.md");
    }
}
