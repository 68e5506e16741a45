package io.socketreaper.testapp.start;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.Jvm;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apiguardian.api.API;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.commons.support.ReflectionSupport;
import org.opentest4j.AssertionFailedError;

/** The jar that programs and test suites compile against. */
class ApiJarIT {
    private static final long LARGEST = 100_000;
    private static final Pattern KNOWN = Pattern.compile(
            "io/socketreaper/(api|bridge|junit)/[\\w$-]+\\.class"
                    + "|META-INF/(MANIFEST\\.MF|LICENSE|NOTICE|maven/io\\.socketreaper/socket-reaper-api/pom\\.(xml|properties))");
    private static final String LISTENER = """
            import io.socketreaper.api.LeakReport;
            import io.socketreaper.api.SocketReaper;

            public class Listener {
                public static void main(String[] arguments) {
                    try (SocketReaper.Registration registration = SocketReaper.onLeak(Listener::leaked)) {
                        System.out.println("active " + SocketReaper.isActive() + " " + (registration != null));
                    }
                }

                private static void leaked(LeakReport leak) {
                    System.out.println(leak.site() + leak.text());
                }
            }
            """;
    private static final String SUITE = """
            import io.socketreaper.junit.NoSocketLeaks;
            import org.junit.jupiter.api.Test;

            @NoSocketLeaks
            class Suite {
                @Test
                @NoSocketLeaks(timeoutMillis = 500, kinds = NoSocketLeaks.Kind.UNREACHABLE)
                void test() {}
            }
            """;

    @TempDir
    private Path directory;

    @Test
    void itIsSmallAndHoldsTheApiOnly() throws IOException {
        assertTrue(Files.size(Jvm.API) < LARGEST, () -> Jvm.API + " is too large");
        try (var jar = new JarFile(Jvm.API.toFile())) {
            var names = jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(entry -> entry.getName())
                    .toList();
            assertEquals(
                    List.of(),
                    names.stream()
                            .filter(name -> !KNOWN.matcher(name).matches())
                            .toList());
            assertTrue(
                    names.containsAll(List.of(
                            "io/socketreaper/api/SocketReaper.class",
                            "io/socketreaper/junit/NoSocketLeaks.class",
                            "META-INF/LICENSE",
                            "META-INF/NOTICE")),
                    names::toString);
        }
    }

    /** So it does not matter which of the two stands first on a class path. */
    @Test
    void itsClassesAreThoseOfTheAgent() throws IOException {
        try (var api = new JarFile(Jvm.API.toFile());
                var agent = new JarFile(Jvm.AGENT.toFile())) {
            for (var entry : api.stream()
                    .filter(each -> each.getName().endsWith(".class"))
                    .toList()) {
                assertArrayEquals(
                        agent.getInputStream(agent.getJarEntry(entry.getName())).readAllBytes(),
                        api.getInputStream(entry).readAllBytes(),
                        entry.getName());
            }
        }
    }

    @Test
    void aProgramCompilesAgainstItAloneAndRunsWithoutTheAgent() throws IOException {
        compile("Listener", LISTENER, Jvm.API.toString());
        try (var child = Jvm.classPath(directory + File.pathSeparator + Jvm.API, "Listener")
                .start()) {
            child.awaitEnd().expectExitCode(0).expect("output", List.of("active false true"), child.out());
        }
    }

    @Test
    void aTestSuiteCompilesAgainstItAndJUnit() throws IOException {
        var junit = Stream.of(Test.class, ReflectionSupport.class, AssertionFailedError.class, API.class)
                .map(type -> Jvm.locationOf(type).toString())
                .collect(Collectors.joining(File.pathSeparator));
        compile("Suite", SUITE, Jvm.API + File.pathSeparator + junit);
    }

    private void compile(String name, String source, String classPath) throws IOException {
        var file = Files.writeString(directory.resolve(name + ".java"), source);
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var options = List.of(
                    "-d",
                    directory.toString(),
                    "-cp",
                    classPath,
                    "-proc:none",
                    "--release",
                    "17",
                    "-Xlint:all",
                    "-Werror");
            assertTrue(
                    compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(file))
                            .call(),
                    said::toString);
        }
    }
}
