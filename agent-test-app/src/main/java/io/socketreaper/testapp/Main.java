package io.socketreaper.testapp;

import io.socketreaper.testapp.bench.Bench;
import io.socketreaper.testapp.torture.Torture;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line of the test application. */
@Command(
        name = "agent-test-app",
        description = "Realistic servers and clients that leak half-closed sockets, and some that must not be touched.",
        subcommands = {ListScenarios.class, RunScenario.class, Demo.class, Bench.class, Torture.class})
public final class Main implements Runnable {
    static final int DAMAGED = 3;
    public static final int UNSUPPORTED = 4;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        // Exits even when a framework left a thread running.
        System.exit(new CommandLine(new Main())
                .registerConverter(Duration.class, new DurationConverter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::complain)
                .execute(args));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: list, run, demo, bench or torture");
    }

    private static int complain(ParameterException problem, String[] args) {
        var command = problem.getCommandLine();
        command.getErr().println(problem.getMessage());
        command.getErr().println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }
}
