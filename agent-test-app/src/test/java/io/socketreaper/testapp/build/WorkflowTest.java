package io.socketreaper.testapp.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The workflows of hosted CI, as far as they can be checked without a runner. */
class WorkflowTest {
    private static final Path WORKFLOWS = Path.of("..", ".github", "workflows");
    private static final Pattern OWN_SCRIPT = Pattern.compile("(?<![\\w/])\\.ci/[\\w-]+");
    private static final Pattern ACTION = Pattern.compile("actions/[\\w-]+@v\\d+");
    private static final Set<String> STEP_KEYS = Set.of("name", "run", "uses", "with", "env", "if");

    @Test
    void thereIsOneForTestsAndOneForReleases() throws IOException {
        try (var files = Files.list(WORKFLOWS)) {
            assertEquals(
                    Set.of("build.yml", "release.yml"),
                    Set.copyOf(files.map(file -> file.getFileName().toString()).toList()));
        }
    }

    /** Steps that name a command or an action, and not both; actions of the hosted CI itself, at a major version. */
    @ParameterizedTest
    @ValueSource(strings = {"build.yml", "release.yml"})
    void eachJobHasARunnerABoundAndSteps(String file) throws IOException {
        for (var job : jobs(file).entrySet()) {
            var name = file + ": " + job.getKey();
            var properties = map(job.getValue());
            assertEquals("ubuntu-latest", properties.get("runs-on"), name);
            assertTrue(properties.get("timeout-minutes") instanceof Integer, name);
            var steps = steps(job.getValue());
            assertTrue(!steps.isEmpty(), name);
            for (var step : steps) {
                assertTrue(STEP_KEYS.containsAll(step.keySet()), step::toString);
                assertTrue(step.containsKey("run") != step.containsKey("uses"), step::toString);
                if (step.get("uses") instanceof String action) {
                    assertTrue(ACTION.matcher(action).matches(), action);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"build.yml", "release.yml"})
    void theyNeedNoSecretAndNoMoreRightsThanTheySay(String file) throws IOException {
        var text = Files.readString(WORKFLOWS.resolve(file));
        assertTrue(!text.contains("secrets."), file);
        assertEquals(
                Map.of("contents", file.equals("release.yml") ? "write" : "read"),
                workflow(file).get("permissions"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"build.yml", "release.yml"})
    void whatTheyRunIsThereAndABashScript(String file) throws Exception {
        for (var job : jobs(file).values()) {
            for (var step : steps(job)) {
                if (step.get("run") instanceof String script) {
                    var scripts = OWN_SCRIPT.matcher(script);
                    while (scripts.find()) {
                        assertTrue(Files.isExecutable(Path.of("..", scripts.group())), scripts.group());
                    }
                    var bash = new ProcessBuilder("bash", "-n", "-c", script)
                            .inheritIO()
                            .start();
                    assertEquals(0, bash.waitFor(), script);
                }
            }
        }
    }

    @Test
    void theTestsRunOnEverySupportedJdk() throws IOException {
        var test = map(jobs("build.yml").get("test"));
        assertEquals(
                List.of(17, 21, 25),
                map(map(test.get("strategy")).get("matrix")).get("java"));
        var commands = new ArrayList<>();
        steps(test).forEach(step -> commands.add(step.get("run")));
        assertTrue(commands.containsAll(List.of(".ci/setup", "mvn -B verify")), commands::toString);
    }

    @Test
    void aReleaseRunsForTagsOfVersionsOnly() throws IOException {
        assertEquals(Map.of("push", Map.of("tags", List.of("v[0-9]+.[0-9]+.[0-9]+"))), on("release.yml"));
    }

    private static Map<?, ?> workflow(String file) throws IOException {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return map(new Yaml(new SafeConstructor(options)).load(Files.readString(WORKFLOWS.resolve(file))));
    }

    /** In YAML 1.1 the word is a boolean. */
    private static Object on(String file) throws IOException {
        return workflow(file).get(true);
    }

    private static Map<?, ?> jobs(String file) throws IOException {
        return map(workflow(file).get("jobs"));
    }

    private static List<Map<?, ?>> steps(Object job) {
        var steps = new ArrayList<Map<?, ?>>();
        ((List<?>) map(job).get("steps")).forEach(step -> steps.add(map(step)));
        return steps;
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) value;
    }
}
