package io.socketreaper.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each line of a {@code message} box in docs/troubleshooting.md is in one source of the agent, whose expressions are "...". */
class TroubleshootingDocTest {
    private static final Pattern BOX = Pattern.compile("(?ms)^```message$(.*?)^```$");
    private static final String VALUE = "...";
    /** Where a message may be put together: at a value, and between clauses. */
    private static final Pattern CLAUSE = Pattern.compile(Pattern.quote(VALUE) + "|[,;:] ");

    private static final int LEAST_TEXT = 9;

    @Test
    void everyMessageIsInTheSources() throws IOException {
        var sources = sources();
        var missing = messages().stream()
                .filter(message -> sources.stream().noneMatch(source -> has(source, message)))
                .toList();
        assertEquals(List.of(), missing, "no source has such a message");
    }

    @Test
    void aMessageThatIsNotThereIsMissed() throws IOException {
        for (String invented : List.of("the moon is full", "process ... cannot be attached to: by moonlight")) {
            for (String source : sources()) {
                assertFalse(has(source, invented), invented);
            }
        }
    }

    private static List<String> messages() throws IOException {
        var messages = BOX.matcher(Files.readString(GeneratedPart.file("troubleshooting.md")))
                .results()
                .flatMap(box -> box.group(1).lines())
                .filter(line -> !line.isBlank())
                .toList();
        assertTrue(messages.size() > 20, messages::toString);
        for (String message : messages) {
            assertTrue(message.replace(VALUE, "").length() >= LEAST_TEXT, "too short to prove anything: " + message);
        }
        return messages;
    }

    /** Its clauses in any order, because a method that makes a part of a message may stand after its caller. */
    private static boolean has(String source, String message) {
        return Arrays.stream(CLAUSE.split(message)).map(String::strip).allMatch(source::contains);
    }

    /** With string constants that are put together made one. */
    private static List<String> sources() throws IOException {
        var main = GeneratedPart.file("architecture.md")
                .toAbsolutePath()
                .getParent()
                .resolveSibling("agent")
                .resolve("src")
                .resolve("main")
                .resolve("java");
        var sources = new ArrayList<String>();
        try (var files = Files.walk(main)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                sources.add(
                        Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "").replace("\\\"", "\""));
            }
        }
        assertTrue(sources.size() > 100);
        return sources;
    }
}
