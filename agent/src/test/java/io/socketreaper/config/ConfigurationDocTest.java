package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps docs/configuration.md true: its table is generated from the declarations, its examples are read by the agent. */
class ConfigurationDocTest {
    private static final String BEGIN = "<!-- settings table: generated, see ConfigurationDocTest -->\n";
    private static final String END = "<!-- end of the settings table -->";
    private static final String UPDATE = "mvn -pl agent test -Dtest=ConfigurationDocTest -Dupdate-docs=true";

    @Test
    void theTableInTheDocumentationIsTheTableInTheCode() throws IOException {
        var file = file();
        String text = Files.readString(file);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        assertTrue(text.contains(BEGIN) && end >= begin, file + " has lost the lines around its table: " + BEGIN + END);

        if (Boolean.getBoolean("update-docs")) {
            Files.writeString(file, text.substring(0, begin) + table() + text.substring(end));
            return;
        }
        assertEquals(table(), text.substring(begin, end), file + " is out of date. To update it, run: " + UPDATE);
    }

    @Test
    void eachAgentArgumentInTheDocumentationIsValid() throws IOException {
        var arguments = examples("-javaagent:socket-reaper\\.jar=([^ '`\"\n]*)");
        assertFalse(arguments.isEmpty());
        for (var argument : arguments) {
            assertValid(argument.group(1), null, null);
        }
    }

    @Test
    void eachSystemPropertyInTheDocumentationIsValid() throws IOException {
        var properties = examples("-D(socketreaper\\.[a-z.-]+)=([^ '`\"\n]+)");
        assertFalse(properties.isEmpty());
        for (var property : properties) {
            var read = new Properties();
            read.setProperty(property.group(1), property.group(2));
            assertValid(null, read, null);
        }
    }

    @Test
    void eachEnvironmentVariableInTheDocumentationIsValid() throws IOException {
        var variables = examples("\\b(SOCKETREAPER_[A-Z_]+)=([^ '`\"\n]+)");
        assertFalse(variables.isEmpty());
        for (var variable : variables) {
            assertValid(null, null, Map.of(variable.group(1), variable.group(2)));
        }
    }

    @Test
    void eachSettingsFileInTheDocumentationIsValid(@TempDir Path directory) throws IOException {
        var files = examples("(?s)```properties\n(.*?)```");
        assertFalse(files.isEmpty());
        for (var content : files) {
            var file = Files.writeString(directory.resolve("example.properties"), content.group(1));
            assertValid("config=" + file, null, null);
        }
    }

    @Test
    void theProblemsQuotedInTheDocumentationAreTheOnesThatAreReported() throws IOException {
        var quoted = new TreeMap<String, String>();
        for (var block : examples("(?s)```problem ([^\n]*)\n(.*?)\n```")) {
            quoted.put(block.group(1), block.group(2));
        }
        assertFalse(quoted.isEmpty());
        for (var example : quoted.entrySet()) {
            var problems = SettingsReader.read(example.getKey(), null, null).problems();
            assertEquals(example.getValue(), problems.get(0));
        }
    }

    private static void assertValid(String arguments, Properties properties, Map<String, String> environment) {
        var effective = SettingsReader.read(arguments, properties, environment);
        var problems = new ArrayList<>(effective.problems());
        problems.removeIf(
                problem -> problem.contains("/etc/socket-reaper.properties")); // exists on the reader's machine
        assertEquals(List.of(), problems);
    }

    private static List<MatchResult> examples(String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file()))
                .results()
                .toList();
    }

    private static String table() {
        var table = new StringBuilder(
                "| Setting | Default | Kind | Valid | Changes at run time | Meaning |\n|---|---|---|---|---|---|\n");
        for (var setting : Settings.table()) {
            table.append("| `")
                    .append(setting.name)
                    .append("` | `")
                    .append(setting.defaultText)
                    .append("` | ")
                    .append(setting.unit())
                    .append(" | ")
                    .append(setting.range())
                    .append(" | ")
                    .append(setting.isFixed() ? "no" : "yes")
                    .append(" | ")
                    .append(setting.doc)
                    .append(" |\n");
        }
        return table.toString();
    }

    /** Maven runs the tests in the module's directory, an IDE often in the project's. */
    private static Path file() {
        var inModule = Path.of("..", "docs", "configuration.md");
        return Files.exists(inModule) ? inModule : Path.of("docs", "configuration.md");
    }
}
