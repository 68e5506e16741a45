package io.socketreaper.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps docs/metrics.md true, and what is asked in alerts and dashboard to what there is. */
class MetricsDocTest {
    private static final String BEGIN = "<!-- metrics table: generated, see MetricsDocTest -->\n";
    private static final String END = "<!-- end of the metrics table -->";
    private static final String UPDATE = "mvn -pl agent test -Dtest=MetricsDocTest -Dupdate-docs=true";
    private static final Pattern METRIC = Pattern.compile("\\bsocketreaper_\\w+");

    @Test
    void theTableInTheDocumentationIsTheTableInTheCode() throws IOException {
        var file = docs("metrics.md");
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

    @ParameterizedTest
    @ValueSource(strings = {"alerts.yml", "alerts-test.yml", "grafana-dashboard.json", "metrics.md", "fleet.md"})
    void whatIsAskedForExists(String name) throws IOException {
        var asked = METRIC.matcher(Files.readString(docs(name)))
                .results()
                .map(match -> match.group())
                .collect(Collectors.toSet());
        assertFalse(asked.isEmpty());
        asked.removeAll(series());
        assertEquals(Set.of(), asked);
    }

    @Test
    void theDashboardShowsEveryMetricThatTellsOfTrouble() throws IOException {
        var queries = new ArrayList<String>();
        for (JsonElement panel : JsonParser.parseString(Files.readString(docs("grafana-dashboard.json")))
                .getAsJsonObject()
                .getAsJsonArray("panels")) {
            for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
                queries.add(target.getAsJsonObject().get("expr").getAsString());
            }
        }
        var missing = new TreeSet<>(series());
        missing.removeIf(name -> queries.stream().anyMatch(query -> query.contains(name + "{")));
        missing.removeIf(name -> name.matches(
                ".*_(info|start_time_seconds|duration_seconds(_sum|_count)?|leaks_excluded_total" + "|site_held)"));
        assertEquals(Set.of(), missing);
    }

    @Test
    void namesFollowTheConventions() {
        for (Metric metric : Metric.values()) {
            String name = metric.fullName();
            assertTrue(name.matches("socketreaper(_[a-z]+)+"), name);
            assertEquals(metric.type() == Metric.Type.COUNTER, name.endsWith("_total"), name);
            assertTrue(name.contains(metric.unit().isEmpty() ? "" : "_" + metric.unit()), name);
            assertTrue(metric.help().endsWith("."), name);
        }
    }

    /** Everything that a query can name. */
    private static Set<String> series() {
        var names = new TreeSet<String>();
        for (Metric metric : Metric.values()) {
            names.add(metric.fullName());
            if (metric.type() == Metric.Type.HISTOGRAM) {
                names.addAll(List.of(
                        metric.fullName() + "_bucket", metric.fullName() + "_sum", metric.fullName() + "_count"));
            }
        }
        return names;
    }

    private static String table() {
        var table = new StringBuilder("| Metric | Type | Unit | Labels | Meaning |\n|---|---|---|---|---|\n");
        for (Metric metric : Metric.values()) {
            table.append("| `")
                    .append(metric.fullName())
                    .append("` | ")
                    .append(metric.type().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(metric.unit())
                    .append(" | ")
                    .append(metric.labels().stream()
                            .map(label -> "`" + label + "`")
                            .collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(metric.help())
                    .append(" |\n");
        }
        return table.toString();
    }

    private static Path docs(String name) {
        var inModule = Path.of("..", "docs", name);
        return Files.exists(inModule) ? inModule : Path.of("docs", name);
    }
}
