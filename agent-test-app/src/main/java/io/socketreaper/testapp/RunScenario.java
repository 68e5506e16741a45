package io.socketreaper.testapp;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Plays a scenario, once or several times in a row. */
@Command(
        name = "run",
        description = "Play a scenario and count the socket descriptors it leaves behind.",
        showDefaultValues = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:it was played, whatever is held",
            "1:it broke",
            "2:wrong usage",
            "3:a connection was damaged",
            "4:this JVM cannot run it"
        })
final class RunScenario implements Callable<Integer> {
    @Parameters(paramLabel = "SCENARIO", description = "One of those that `list` names.")
    private String name;

    @Option(names = "--sockets", paramLabel = "N", defaultValue = "50", description = "Connections to play.")
    private int sockets;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "How long to watch leaked sockets after the story; ends early when none is held.")
    private Duration wait;

    @Option(
            names = "--reaper-timeout",
            paramLabel = "DURATION",
            defaultValue = "3s",
            description = "The timeout the agent runs with; pauses are derived from it.")
    private Duration reaperTimeout;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "1", description = "How often, in the same JVM.")
    private int runs;

    @Option(
            names = "--client",
            paramLabel = "CLIENT",
            defaultValue = "auto",
            description = "Who plays the clients of smtp-reject: ${COMPLETION-CANDIDATES} (in any case).")
    private Run.SmtpClient client;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var scenario = Scenarios.named(name)
                .orElseThrow(() -> usage("There is no scenario '" + name + "'; there are: " + Scenarios.names()));
        requireAtLeastOne("--sockets", sockets);
        requireAtLeastOne("--runs", runs);
        if (!scenario.supported()) {
            System.err.println(name + " cannot run on this JVM: " + scenario.unsupportedBecause());
            return Main.UNSUPPORTED;
        }
        for (int i = 1; i <= runs; i++) {
            var run = new Run(sockets, reaperTimeout, client);
            if (!new ScenarioRunner(wait, System.out).play(scenario, run)) {
                return Main.DAMAGED;
            }
            // The last run's leaks stay as they are until the process ends: closing them would look like a cure.
            if (i < runs) {
                run.close();
            }
        }
        return 0;
    }

    private void requireAtLeastOne(String option, int value) {
        if (value < 1) {
            throw usage("Invalid value for option '" + option + "': " + value + " is less than 1");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
