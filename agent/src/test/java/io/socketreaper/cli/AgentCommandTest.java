package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.config.SettingsReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class AgentCommandTest {
    @Test
    void aCommaInAValueStaysInIt() {
        String joined = AgentCommand.joined(List.of("config=/etc/a,b", "timeout=5s"));

        assertEquals("config=/etc/a\\,b,timeout=5s", joined);
        var values = SettingsReader.read(joined, new Properties(), Map.of()).values();
        assertEquals("/etc/a,b", values.stream().filter(value ->
                value.name().equals("config")).findFirst().orElseThrow().value());
    }

    @Test
    void aBackslashAtTheEndOfAValueSwallowsNothing() {
        var read = SettingsReader.read(AgentCommand.joined(List.of("exclude=stack:a\\", "timeout=5s")), new Properties(), Map.of());

        assertEquals(5_000, read.settings().shortestTimeoutMillis());
        assertEquals("exclude=stack:a\\", AgentCommand.joined(List.of("exclude=stack:a\\")).trim());
    }

    @Test
    void anAnswerIsAResultOrARefusalOrNotThere() {
        assertEquals("done", Target.result(1, "{\"result\":\"done\"}").getAsString());
        var refused = assertThrows(CliException.class, () -> Target.result(1, "{\"error\":\"no such site\"}"));
        assertEquals("no such site", refused.getMessage());
        assertEquals(Exit.REFUSED, refused.exit());
        assertEquals(Exit.FAILED, assertThrows(CliException.class, () -> Target.result(1, "")).exit());
        assertEquals(Exit.FAILED, assertThrows(CliException.class, () -> Target.result(1, "{\"result\":{\"a")).exit());
        assertNull(Target.parsed("{\"result\":{\"a"));
    }
}
