package io.socketreaper.testapp.harness;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * A program with somebody else's libraries: one source file, compiled and run in a child JVM with its own jars, so that
 * programs may need different versions of the same library. Tables of tab-separated values say which.
 *
 * @param columns the program's line in its table, by the names in the table's first line
 */
public record RealProgram(Path source, Map<String, String> columns) {
    private static final Path SOURCES = Path.of("src").toAbsolutePath();
    private static final Path TARGET = Path.of("target", "real-programs").toAbsolutePath();
    private static final Path LIBRARIES = TARGET.resolve("lib");
    private static final Duration FETCHING = Duration.ofMinutes(5);
    private static final Set<Path> COMPILED = new HashSet<>();
    private static final String CASE = "case";
    private static final String JARS = "jars";
    private static final int COORDINATES_WITH_CLASSIFIER = 4;

    /** The programs of {@code src/TABLE}; their sources are in {@code src/DIRECTORY}. */
    public static List<RealProgram> of(String table, String directory) {
        try {
            var lines = Files.readAllLines(SOURCES.resolve(table));
            var names = lines.get(0).split("\t");
            return lines.stream()
                    .skip(1)
                    .filter(line -> !line.isBlank())
                    .map(line -> {
                        var values = line.split("\t", -1);
                        if (values.length != names.length) {
                            throw new IllegalArgumentException(
                                    table + ": " + values.length + " columns instead of " + names.length + ": " + line);
                        }
                        Map<String, String> columns = new LinkedHashMap<>();
                        for (int i = 0; i < names.length; i++) {
                            columns.put(names[i], values[i]);
                        }
                        return new RealProgram(
                                SOURCES.resolve(directory).resolve(columns.get(CASE) + ".java"), columns);
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fetches what the programs need with one run of Maven, unless all of it is there. One test class at a time. */
    public static synchronized void fetchLibraries(List<RealProgram> programs) {
        var missing = programs.stream()
                .flatMap(RealProgram::jars)
                .distinct()
                .sorted()
                .filter(jar -> !Files.exists(LIBRARIES.resolve(fileOf(jar))))
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(TARGET);
            var pom = TARGET.resolve("pom.xml");
            Files.writeString(pom, pom(missing));
            // What an earlier run has fetched may be all there is.
            var output = maven(pom, "-o");
            if (!missing.stream().allMatch(jar -> Files.exists(LIBRARIES.resolve(fileOf(jar))))) {
                output = maven(pom);
            }
            var still = missing.stream()
                    .filter(jar -> !Files.exists(LIBRARIES.resolve(fileOf(jar))))
                    .toList();
            if (!still.isEmpty()) {
                throw new AssertionError("Maven did not fetch " + still + ":\n" + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fetches one jar, unless it is there. */
    public static Path library(String coordinates) {
        fetchLibraries(List.of(new RealProgram(null, Map.of(CASE, coordinates, JARS, coordinates))));
        return LIBRARIES.resolve(fileOf(coordinates));
    }

    private static String maven(Path pom, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("outer.maven.home"), "bin", "mvn").toString(),
                "-B",
                "-q",
                "-f",
                pom.toString(),
                "-Dmaven.repo.local=" + System.getProperty("outer.maven.repository"),
                "generate-resources"));
        var settings = Path.of(System.getProperty("outer.maven.settings", ""));
        if (Files.isRegularFile(settings)) {
            command.addAll(List.of("-s", settings.toString()));
        }
        command.addAll(List.of(more));
        var builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", ChildJvm.javaHome().toString());
        try (var maven = new ChildJvm(builder)) {
            maven.awaitEnd(FETCHING);
            return String.join("\n", maven.out());
        }
    }

    private static String pom(List<String> jars) {
        var items = jars.stream()
                .map(jar -> {
                    var parts = jar.split(":");
                    return "<artifactItem><groupId>" + parts[0] + "</groupId><artifactId>" + parts[1]
                            + "</artifactId><version>"
                            + parts[2] + "</version>"
                            + (parts.length == COORDINATES_WITH_CLASSIFIER
                                    ? "<classifier>" + parts[COORDINATES_WITH_CLASSIFIER - 1] + "</classifier>"
                                    : "")
                            + "</artifactItem>";
                })
                .collect(Collectors.joining("\n"));
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>io.socketreaper</groupId>
                  <artifactId>real-programs</artifactId>
                  <version>0</version>
                  <packaging>pom</packaging>
                  <build><plugins><plugin>
                    <artifactId>maven-dependency-plugin</artifactId>
                    <version>%s</version>
                    <executions><execution>
                      <phase>generate-resources</phase>
                      <goals><goal>copy</goal></goals>
                      <configuration>
                        <prependGroupId>true</prependGroupId>
                        <outputDirectory>%s</outputDirectory>
                        <artifactItems>
                %s
                        </artifactItems>
                      </configuration>
                    </execution></executions>
                  </plugin></plugins></build>
                </project>
                """.formatted(System.getProperty("dependency.plugin.version"), LIBRARIES, items);
    }

    private Stream<String> jars() {
        return Stream.of(columns.get(JARS).split(",")).map(String::trim).filter(jar -> !jar.isEmpty());
    }

    private static String fileOf(String coordinates) {
        var parts = coordinates.split(":");
        return parts[0] + "." + parts[1] + "-" + parts[2]
                + (parts.length == COORDINATES_WITH_CLASSIFIER ? "-" + parts[COORDINATES_WITH_CLASSIFIER - 1] : "")
                + ".jar";
    }

    public String name() {
        return columns.get(CASE);
    }

    public String column(String name) {
        var value = columns.get(name);
        if (value == null) {
            throw new IllegalArgumentException("there is no column " + name + " in " + columns.keySet());
        }
        return value;
    }

    /** Compiled by the JDK that will run it; once, because another test may be running what it has compiled. */
    public RealProgram compile() {
        synchronized (COMPILED) {
            if (!COMPILED.contains(classes())) {
                compileAnew();
                COMPILED.add(classes());
            }
        }
        return this;
    }

    private void compileAnew() {
        var errors = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        var options = List.of("-d", classes().toString(), "-cp", libraries(), "-proc:none", "-nowarn");
        try {
            Files.createDirectories(classes());
            if (!compiler.getTask(errors, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new AssertionError(source + " cannot be compiled:\n" + errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path classes() {
        return TARGET.resolve("classes").resolve(name() + "-" + Integer.toHexString(columns.hashCode()));
    }

    private String libraries() {
        var path = new ArrayList<String>();
        path.add(Jvm.applicationClasses().toString());
        new TreeSet<>(jars().toList())
                .forEach(jar -> path.add(LIBRARIES.resolve(fileOf(jar)).toString()));
        return String.join(File.pathSeparator, path);
    }

    /** Its command line, sparing of a small machine; peers are found in {@code peers} beside the sources, as when it is started by hand. */
    public Jvm jvm(int connections, int watchSeconds, String... more) {
        var arguments = Stream.concat(Stream.of("" + connections, "" + watchSeconds), Stream.of(more))
                .toArray(String[]::new);
        return Jvm.classPath(classes() + File.pathSeparator + libraries(), name(), arguments)
                .option("-XX:+UseSerialGC")
                // Most of what they run, they run a few times.
                .option("-XX:CompileThresholdScaling=4");
    }

    @Override
    public String toString() {
        return name();
    }
}
