package io.socketreaper.testapp.doc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Java that the documentation shows compiles: it is in a source of the tests, word for word. */
class ApiDocIT {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Path SUITE = Path.of("src", "test", "java", "io", "socketreaper", "testapp", "suite");

    @ParameterizedTest
    @CsvSource({"testing.md, TestingExample.java", "listener.md, ListenerExample.java"})
    void isInASource(String page, String source) throws IOException {
        var compiled = withoutIndentation(Files.readString(SUITE.resolve(source)));
        var blocks = JAVA.matcher(Files.readString(Path.of("..", "docs", page)));
        assertTrue(blocks.find(), page + " shows no Java");
        do {
            assertTrue(
                    compiled.contains(withoutIndentation(blocks.group(1))),
                    source + " does not contain " + blocks.group(1));
        } while (blocks.find());
    }

    private static String withoutIndentation(String java) {
        return java.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .reduce("", (all, line) -> all + "\n" + line);
    }
}
