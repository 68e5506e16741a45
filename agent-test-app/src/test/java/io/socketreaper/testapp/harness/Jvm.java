package io.socketreaper.testapp.harness;

import io.socketreaper.testapp.Main;
import io.socketreaper.testapp.SocketDescriptors;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Stream;

/** The command line of a {@link ChildJvm}, put together as a user would. */
public final class Jvm {
    public static final Path AGENT = jar("agent.jar");
    /** What a program compiles against. */
    public static final Path API = jar("api.jar");

    public static final Path APP = jar("app.jar");

    /** The setting that has the agent log JSON lines on standard error. */
    public static final String JSON = "log=json";

    /** They would add options and lines of their own to every child. */
    private static final List<String> FOREIGN_VARIABLES =
            List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private final List<String> options = new ArrayList<>();
    private final List<String> program;
    private final ProcessBuilder builder = new ProcessBuilder();
    private String limit;
    private Path javaHome = ChildJvm.javaHome();

    private Jvm(List<String> program) {
        this.program = program;
        builder.environment()
                .keySet()
                .removeIf(name -> FOREIGN_VARIABLES.contains(name) || name.startsWith("SOCKETREAPER_"));
    }

    /** {@code java -jar agent-test-app.jar ARGUMENTS}. */
    public static Jvm app(String... arguments) {
        return new Jvm(join(List.of("-jar", APP.toString()), arguments));
    }

    /** The test application with Netty 4.2 instead of the 4.1 that its jar names. */
    public static Jvm appOnNetty42(String... arguments) {
        var classPath = new StringJoiner(File.pathSeparator);
        classPath
                .add(locationOf(Main.class).toString())
                .add(Path.of(System.getProperty("netty42.lib"), "*").toString());
        for (var library :
                new File(APP.getParent().toFile(), "lib").listFiles((lib, name) -> !name.startsWith("netty-"))) {
            classPath.add(library.toString());
        }
        return new Jvm(join(List.of("-cp", classPath.toString(), Main.class.getName()), arguments));
    }

    /** A program among the tests' classes; what it needs is in java.base. */
    public static Jvm program(Class<?> main, String... arguments) {
        var classPath = locationOf(main) + File.pathSeparator + locationOf(SocketDescriptors.class);
        return new Jvm(join(List.of("-cp", classPath, main.getName()), arguments));
    }

    /** A program among the tests' classes, with libraries of its own. */
    public static Jvm programWith(List<Path> libraries, Class<?> main, String... arguments) {
        var classPath = new StringJoiner(File.pathSeparator)
                .add(locationOf(main).toString())
                .add(locationOf(SocketDescriptors.class).toString());
        libraries.forEach(library -> classPath.add(library.toString()));
        return new Jvm(join(List.of("-cp", classPath.toString(), main.getName()), arguments));
    }

    /** Any program on any class path. */
    public static Jvm classPath(String classPath, String main, String... arguments) {
        return new Jvm(join(List.of("-cp", classPath, main), arguments));
    }

    /** The test application's own classes, without its libraries. */
    public static Path applicationClasses() {
        return locationOf(SocketDescriptors.class);
    }

    /** {@code -javaagent} of Socket Reaper with these arguments; it logs JSON lines, which tests read as events. */
    public Jvm agent(String arguments) {
        return agentWithItsLog(arguments + (arguments.isEmpty() ? "" : ",") + JSON);
    }

    /** {@code -javaagent} of Socket Reaper, with these arguments unless they are empty: its log is what they say, else text. */
    public Jvm agentWithItsLog(String arguments) {
        return option("-javaagent:" + AGENT + (arguments.isEmpty() ? "" : "=" + arguments));
    }

    public Jvm option(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    public Jvm environment(String name, String value) {
        builder.environment().put(name, value);
        return this;
    }

    /** Runs it on another runtime image. */
    public Jvm on(Path image) {
        javaHome = image;
        return this;
    }

    /** With so many descriptors and not one more. */
    public Jvm descriptors(int limit) {
        this.limit = "-n " + limit;
        return this;
    }

    /** With so many descriptors as long as nobody raises the limit; the JVM itself would do it at once. */
    public Jvm descriptorsAtFirst(int limit) {
        this.limit = "-S -n " + limit;
        return option("-XX:-MaxFDLimit");
    }

    /**
     * Children live for seconds, several side by side on a small machine: the optimising compiler would take a third of the
     * processors' time.
     */
    public ChildJvm start() {
        var command = new ArrayList<String>();
        if (limit != null) {
            command.addAll(List.of("bash", "-c", "ulimit " + limit + " && exec \"$@\"", "java"));
        }
        command.add(javaHome.resolve("bin/java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.addAll(program);
        return new ChildJvm(builder.command(command));
    }

    /** A tool of the JDK that runs the tests, such as {@code jcmd}. */
    public static ChildJvm tool(String name, String... arguments) {
        var tool = ChildJvm.javaHome().resolve("bin").resolve(name).toString();
        return new ChildJvm(new Jvm(List.of()).builder.command(join(List.of(tool), arguments)));
    }

    /**
     * Plays the same scenario, watched ever longer, until the agent has reported what it should: it gives a socket a new
     * window whenever it was late itself, which on a busy machine it often is.
     *
     * @param watchedFor makes the command line from the value of {@code --for}
     * @return the child that came to its end last, to be closed by the caller
     */
    public static ChildJvm untilReported(EventPattern pattern, Function<String, Jvm> watchedFor) {
        for (var watched : new String[] {"4s", "12s"}) {
            var child = watchedFor.apply(watched).start();
            if (!child.awaitEnd().events(pattern).isEmpty()) {
                return child;
            }
            child.close();
        }
        return watchedFor.apply("40s").start().awaitEnd();
    }

    public static int feature() {
        return Runtime.version().feature();
    }

    private static Path jar(String property) {
        return Path.of(System.getProperty(property)).toAbsolutePath().normalize();
    }

    /** The jar or directory that a class was loaded from. */
    public static Path locationOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> join(List<String> first, String... more) {
        return Stream.concat(first.stream(), Stream.of(more)).toList();
    }
}
