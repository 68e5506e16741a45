package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import io.socketreaper.text.PrintableText;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line of Socket Reaper. */
@Command(
        name = "socket-reaper",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Finds sockets that processes have lost, from \"Too many open files\" to the line of code.",
            "(socket-reaper stands for: java -jar socket-reaper.jar)"
        },
        footer = {
            "",
            "Shell completion: alias socket-reaper='java -jar /path/to/socket-reaper.jar'",
            "                  source <(socket-reaper generate-completion)"
        },
        subcommands = {
            ListJvms.class,
            Scan.class,
            Attach.class,
            ShowStatus.class,
            ShowSites.class,
            ShowSockets.class,
            ShowOpen.class,
            ShowHolders.class,
            Advise.class,
            ReleaseLeaks.class,
            Top.class,
            Report.class,
            SetSettings.class,
            Pause.class,
            Resume.class,
            Detach.class,
            GenerateCompletion.class,
            HelpCommand.class
        })
public final class Main implements Runnable {
    /** Where the processes of this machine are, for all commands. */
    final ProcFs proc;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean version;

    @Spec
    private CommandSpec spec;

    Main(ProcFs proc) {
        this.proc = proc;
    }

    public static void main(String[] args) {
        // Exits even when an attach to a JVM that does not answer has left a thread behind.
        System.exit(commandLine(ProcFs.SYSTEM).setUsageHelpAutoWidth(true).execute(args));
    }

    static CommandLine commandLine(ProcFs proc) {
        var commandLine = new CommandLine(new Main(proc))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongUsage)
                .setExecutionExceptionHandler(Main::failed);
        documentExits(commandLine);
        return commandLine;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static void documentExits(CommandLine commandLine) {
        Set<ExitCode> exits = EnumSet.of(ExitCode.DONE, ExitCode.USAGE);
        if (commandLine.getCommand() instanceof CliCommand command) {
            exits.addAll(command.exits());
        } else if (commandLine.getCommand() instanceof Main) {
            exits = EnumSet.allOf(ExitCode.class);
        }
        var texts = new LinkedHashMap<String, String>();
        exits.forEach(exit -> texts.put(String.valueOf(exit.code), exit.meaning));
        commandLine
                .getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(texts);
        commandLine.getSubcommands().values().forEach(Main::documentExits);
    }

    private static int wrongUsage(ParameterException problem, String[] args) {
        var command = problem.getCommandLine();
        say(command, message(problem, command, args));
        if (!isOption(problem)) {
            UnmatchedArgumentException.printSuggestions(problem, command.getErr());
        }
        command.getErr().println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE.code;
    }

    private static @Nullable String message(ParameterException problem, CommandLine command, String[] args) {
        if (problem instanceof UnmatchedArgumentException unmatched && command.getCommand() instanceof Main) {
            String word = unmatched.getUnmatched().get(0);
            return "there is no command or option '" + word + "'; "
                    + (isOption(problem)
                            ? "write --" + word
                            : "the commands are "
                                    + String.join(", ", command.getSubcommands().keySet()));
        }
        if (problem instanceof MissingParameterException && command.getCommand() instanceof SetSettings) {
            for (String argument : args) {
                if (NamedJvm.isSetting(argument)) {
                    return NamedJvm.noProcess(argument);
                }
            }
        }
        return problem.getMessage();
    }

    /** Whether a word was taken for a command which with two dashes is an option: {@code version}. */
    private static boolean isOption(ParameterException problem) {
        return problem instanceof UnmatchedArgumentException unmatched
                && problem.getCommandLine()
                        .getCommandSpec()
                        .optionsMap()
                        .containsKey("--" + unmatched.getUnmatched().get(0));
    }

    /** The colours are those of standard output, which may go elsewhere. */
    private static void say(CommandLine command, @Nullable String message) {
        String text = PrintableText.block(Objects.requireNonNull(message));
        command.getErr()
                .println(Terminal.showsMessages() ? command.getColorScheme().errorText(text) : text);
    }

    private static int failed(Exception problem, CommandLine command, ParseResult parsed) {
        if (problem instanceof CliException ended && ended.exit() == ExitCode.CLOSED_PIPE) {
            return ExitCode.CLOSED_PIPE.code;
        }
        boolean foreseen = problem instanceof CliException;
        var message = foreseen ? problem.getMessage() : "this should not happen, please report it: " + problem;
        say(command, message);
        for (Throwable too : problem.getSuppressed()) {
            say(command, String.valueOf(too.getMessage()));
        }
        if (!foreseen) {
            problem.printStackTrace(command.getErr());
        }
        return foreseen ? ((CliException) problem).exit().code : ExitCode.FAILED.code;
    }
}
