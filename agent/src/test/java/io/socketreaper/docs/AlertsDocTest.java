package io.socketreaper.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each rule of docs/alerts.yml has a test with promtool in which it fires, and leads to a section that says what to do. */
class AlertsDocTest {
    private static final Pattern NAME = Pattern.compile("^(\\w+)$", Pattern.MULTILINE);
    private static final Pattern RUNBOOK = Pattern.compile("^ +runbook_url: \"([^\"]+)\"$", Pattern.MULTILINE);
    private static final Pattern FIRES =
            Pattern.compile("alertname: (\\w+)\\n +exp_alerts:\\n +- exp_labels:", Pattern.MULTILINE);

    @Test
    void eachRuleLeadsToASectionThatSaysWhatToDo() throws IOException {
        var astray = new ArrayList<String>();
        for (String rule : rules()) {
            var runbook = RUNBOOK.matcher(rule);
            if (!runbook.find()
                    || !runbook.group(1).contains("#")
                    || !ReferencesTest.leads(ReferencesTest.root().resolve("README.md"), runbook.group(1))) {
                astray.add(name(rule));
            }
        }
        assertEquals(List.of(), astray);
    }

    @Test
    void eachRuleFiresInATestOfPromtool() throws IOException {
        Set<String> silent =
                new TreeSet<>(rules().stream().map(AlertsDocTest::name).toList());
        FIRES.matcher(Files.readString(GeneratedPart.file("alerts-test.yml")))
                .results()
                .forEach(test -> silent.remove(test.group(1)));
        assertEquals(Set.of(), silent);
    }

    /** The text of each, from its name on. */
    private static List<String> rules() throws IOException {
        String[] parts = Files.readString(GeneratedPart.file("alerts.yml")).split(" - alert: ");
        assertTrue(parts.length > 10, "rules: " + (parts.length - 1));
        return Arrays.asList(parts).subList(1, parts.length);
    }

    private static String name(String rule) {
        var name = NAME.matcher(rule);
        assertTrue(name.find(), rule);
        return name.group(1);
    }
}
