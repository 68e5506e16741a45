package io.socketreaper.testapp.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Pairs of runs, without the agent and with it in turn, and the ratio of each pair. */
@Command(name = "bench", description = "Measure what the agent costs, as ratios of paired runs.")
public final class Bench {
    @Command(
            name = "read",
            description = "JMH: a read, and an interest change, on a healthy channel.",
            showDefaultValues = true)
    int read(
            @Option(names = "--agent", required = true, paramLabel = "JAR") Path agent,
            @Option(
                            names = "--settings",
                            defaultValue = "",
                            paramLabel = "SETTINGS",
                            description = "The agent's, such as track=all.")
                    String settings,
            @Option(names = "--pairs", defaultValue = "5", paramLabel = "N") int pairs,
            @Option(
                            names = "--only",
                            defaultValue = "",
                            paramLabel = "NAME",
                            description = "One benchmark instead of all.")
                    String only)
            throws RunnerException {
        Map<String, List<double[]>> rows = new LinkedHashMap<>();
        for (int pair = 0; pair < pairs; pair++) {
            var without = jmh(only);
            var with = jmh(only, "-javaagent:" + agent.toAbsolutePath() + (settings.isEmpty() ? "" : "=" + settings));
            without.forEach((name, figures) -> rows.computeIfAbsent(name, n -> new ArrayList<>())
                    .add(new double[] {figures[0], with.get(name)[0], figures[1], with.get(name)[1]}));
        }
        System.out.printf(
                "%n%-22s %14s %12s %22s %20s %18s%n",
                "benchmark", "without ns/op", "with ns/op", "ratio min/median/max", "without B/op", "with B/op");
        rows.forEach((name, figures) -> System.out.printf(
                Locale.ROOT,
                "%-22s %14.1f %12.1f %22s %20.3f %18.3f%n",
                name,
                median(figures, 0),
                median(figures, 1),
                ratios(figures),
                median(figures, 2),
                median(figures, 3)));
        return 0;
    }

    /** Benchmark name to nanoseconds and allocated bytes an operation. */
    private static Map<String, double[]> jmh(String only, String... jvmArguments) throws RunnerException {
        var options = new OptionsBuilder()
                .include(HealthyRead.class.getName() + "\\." + only)
                .forks(1)
                .warmupIterations(2)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementIterations(4)
                .measurementTime(TimeValue.milliseconds(500))
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend(jvmArguments)
                .build();
        Collection<RunResult> results = new Runner(options).run();
        Map<String, double[]> figures = new LinkedHashMap<>();
        for (RunResult result : results) {
            String name = result.getParams().getBenchmark();
            figures.put(name.substring(name.lastIndexOf('.') + 1), new double[] {
                result.getPrimaryResult().getScore(),
                result.getSecondaryResults().get("gc.alloc.rate.norm").getScore()
            });
        }
        return figures;
    }

    @Command(
            name = "churn",
            description = "Connections opened, accepted and closed, the hook connected and not by turns.",
            showDefaultValues = true)
    int churn(
            @Option(names = "--agent", required = true, paramLabel = "JAR") Path agent,
            @Option(names = "--settings", defaultValue = "track=all", paramLabel = "SETTINGS") String settings,
            @Option(
                            names = "--pairs",
                            defaultValue = "500",
                            paramLabel = "N",
                            description = "Of blocks of 500 connections, some 70 ms a pair.")
                    int pairs,
            @Option(
                            names = "--api",
                            defaultValue = "channel",
                            paramLabel = "API",
                            description = "channel or socket; channel-read or socket-read"
                                    + " if one end reads the end of its input.")
                    String api,
            @Option(
                            names = "--jvms",
                            defaultValue = "0",
                            paramLabel = "N",
                            description =
                                    "So many pairs of whole JVMs instead, "
                                            + "without the agent and with it; each runs as many blocks as there would be pairs.")
                    int jvms)
            throws IOException, InterruptedException {
        if (jvms == 0 && pairs < 2) {
            System.err.println(
                    "--pairs must be 2 or more, not " + pairs + ": two pairs make one ratio; nothing was measured");
            return 2;
        }
        String javaAgent = "-javaagent:" + agent.toAbsolutePath() + "=" + settings;
        if (jvms == 0) {
            return new ProcessBuilder(churning(javaAgent, "" + pairs, api))
                    .inheritIO()
                    .start()
                    .waitFor();
        }
        List<double[]> figures = new ArrayList<>();
        for (int jvm = 0; jvm < jvms; jvm++) {
            figures.add(new double[] {
                nanos(churning("-Dno.agent", "" + pairs, api, "whole")),
                nanos(churning(javaAgent, "" + pairs, api, "whole"))
            });
        }
        double[] rates =
                figures.stream().mapToDouble(pair -> pair[0] / pair[1]).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%d pairs of JVMs: without %.0f ns, with %.0f ns (medians); rate with / without:"
                        + " %s (min / median / max)%n",
                jvms,
                median(figures, 0),
                median(figures, 1),
                spread(rates, "%.3f / %.3f / %.3f"));
        return 0;
    }

    private static List<String> churning(String jvmArgument, String... arguments) {
        // A server's heap was touched before; here the first touches of the pages would be most of what garbage costs.
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                jvmArgument,
                "--add-opens",
                "java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Churn.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static double nanos(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = process.inputReader()) {
            double nanos = Double.parseDouble(out.readLine());
            process.waitFor();
            return nanos;
        }
    }

    @Command(
            name = "start",
            description = "Wall time of the shortest program, and of one that makes one connection.",
            showDefaultValues = true)
    int start(
            @Option(names = "--agent", required = true, paramLabel = "JAR") Path agent,
            @Option(names = "--pairs", defaultValue = "31", paramLabel = "N") int pairs)
            throws IOException, InterruptedException {
        System.out.printf("%-10s %12s %12s %28s%n", "program", "without ms", "with ms", "growth ms min/median/max");
        for (String program : List.of("", "connect")) {
            List<double[]> figures = new ArrayList<>();
            for (int pair = -1; pair < pairs; pair++) {
                double without = wallMillis(program, "");
                double with = wallMillis(program, "-javaagent:" + agent.toAbsolutePath());
                if (pair >= 0) {
                    figures.add(new double[] {without, with});
                }
            }
            double[] growth = figures.stream()
                    .mapToDouble(pair -> pair[1] - pair[0])
                    .sorted()
                    .toArray();
            System.out.printf(
                    Locale.ROOT,
                    "%-10s %12.1f %12.1f %28s%n",
                    program.isEmpty() ? "nothing" : program,
                    median(figures, 0),
                    median(figures, 1),
                    spread(growth, "%.0f / %.0f / %.0f"));
        }
        return 0;
    }

    private static double wallMillis(String program, String jvmArgument) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        if (!jvmArgument.isEmpty()) {
            command.add(jvmArgument);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Hello.class.getName()));
        if (!program.isEmpty()) {
            command.add(program);
        }
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("a start took more than a minute");
        }
        return (System.nanoTime() - start) / 1e6;
    }

    @Command(
            name = "suspects",
            description = "How long the command line takes to answer about a JVM with very many leaked sockets.",
            showDefaultValues = true)
    int suspects(
            @Option(names = "--agent", required = true, paramLabel = "JAR") Path agent,
            @Option(names = "--settings", defaultValue = "action=log,timeout=1s,pressure=100%", paramLabel = "SETTINGS")
                    String settings,
            @Option(
                            names = "--count",
                            defaultValue = "18000",
                            paramLabel = "N",
                            description = "Leaked sockets; each needs a descriptor.")
                    int count,
            @Option(
                            names = "--rounds",
                            defaultValue = "11",
                            paramLabel = "N",
                            description = "How often each command is run.")
                    int rounds)
            throws IOException, InterruptedException {
        System.out.printf("%-10s %-24s %28s%n", "suspects", "command", "wall ms min/median/max");
        for (int suspects : new int[] {2, count}) {
            Process leaking = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-javaagent:" + agent.toAbsolutePath() + "=" + settings,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Suspects.class.getName(),
                            "" + suspects)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var out = leaking.inputReader()) {
                if (!Suspects.READY.equals(out.readLine())) {
                    System.err.println("the leaking JVM could not open " + suspects
                            + " sockets; try a smaller --count, or raise ulimit -n");
                    return 1;
                }
                // Until all are found, and reported as the settings say.
                TimeUnit.SECONDS.sleep(10);
                for (String command : List.of("status", "sites", "sockets --limit 20")) {
                    double[] millis = new double[rounds];
                    for (int i = 0; i < rounds; i++) {
                        millis[i] = answerMillis(agent, command, leaking.pid());
                    }
                    Arrays.sort(millis);
                    System.out.printf(
                            Locale.ROOT, "%-10d %-24s %28s%n", suspects, command, spread(millis, "%.0f / %.0f / %.0f"));
                }
            } finally {
                leaking.destroyForcibly();
            }
        }
        return 0;
    }

    /** Of a whole command: a JVM's start, the attach, the answer. */
    private static double answerMillis(Path agent, String command, long pid) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", agent.toString()));
        words.addAll(List.of(command.split(" ")));
        words.add(Long.toString(pid));
        long start = System.nanoTime();
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", words) + " has failed, or took more than a minute");
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(List<double[]> rows, int column) {
        double[] sorted = rows.stream().mapToDouble(row -> row[column]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String ratios(List<double[]> rows) {
        return spread(rows.stream().mapToDouble(row -> row[1] / row[0]).sorted().toArray(), "%.3f / %.3f / %.3f");
    }

    private static String spread(double[] sorted, String format) {
        return String.format(Locale.ROOT, format, sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }
}
