package io.socketreaper.testapp.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The image's Dockerfile, as far as it can be checked without a container engine. */
class DockerfileTest {
    private static final Path AGENT = Path.of("..", "agent");
    private static final String JAR = "/socket-reaper.jar";
    private static final Set<String> INSTRUCTIONS = Set.of("FROM", "COPY", "USER", "CMD");
    /** Of a base image: scratch, or a name with a version of three numbers. */
    private static final Pattern PINNED = Pattern.compile("scratch|[a-z]+:\\d+\\.\\d+\\.\\d+[\\w.-]*");

    private static final Pattern NUMERIC_USER = Pattern.compile("[1-9]\\d*:[1-9]\\d*");

    private record Instruction(String name, String arguments) {}

    private final List<Instruction> instructions = instructions();

    DockerfileTest() throws IOException {}

    private static List<Instruction> instructions() throws IOException {
        var instructions = new ArrayList<Instruction>();
        for (var line : Files.readAllLines(AGENT.resolve("Dockerfile"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                var parts = line.split(" ", 2);
                instructions.add(new Instruction(parts[0], parts[1]));
            }
        }
        return instructions;
    }

    private List<String> all(String name) {
        return instructions.stream()
                .filter(each -> each.name().equals(name))
                .map(Instruction::arguments)
                .toList();
    }

    @Test
    void itUsesFewInstructionsAndBeginsWithABaseImage() {
        assertEquals("FROM", instructions.get(0).name());
        instructions.forEach(each -> assertTrue(INSTRUCTIONS.contains(each.name()), each::toString));
    }

    @Test
    void itsBaseImagesArePinned() {
        for (var from : all("FROM")) {
            assertTrue(PINNED.matcher(from.split(" ")[0]).matches(), from);
        }
        assertEquals(2, all("FROM").size());
    }

    /** From the build, or from an earlier stage; the context holds what is copied. */
    @Test
    void itCopiesTheJarOnly() throws IOException {
        var stages = new TreeSet<String>();
        for (var each : instructions) {
            var words = each.arguments().split(" ");
            if (each.name().equals("FROM") && words.length == 3) {
                assertEquals("AS", words[1]);
                stages.add(words[2]);
            } else if (each.name().equals("COPY")) {
                assertEquals(JAR, words[words.length - 1]);
                if (words[0].startsWith("--from=")) {
                    assertTrue(stages.contains(words[0].substring("--from=".length())), each::toString);
                    assertEquals(JAR, words[1]);
                } else {
                    assertEquals("target" + JAR, words[0]);
                    assertTrue(
                            Files.readString(AGENT.resolve("pom.xml")).contains("<finalName>socket-reaper</finalName>"),
                            "the build makes another file");
                }
            }
        }
        assertEquals(
                List.of("*", "!target" + JAR),
                Files.readAllLines(AGENT.resolve(".dockerignore")),
                "the context is sent without the sources");
    }

    @Test
    void itDoesNotRunAsRoot() {
        assertEquals(1, all("USER").size());
        assertTrue(NUMERIC_USER.matcher(all("USER").get(0)).matches());
    }

    /** In the form that needs no shell; the pages name the same paths. */
    @Test
    void itsCommandIsThatOfThePages() throws IOException {
        assertEquals(1, all("CMD").size());
        var command = new ArrayList<String>();
        JsonParser.parseString(all("CMD").get(0)).getAsJsonArray().forEach(word -> command.add(word.getAsString()));
        assertEquals(List.of("cp", JAR, "/agent/"), command);
        for (var page : List.of("containers.md", "fleet.md")) {
            assertTrue(
                    Files.readString(Path.of("..", "docs", page))
                            .contains("command: [" + String.join(", ", command) + "]"),
                    page);
        }
    }
}
