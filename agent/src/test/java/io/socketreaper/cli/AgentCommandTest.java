package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.AgentView;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentCommandTest {
    @Test
    void aCommaInAValueStaysInIt() {
        String joined = AgentCommand.joined(List.of("config=/etc/a,b", "timeout=5s"));

        assertEquals("config=/etc/a\\,b,timeout=5s", joined);
        var values = SettingsReader.read(joined, new Properties(), Map.of()).values();
        assertEquals(
                "/etc/a,b",
                values.stream()
                        .filter(value -> value.name().equals("config"))
                        .findFirst()
                        .orElseThrow()
                        .value());
    }

    /** Of very many, only those that are shown are known one by one. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, '0'",
        "3, 3, '3 (3 half-closed)'",
        "5000, 1000, '5000 (of the 1000 longest idle 1000 half-closed)'"
    })
    void suspectsAreCountedByKindAsFarAsTheyAreKnown(int suspects, int known, String said) {
        var socket = new SocketInfo(
                1, "", "half-closed", "weak", "suspect", "", "", 7, 8, "FIN_WAIT2", 6, false, 0, 0, 1000, "");
        var status = new Status(
                "1",
                42,
                0,
                0,
                true,
                false,
                false,
                false,
                7,
                100,
                Map.of(),
                suspects,
                0,
                new Totals(0, 0, 0, 0, 0, 0),
                Map.of(),
                List.of(),
                List.of(),
                0,
                List.of());

        assertEquals(
                said,
                Attach.suspects(new AgentView(status, List.of(), Collections.nCopies(known, socket), null, List.of())));
    }

    @Test
    void aBackslashAtTheEndOfAValueSwallowsNothing() {
        var read = SettingsReader.read(
                AgentCommand.joined(List.of("exclude=stack:a\\", "timeout=5s")), new Properties(), Map.of());

        assertEquals(5_000, read.settings().shortestTimeoutMillis());
        assertEquals(
                "exclude=stack:a\\",
                AgentCommand.joined(List.of("exclude=stack:a\\")).trim());
    }

    @Test
    void anAnswerIsAResultOrARefusalOrNotThere() {
        assertEquals("done", AgentClient.answer(1, "{\"result\":\"done\"}", String.class));
        var refused = assertThrows(
                CliException.class, () -> AgentClient.answer(1, "{\"error\":\"no such site\"}", String.class));
        assertEquals("no such site", refused.getMessage());
        assertEquals(ExitCode.REFUSED, refused.exit());
        for (String none : List.of("", "{\"result\":{\"a")) {
            var failed = assertThrows(CliException.class, () -> AgentClient.answer(1, none, String.class));
            assertEquals(ExitCode.FAILED, failed.exit());
        }
    }
}
