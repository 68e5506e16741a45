package io.socketreaper.testapp.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.RealProgram;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs that {@code docs/comparison.md} has measured compile as they stand, with the libraries in the versions that the page names. */
class ComparisonDocIT {
    private static final Path SOURCES = Path.of("src", "comparison");
    private static final Path PAGE = Path.of("..", "docs", "comparison.md");
    private static final Pattern NAMED = Pattern.compile("agent-test-app/src/comparison/(\\w+\\.(?:java|py))");
    /** By its name in the page. */
    private static final Map<String, String> LIBRARIES =
            Map.of("HikariCP", "com.zaxxer:HikariCP:", "H2", "com.h2database:h2:");

    @TempDir
    private Path classes;

    @ParameterizedTest
    @ValueSource(strings = {"FourLeaks", "NettyQuota", "Hikari"})
    void compilesAsItStands(String program) throws IOException {
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var options = List.of("-proc:none", "-d", classes.toString(), "-cp", libraries(program));
            var sources = files.getJavaFileObjects(SOURCES.resolve(program + ".java"));
            assertTrue(
                    compiler.getTask(said, files, null, options, null, sources).call(), said::toString);
        }
        assertTrue(Files.exists(classes.resolve(program + ".class")), "not in a package of its own");
    }

    private static String libraries(String program) throws IOException {
        return switch (program) {
            case "NettyQuota" -> jars(Path.of(System.getProperty("netty42.lib")), version("Netty"));
            case "Hikari" ->
                LIBRARIES.entrySet().stream()
                        .map(library -> RealProgram.library(library.getValue() + version(library.getKey()))
                                .toString())
                        .collect(Collectors.joining(File.pathSeparator));
            default -> "";
        };
    }

    private static String jars(Path directory, String version) throws IOException {
        try (Stream<Path> jars = Files.list(directory)) {
            var named = jars.map(Path::toString).sorted().toList();
            assertTrue(named.stream().allMatch(jar -> jar.contains("-" + version + ".Final.jar")), named::toString);
            return String.join(File.pathSeparator, named);
        }
    }

    /** As the page names it. */
    private static String version(String library) {
        try {
            var named = Pattern.compile("\\b" + library + " (\\d+(?:\\.\\d+)+)").matcher(Files.readString(PAGE));
            assertTrue(named.find(), "the page names no version of " + library);
            return named.group(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void thePageNamesEachOfThem() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            var there = files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
            var named = NAMED.matcher(Files.readString(PAGE))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(there, named);
        }
    }
}
