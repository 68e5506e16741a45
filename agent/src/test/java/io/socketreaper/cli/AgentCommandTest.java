package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.SettingValue;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.AgentView;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @CsvSource({
        "'action=log,timeout=3s', action=log timeout=3s",
        "'action=log, timeout=3s,track=all', action=log timeout=3s track=all",
        "'action=drain,timeuot=3s', action=drain timeuot=3s",
        "'config=/etc/a,b,timeout=3s', 'config=/etc/a,b timeout=3s'"
    })
    void commasBetweenSettingsAreSaidToBeWrong(String argument, String right) {
        var refused = assertThrows(CliException.class, () -> AgentCommand.joined(List.of("track=all", argument)));

        assertEquals(ExitCode.USAGE, refused.exit());
        assertEquals("separate settings with spaces, not with commas: " + right, refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config=/etc/a,b",
                "config=/etc/a,colour=red",
                "log=/var/log/a,,b=c",
                "timeout=3s,",
                "action=,=",
                ",timeout"
            })
    void aCommaThatSeparatesNoSettingBelongsToTheValue(String argument) {
        assertEquals(argument.replace(",", "\\,"), AgentCommand.joined(List.of(argument)));
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
        Status status = status(true, suspects, Map.of());

        assertEquals(
                said,
                Attach.suspects(new AgentView(
                        status,
                        List.of(),
                        Collections.nCopies(known, socket),
                        null,
                        List.of(),
                        ProcessInfo.UNKNOWN,
                        null,
                        null)));
    }

    private static Status status(
            boolean attached, int suspects, Map<String, Integer> descriptors, SettingValue... settings) {
        return new Status(
                "1",
                42,
                0,
                0,
                attached,
                false,
                false,
                false,
                7,
                100,
                descriptors,
                suspects,
                0,
                new Totals(0, 0, 0, 0, 0, 0),
                Map.of(),
                List.of(),
                List.of(settings),
                0,
                List.of());
    }

    private static SettingValue setting(String name, String value) {
        return new SettingValue(name, value, "agent argument", false);
    }

    // -- What to do after an attach

    @Test
    void socketsThatAreNotWatchedLeadToTheirHoldersAndToNoSite() {
        Status status = status(
                true,
                0,
                Map.of("fin_wait", 20, "unwatched_fin_wait", 20, "finished", 20, "untracked", 20),
                setting("action", "drain"));

        assertEquals(
                List.of(
                        "20 sockets in FIN_WAIT: the application has half-closed, and has not closed; half-closed before the"
                                + " agent came, and in no selector",
                        "20 sockets that are finished and still held: only the code that holds them can close them"),
                AgentCommand.unwatched(status));
        assertEquals(
                List.of("holders 42", "sites 42"),
                Attach.next(status).stream()
                        .map(step -> step.substring(0, step.indexOf("  ")))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({"log, 'sites 42, set 42 action=drain'", "drain, sites 42", "close, sites 42"})
    void suspectsLeadToTheirSitesAndToAnActionIfThereIsNone(String action, String commands) {
        Status status = status(
                true,
                20,
                Map.of("unwatched_close_wait", 1),
                setting("action", action),
                setting("timeout", "60s"),
                setting("track", "all"));

        List<String> next = Attach.next(status);

        assertEquals(
                commands,
                next.stream().map(step -> step.substring(0, step.indexOf("  "))).collect(Collectors.joining(", ")));
        assertTrue(next.get(0).endsWith("idle for 60s"), next.get(0));
    }

    /** A channel in a selector that the application has closed is finished until the next selection. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, no socket that is finished is held",
        "1, 1, 0, 1 socket is finished and still held",
        "271, 0, 271, 271 sockets are finished and still held"
    })
    void onlyFinishedSocketsThatStayAreLost(int finished, int untracked, int suspects, String said) {
        assertEquals(said, Attach.lost(status(true, suspects, Map.of("finished", finished, "untracked", untracked))));
    }

    @Test
    void anAgentThatWasThereFromTheStartDoesNotSayThatItCameLate() {
        List<String> said = AgentCommand.unwatched(status(false, 0, Map.of("unwatched_fin_wait", 1)));

        assertEquals(
                List.of(
                        "1 socket in FIN_WAIT: the application has half-closed, and has not closed; half-closed in a way that"
                                + " the agent does not see"),
                said);
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
