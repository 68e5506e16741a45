package io.socketreaper.testapp.torture;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Plays a random population under the agent and checks whether a connection was harmed. */
@Command(
        name = "torture",
        description = "Play a random population of connections over all stacks under the agent, with every byte"
                + " checked, and say whether a connection was harmed.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:no connection was harmed", "1:it broke", "2:wrong usage", "3:a connection was harmed"})
public final class Torture implements Callable<Integer> {
    private static final int HARMED = 3;

    @Option(
            names = "--agent",
            paramLabel = "JAR",
            description = "The agent; by default agent/target/socket-reaper.jar of the build this application is from.")
    private Path agent;

    @Option(names = "--without-agent", description = "Play the population without any agent.")
    private boolean without;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "How long connections are opened, in all (default: ${DEFAULT-VALUE}).")
    private Duration length;

    @Option(
            names = "--round",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "How long with the same settings and in the same JVM (default: ${DEFAULT-VALUE}).")
    private Duration round;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides everything that is decided by chance; by default the clock's.")
    private Long seed;

    @Option(
            names = "--action",
            paramLabel = "ACTION",
            description = "The agent's action: log, drain or close (default: by chance).")
    private String action;

    @Option(
            names = "--doubtful",
            paramLabel = "ACTION",
            description = "Its doubtful.action: log or drain (default: by chance).")
    private String doubtful;

    @Option(
            names = "--track",
            paramLabel = "TRACK",
            description = "Its track: half-closed or all (default: by chance).")
    private String track;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Its timeout (default: by chance, 100 ms to 3 s).")
    private Duration timeout;

    @Option(
            names = "--settings",
            paramLabel = "SETTINGS",
            defaultValue = "",
            description = "More of its settings: key=value,key=value.")
    private String settings;

    @Option(
            names = "--together",
            paramLabel = "N",
            defaultValue = "40",
            description = "Connections at the same time, leaks not counted (default: ${DEFAULT-VALUE}).")
    private int together;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "40",
            description = "Connections a second, at most (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var jar = agent != null ? agent : besideThisApplication();
        if (!without && !Files.isRegularFile(jar)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "There is no agent at " + jar + "; build it with 'mvn package' or name it with --agent");
        }
        if (together < 1 || rate < 1) {
            throw new ParameterException(spec.commandLine(), "--together and --rate must be at least 1");
        }
        long first = seed != null ? seed : System.currentTimeMillis() % 1_000_000_000;
        var given = new Conditions(action, doubtful, track, timeout == null ? 0 : (int) timeout.toMillis(), 0);
        var totals = new Totals();
        for (long rest = length.toMillis(), number = first; rest > 0; rest -= round.toMillis(), number++) {
            var conditions = Conditions.choose(Plan.random(number, -2), given);
            var played =
                    play(number, conditions, Duration.ofMillis(Math.min(rest, round.toMillis())), without ? null : jar);
            totals.add(played);
        }
        System.out.print(totals.table());
        System.out.println(totals.json(first));
        return totals.isHarmed() ? HARMED : 0;
    }

    private Round play(long number, Conditions conditions, Duration time, Path jar) throws Exception {
        var again = "torture --seed " + number + " --for " + time.toSeconds() + "s --round " + time.toSeconds()
                + "s --action "
                + conditions.action() + " --doubtful " + conditions.doubtful() + " --track " + conditions.track()
                + " --timeout "
                + conditions.timeout() + "ms" + (settings.isEmpty() ? "" : " --settings " + settings);
        System.out.println("round: " + again + " (silent.timeout=" + conditions.silent() + "ms)");
        var played = new Round(number, conditions, together, Round.newDirectory());
        played.play(time, rate, jar, settings);
        var harm = played.checker().harm();
        System.out.println("   " + (harm.isEmpty() ? "no connection was harmed" : harm.size() + " HARMED") + ": "
                + played.checker().connections() + " connections, "
                + played.checker().bytes() + " bytes; " + played.figures());
        if (harm.isEmpty()) {
            played.deleteTraces();
        } else {
            harm.forEach(one -> System.out.println("   HARM " + one));
            System.out.println("   the agent's log and all results: " + played.directory() + "\n   again: " + again);
        }
        return played;
    }

    private static Path besideThisApplication() throws URISyntaxException {
        var application = new File(Torture.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toPath();
        return application
                .resolveSibling("../../agent/target/socket-reaper.jar")
                .normalize();
    }
}
