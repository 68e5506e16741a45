package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/fleet.md tells people to set is understood, and serves the metrics; so is what docs/containers.md tells them. */
class FleetDocTest {
    private static final Pattern BLOCK = Pattern.compile("^```\\w*\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern ARGUMENTS = Pattern.compile("-javaagent:[^\\s=\"]+(?:=([^\\s\"]+))?");
    private static final Pattern VARIABLE = Pattern.compile("\\b(SOCKETREAPER_\\w+)=([^\\s\"]+)");

    @Test
    void everyExampleSetsWhatItSays() throws IOException {
        var blocks = BLOCK.matcher(text())
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains("-javaagent:"))
                .toList();
        assertEquals(3, blocks.size(), "Kubernetes, systemd, Docker: " + blocks);
        for (String block : blocks) {
            var arguments = ARGUMENTS.matcher(block);
            assertTrue(arguments.find(), block);
            Map<String, String> variables = new HashMap<>();
            VARIABLE.matcher(block).results().forEach(variable -> variables.put(variable.group(1), variable.group(2)));
            assertServes(arguments.group(1) == null ? null : onPod("10.1.2.3", arguments.group(1)), variables, block);
        }
    }

    @Test
    void whatThePageOfContainersSetsIsUnderstood() throws IOException {
        var arguments = ARGUMENTS.matcher(text("containers.md"));
        assertTrue(arguments.find());
        assertEquals(
                List.of(),
                SettingsReader.read(arguments.group(1), null, Map.of()).problems(),
                arguments.group(1));
    }

    @Test
    void soDoesWhatIsWrittenForIpv6() throws IOException {
        String setting = "metrics=[$(POD_IP)]:9404";
        assertTrue(text().contains("`" + setting + "`"));
        assertServes(onPod("2001:db8::7", setting + ",metrics.allow-remote=true"), Map.of(), setting);
    }

    private static void assertServes(String arguments, Map<String, String> variables, String block) {
        var effective = SettingsReader.read(arguments, null, variables);
        assertEquals(List.of(), effective.problems(), block);
        ListenAddress metrics = effective.settings().metrics();
        assertTrue(metrics != null && metrics.port() == 9404, block);
        assertTrue(metrics.isLoopback() || effective.settings().metricsAllowRemote(), block);
    }

    private static String onPod(String address, String text) {
        return text.replace("$(POD_IP)", address);
    }

    private static String text() throws IOException {
        return text("fleet.md");
    }

    private static String text(String page) throws IOException {
        var inModule = Path.of("..", "docs", page);
        return Files.readString(Files.exists(inModule) ? inModule : Path.of("docs", page));
    }
}
