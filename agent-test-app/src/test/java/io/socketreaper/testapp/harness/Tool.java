package io.socketreaper.testapp.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code java -jar socket-reaper.jar COMMAND}, as a user would. */
public final class Tool {
    /** A command's JVM lives for half a second: on a small machine the optimising compiler costs more than it gains. */
    private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    /** Keeps no figures for {@code jps} and its like, which takes a tenth of a second of a processor's time. */
    private static final String UNSEEN = "-XX:-UsePerfData";
    /** Their own JVM must not be among what they show. */
    private static final Set<String> SEES_ITSELF = Set.of("list", "scan");

    /** Each look is a JVM that takes as long of a processor's time; other tests run beside it. */
    private static final long BETWEEN_LOOKS_MILLIS = 400;

    private Tool() {}

    /** Started; its end is to be awaited. */
    public static ChildJvm start(String... arguments) {
        var command = new ArrayList<>(SHORT_LIVED);
        if (arguments.length == 0 || !SEES_ITSELF.contains(arguments[0])) {
            command.add(UNSEEN);
        }
        command.addAll(List.of("-jar", Jvm.AGENT.toString()));
        command.addAll(List.of(arguments));
        return Jvm.tool("java", command.toArray(String[]::new));
    }

    /**
     * Started on a terminal of 30 lines and 80 columns, which is also its standard input; what it writes to the terminal is its
     * standard output. Ctrl-C interrupts it also where these tests run in the background, whose children ignore that.
     *
     * @param redirected what a shell does to it, e.g. {@code 2>FILE}
     */
    public static ChildJvm onTerminal(Map<String, String> environment, String redirected, String... arguments) {
        return inShell(environment, "exec " + command(arguments) + " " + redirected);
    }

    /** The same; when it has ended, also by Ctrl-C, a shell runs another command on that terminal. */
    public static ChildJvm onTerminalAndThen(String then, String... arguments) {
        return inShell(Map.of(), "trap : INT; " + command(arguments) + "; echo ended with $?; " + then);
    }

    /** The same with a shell that has job control: the other command runs when it has ended or was stopped. */
    public static ChildJvm asJobAndThen(String then, String... arguments) {
        return inShell(Map.of(), "set -m; " + command(arguments) + "; echo stopped with $?; " + then);
    }

    private static String command(String... arguments) {
        var command = new StringBuilder(
                "env --default-signal=INT '" + ChildJvm.javaHome().resolve("bin/java") + "' "
                        + String.join(" ", SHORT_LIVED) + " -jar '" + Jvm.AGENT + "'");
        for (String argument : arguments) {
            command.append(" '").append(argument).append('\'');
        }
        return command.toString();
    }

    private static ChildJvm inShell(Map<String, String> environment, String commands) {
        var script = new ProcessBuilder("script", "-qefc", "stty rows 30 cols 80; " + commands, "/dev/null");
        script.environment()
                .keySet()
                .removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "NO_COLOR"));
        script.environment().put("TERM", "xterm");
        script.environment().putAll(environment);
        return new ChildJvm(script);
    }

    /** Runs it to its end; returns what it has said on standard output. */
    public static String run(int exitCode, String... arguments) {
        try (var tool = start(arguments)) {
            tool.awaitEnd().expectExitCode(exitCode);
            return String.join("\n", exitCode == 0 ? tool.out() : tool.err());
        }
    }

    /** Runs it to its end; returns the value that it prints with {@code --json}. */
    public static JsonElement json(String... arguments) {
        return parsed(
                run(0, Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray(String[]::new)));
    }

    public static JsonElement parsed(String json) {
        return JsonParser.parseString(json);
    }

    /** Runs it with {@code --json} until the value is as it should be; returns the value. */
    public static JsonElement await(ChildJvm target, String what, Predicate<JsonElement> wanted, String... arguments) {
        JsonElement said = JsonNull.INSTANCE;
        for (long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos(); System.nanoTime() - deadline < 0; ) {
            said = json(arguments);
            if (wanted.test(said)) {
                return said;
            }
            pause();
        }
        throw target.failure(String.join(" ", arguments) + " never showed " + what + " but at last:\n" + said);
    }

    /** Runs it until some line of what it says is like that; returns all of it. */
    public static String until(ChildJvm target, String regex, String... arguments) {
        var pattern = Pattern.compile(regex);
        String said = "";
        for (long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos(); System.nanoTime() - deadline < 0; ) {
            said = run(0, arguments);
            if (pattern.matcher(said).find()) {
                return said;
            }
            pause();
        }
        throw target.failure(String.join(" ", arguments) + " never said '" + regex + "' but at last:\n" + said);
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }

    /** Says something like that. */
    public static String expect(ChildJvm target, String said, String... regexes) {
        for (String regex : regexes) {
            if (!Pattern.compile(regex, Pattern.MULTILINE).matcher(said).find()) {
                throw target.failure("the tool said nothing like '" + regex + "' but:\n" + said);
            }
        }
        return said;
    }
}
