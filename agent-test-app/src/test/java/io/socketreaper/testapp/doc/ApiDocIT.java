package io.socketreaper.testapp.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The Java that the documentation shows compiles as it stands, against the agent's jar, and is what the tests run: a source
 * of theirs has the same text after its package.
 */
class ApiDocIT {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NOT_SHOWN = Pattern.compile("\\A(package [^;]+;)|(?m)^/\\*\\*.*\\*/$");
    private static final Path SUITE = Path.of("src", "test", "java", "io", "socketreaper", "testapp", "suite");

    @TempDir
    private Path classes;

    @ParameterizedTest
    @CsvSource({"testing.md, MailClientChecks", "listener.md, LeakAlarm"})
    void compilesAsItStands(String page, String name) throws IOException {
        var said = new StringWriter();
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(
                        said,
                        null,
                        null,
                        List.of(
                                "-proc:none",
                                "-d",
                                classes.toString(),
                                "-cp",
                                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))),
                        null,
                        List.of(source(name, shown(page))))
                .call();
        assertTrue(compiled, () -> page + ": " + said);
        assertTrue(Files.exists(classes.resolve(name + ".class")), "not in a package of its own");
    }

    @ParameterizedTest
    @CsvSource({"testing.md, MailClientChecks", "listener.md, LeakAlarm"})
    void isWhatTheTestsRun(String page, String name) throws IOException {
        String source = Files.readString(SUITE.resolve(name + ".java"));
        assertEquals(
                withoutBlankLines(NOT_SHOWN.matcher(source).replaceAll("")),
                withoutBlankLines(shown(page)),
                page + " shows another text than " + name);
    }

    private static String shown(String page) throws IOException {
        var blocks = JAVA.matcher(Files.readString(Path.of("..", "docs", page)));
        assertTrue(blocks.find(), page + " shows no Java");
        String java = blocks.group(1);
        assertTrue(!blocks.find(), page + " shows more Java, which is not checked");
        return java;
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static String withoutBlankLines(String java) {
        return java.lines().filter(line -> !line.isBlank()).reduce("", (all, line) -> all + "\n" + line);
    }
}
