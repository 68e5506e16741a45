package io.socketreaper.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What README says is supported is what the tests of the frameworks run with. */
class ReadmeTest {
    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+|(?<=HttpClient )\\d+\\.\\d+");
    private static final List<String> ROWS = List.of("servers, closed in their own way", "clients, told of a failure");

    private static String tested() throws IOException {
        var tables = new StringBuilder();
        try (var files = Files.newDirectoryStream(Path.of("../agent-test-app/src/corpus/frameworks"), "*.tsv")) {
            for (Path table : files) {
                tables.append(Files.readString(table)).append('\n');
            }
        }
        return tables.toString();
    }

    @Test
    void everyVersionThatIsCalledTestedIsTested() throws IOException {
        String tested = tested();
        var untested = new ArrayList<String>();
        int versions = 0;
        for (String line : Files.readAllLines(Path.of("../README.md"))) {
            if (ROWS.stream().anyMatch(row -> line.startsWith("| " + row))) {
                for (String version : VERSION.matcher(line)
                        .results()
                        .map(found -> found.group())
                        .toList()) {
                    versions++;
                    if (!Pattern.compile("\t" + Pattern.quote(version) + "(\\.Final)?[\t,]")
                            .matcher(tested)
                            .find()) {
                        untested.add(version);
                    }
                }
            }
        }
        assertEquals(List.of(), untested);
        assertTrue(versions > 10, "the rows of README are found by their beginning");
    }
}
