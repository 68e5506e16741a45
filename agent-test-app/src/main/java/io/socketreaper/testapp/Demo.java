package io.socketreaper.testapp;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the founding story without the agent, with the agent watching and with the agent releasing. */
@Command(
        name = "demo",
        description = "Play smtp-reject without the agent, with action=log and with action=drain.",
        showDefaultValues = true)
final class Demo implements Callable<Integer> {
    /** How long a phase is watched beyond the agent's timeout. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    private static final String ROW = "%-24s %8s %16s %30s %10s %6s%n";

    @Option(names = "--sockets", paramLabel = "N", defaultValue = "50", description = "Connections to play.")
    private int sockets;

    @Option(names = "--timeout", paramLabel = "DURATION", defaultValue = "3s", description = "The agent's timeout.")
    private Duration timeout;

    @Option(
            names = "--agent",
            paramLabel = "JAR",
            description = "The agent; by default agent/target/socket-reaper.jar of the build this application is from.")
    private Path agent;

    @Spec
    private CommandSpec spec;

    private record Phase(String title, List<String> jvmOptions) {}

    @Override
    public Integer call() throws Exception {
        var jar = agent != null ? agent : besideThisApplication();
        if (!Files.isRegularFile(jar)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "There is no agent at " + jar + "; build it with 'mvn package' or name it with --agent");
        }
        if (sockets < 1) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '--sockets': " + sockets + " is less than 1");
        }
        var table = new StringBuilder(ROW.formatted(
                "agent", "opened", "held afterwards", "clients with the complete 552", "clean end", "reset"));
        for (var phase : List.of(
                new Phase("none", List.of()),
                new Phase("log", List.of(agentOption(jar, "log", ",log-interval=1s"))),
                new Phase("drain", List.of(agentOption(jar, "drain", ""))))) {
            var result = play(phase);
            if (result.isEmpty()) {
                System.err.println("The application gave no result with the agent setting '" + phase.title() + "'.");
                return 1;
            }
            table.append(ROW.formatted(
                    described(phase),
                    result.get("opened"),
                    result.get("held"),
                    result.get("replies_complete"),
                    result.get("peer_eof"),
                    result.get("peer_reset")));
        }
        System.out.printf("%n%s", table);
        return 0;
    }

    /** The fields of the child's RESULT line, empty if there was none. */
    private Map<String, String> play(Phase phase) throws IOException, InterruptedException {
        System.out.printf("%n== smtp-reject, agent: %s%n", described(phase));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(phase.jvmOptions());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "smtp-reject",
                "--sockets",
                Integer.toString(sockets),
                "--for",
                timeout.plus(MARGIN).toMillis() + "ms"));
        var child = new ProcessBuilder(command).redirectErrorStream(true).start();
        Map<String, String> result = Map.of();
        try (var lines = child.inputReader()) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println("[" + phase.title() + "] " + line);
                if (line.startsWith("RESULT ")) {
                    result = fields(line);
                }
            }
        }
        child.waitFor();
        return result;
    }

    private static Map<String, String> fields(String line) {
        return Stream.of(line.split(" "))
                .skip(1)
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(field -> field[0], field -> field[1]));
    }

    private String described(Phase phase) {
        return phase.jvmOptions().isEmpty() ? "none" : settings(phase.title());
    }

    private String agentOption(Path jar, String action, String more) {
        return "-javaagent:" + jar + "=" + settings(action) + more;
    }

    private String settings(String action) {
        long millis = timeout.toMillis();
        return "action=" + action + ",timeout=" + (millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms");
    }

    private static Path besideThisApplication() throws URISyntaxException {
        var application = new File(Demo.class
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
