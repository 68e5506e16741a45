package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches what reading the settings makes a JVM load before the application's first line. */
class StartCostTest {
    /** What costs start-up time, or what the application may want to configure before its first use. */
    private static final List<String> UNWANTED = List.of(
            "java.lang.invoke.",
            "java.util.regex.",
            "java.util.stream.",
            "java.util.logging.",
            "java.util.Formatter",
            "java.net.InetAddress",
            "java.net.Inet4Address",
            "java.nio.file.",
            "java.nio.channels.",
            "java.text.",
            "java.time.",
            "sun.nio.fs.",
            "sun.net.");

    @TempDir
    private Path directory;

    @Test
    void readingTheSettingsLoadsNothingThatIsSlowOrTheApplicationsToConfigure() throws Exception {
        var file = Files.writeString(
                directory.resolve("agent.properties"), "drain-bytes=1MiB\nexclude=remote:[::1]:80;stack:a.*\n");

        var loaded = classesLoadedBy("-Dsocketreaper.timeout=3s", "action=drain,config=" + file);
        assertTrue(loaded.contains("io.socketreaper.config.ExclusionRule"), "the child read everything: " + loaded);
        loaded.removeAll(classesLoadedBy("-Dempty=1"));
        loaded.removeIf(name -> UNWANTED.stream().noneMatch(name::startsWith));

        assertEquals(List.of(), List.copyOf(loaded));
    }

    private static TreeSet<String> classesLoadedBy(String property, String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:stdout:none",
                property,
                "-cp",
                classPath(),
                Child.class.getName()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
        return lines.stream().map(line -> line.split(" ")[0]).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String classPath() throws URISyntaxException {
        return location(Child.class) + File.pathSeparator + location(SettingsReader.class);
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Reads the settings like the agent does, or, without arguments, does nothing. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            if (arguments.length > 0) {
                var effective = SettingsReader.read(arguments[0], System.getProperties(), System.getenv());
                if (effective.observesOnly() || effective.startLine().isEmpty()) {
                    throw new IOException(effective.problems().toString());
                }
            }
        }
    }
}
