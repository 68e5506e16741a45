package io.socketreaper.testapp.harness;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads the RESULT lines of the test application. */
public final class RunResult {
    private static final String START = "RESULT ";

    private RunResult() {}

    public static List<Map<String, String>> allOf(List<String> out) {
        return out.stream()
                .filter(line -> line.startsWith(START))
                .map(RunResult::fields)
                .toList();
    }

    public static Optional<Map<String, String>> lastOf(List<String> out) {
        var all = allOf(out);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    private static Map<String, String> fields(String line) {
        return Arrays.stream(line.substring(START.length()).split(" "))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(field -> field[0], field -> field.length == 2 ? field[1] : ""));
    }
}
