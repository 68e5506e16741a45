package io.socketreaper.testapp.torture;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The figures of all rounds. */
final class Totals {
    private final Map<String, Map<String, Integer>> results = new TreeMap<>();
    private final Map<String, Long> figures = new TreeMap<>();
    private int harmed;

    void add(Round round) {
        var checker = round.checker();
        harmed += checker.harm().size();
        count("rounds", 1);
        count("connections", checker.connections());
        count("bytes", checker.bytes());
        checker.results()
                .forEach((stack, counts) -> counts.forEach((result, count) ->
                        results.computeIfAbsent(stack, key -> new TreeMap<>()).merge(result, count, Integer::sum)));
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

    /** Connections by stack and result. */
    String table() {
        var kinds = new TreeSet<String>();
        results.values().forEach(counts -> kinds.addAll(counts.keySet()));
        var text = new StringBuilder("%n%-16s".formatted("stack"));
        kinds.forEach(kind -> text.append("%10s".formatted(kind)));
        results.forEach((stack, counts) -> {
            text.append("%n%-16s".formatted(stack));
            kinds.forEach(kind -> text.append("%10d".formatted(counts.getOrDefault(kind, 0))));
        });
        return text.append(System.lineSeparator()).toString();
    }

    /** The same and the figures, in one line. */
    String json(long seed) {
        return "{\"seed\":" + seed + ",\"harmed\":" + harmed + ","
                + figures.entrySet().stream().map(Totals::field).collect(Collectors.joining(",")) + ",\"results\":{"
                + results.entrySet().stream()
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
