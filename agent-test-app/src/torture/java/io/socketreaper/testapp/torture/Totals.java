package io.socketreaper.testapp.torture;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The figures of all rounds. */
final class Totals {
    private final Map<String, Map<String, Integer>> fates = new TreeMap<>();
    private final Map<String, Long> figures = new TreeMap<>();
    private int harmed;

    void add(Round round) {
        var oracle = round.oracle();
        harmed += oracle.harm().size();
        count("rounds", 1);
        count("connections", oracle.connections());
        count("bytes", oracle.bytes());
        oracle.fates()
                .forEach((stack, counts) -> counts.forEach((fate, count) ->
                        fates.computeIfAbsent(stack, key -> new TreeMap<>()).merge(fate, count, Integer::sum)));
        for (var figure : round.figures().split(" ")) {
            int equals = figure.indexOf('=');
            if (equals > 0) {
                add(figure.substring(0, equals), Long.parseLong(figure.substring(equals + 1)));
            }
        }
    }

    /** What has grown, and the most and the longest of something, are no sums. */
    private void add(String name, long value) {
        if (name.startsWith("most_") || name.startsWith("longest_") || name.contains("_growth")) {
            figures.merge(name, value, Math::max);
        } else {
            count(name, value);
        }
    }

    private void count(String name, long value) {
        figures.merge(name, value, Long::sum);
    }

    boolean isHarmed() {
        return harmed > 0;
    }

    /** Connections by stack and fate. */
    String table() {
        var kinds = new TreeSet<String>();
        fates.values().forEach(counts -> kinds.addAll(counts.keySet()));
        var text = new StringBuilder("%n%-16s".formatted("stack"));
        kinds.forEach(kind -> text.append("%10s".formatted(kind)));
        fates.forEach((stack, counts) -> {
            text.append("%n%-16s".formatted(stack));
            kinds.forEach(kind -> text.append("%10d".formatted(counts.getOrDefault(kind, 0))));
        });
        return text.append(System.lineSeparator()).toString();
    }

    /** The same and the figures, in one line. */
    String json(long seed) {
        return "{\"seed\":" + seed + ",\"harmed\":" + harmed + ","
                + figures.entrySet().stream().map(Totals::field).collect(Collectors.joining(",")) + ",\"fates\":{"
                + fates.entrySet().stream()
                        .map(stack -> "\"" + stack.getKey() + "\":{"
                                + stack.getValue().entrySet().stream()
                                        .map(Totals::field)
                                        .collect(Collectors.joining(","))
                                + "}")
                        .collect(Collectors.joining(","))
                + "}}";
    }

    private static String field(Map.Entry<String, ?> entry) {
        return "\"" + entry.getKey() + "\":" + entry.getValue();
    }
}
