package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Action;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that change while the agent runs. */
class SettingsChangeTest {
    private final Effective before = SettingsReader.read("timeout=5s", new Properties(), Map.of());

    @Test
    void whatIsNamedChangesAndTheRestStays() {
        SettingsChange change = SettingsReader.change(before, "action=drain");

        assertEquals(0, change.problems().size());
        assertEquals(Action.DRAIN, change.effective().settings().action());
        assertEquals(5_000, change.effective().settings().shortestTimeoutMillis());
        assertEquals("change at run time", SettingsReaderTest.origin(change.effective(), "action"));
        assertEquals("agent argument", SettingsReaderTest.origin(change.effective(), "timeout"));
        assertEquals(Action.LOG, before.settings().action());
    }

    @Test
    void theLastChangeHolds() {
        Effective drains =
                SettingsReader.change(before, "action=drain,timeout=7s").effective();
        Effective closes = SettingsReader.change(drains, "action=close").effective();

        assertEquals(Action.CLOSE, closes.settings().action());
        assertEquals(7_000, closes.settings().shortestTimeoutMillis());
    }

    /** A setting that can change has to be taken over by the running agent, in {@code AgentRequests.set}. */
    @Test
    void theseCanChangeWhileTheAgentRuns() {
        var changeable = before.values().stream()
                .filter(SettingValue::changeable)
                .map(SettingValue::name)
                .toList();

        assertEquals(
                List.of(
                        "action",
                        "timeout",
                        "track",
                        "half-closed.action",
                        "half-closed.timeout",
                        "peer-closed.action",
                        "peer-closed.timeout",
                        "window-full.action",
                        "window-full.timeout",
                        "closed-not-released.action",
                        "closed-not-released.timeout",
                        "unreachable.action",
                        "unreachable.timeout",
                        "never-connected.timeout",
                        "strong.action",
                        "weak.action",
                        "weak.timeout",
                        "doubtful.action",
                        "doubtful.timeout",
                        "silent.timeout",
                        "probe",
                        "keepalive",
                        "growing.window",
                        "pressure",
                        "pressure.timeout",
                        "pressure.doubtful",
                        "pressure.gc",
                        "drain-bytes",
                        "drain-idle",
                        "drain-time",
                        "preview",
                        "exclude",
                        "log-interval",
                        "stack-depth"),
                changeable);
    }

    @ParameterizedTest
    @CsvSource({
        "'addresses=masked', 1, 'cannot be changed at run time'",
        "'metrics=127.0.0.1:9404', 1, 'cannot be changed at run time'",
        "'config=/etc/reaper', 1, 'cannot be changed at run time'",
        "'actn=drain', 1, 'did you mean \"action\"?'",
        "'action=drain,timeout=soon', 1, 'bad value \"soon\"'",
        "'action=shut,timeout=soon', 2, 'bad value \"shut\"'",
        "'action=drain,action=close', 1, 'is given twice'",
        "'action', 1, 'unreadable change at run time'",
        "'', 1, 'no setting is given'"
    })
    void allOrNothingChanges(String asked, int problems, String why) {
        SettingsChange change = SettingsReader.change(before, asked);

        assertEquals(problems, change.problems().size(), change.problems().toString());
        assertTrue(change.problems().get(0).contains(why), change.problems().toString());
        assertTrue(
                change.problems().get(0).endsWith("no setting is changed"),
                change.problems().toString());
        assertSame(before, change.effective());
    }

    /** The transformers could be taken back; what is known of the sockets could not. */
    @Test
    void watchingCanBecomeMoreAndNotLess() {
        Effective all = SettingsReader.change(before, "track=all").effective();
        assertEquals(Track.ALL, all.settings().track());

        assertEquals(
                List.of(), SettingsReader.change(before, "track=half-closed").problems());
        assertEquals(List.of(), SettingsReader.change(all, "track=all").problems());
        SettingsChange less = SettingsReader.change(all, "track=half-closed");
        assertSame(all, less.effective());
        assertEquals(
                List.of(
                        "setting \"track\" cannot be changed from all to half-closed at run time: detach the agent and attach it"
                                + " again; and no setting is changed"),
                less.problems());
    }

    @Test
    void whatHoldsInsteadIsToldOnlyIfTheAgentStarts() {
        String forms =
                "bad value \"soon\" of setting \"timeout\" (%s): it does not start with a number, write a duration such as"
                        + " 500ms, 60s, 5m, 2h or PT1M, from 100ms to 24h; ";

        assertEquals(
                forms.formatted("change at run time") + "no setting is changed",
                SettingsReader.change(before, "timeout=soon").problems().get(0));
        assertEquals(
                "setting \"timeout\" is given twice (change at run time): write it once; no setting is changed",
                SettingsReader.change(before, "timeout=1s,timeout=2s")
                        .problems()
                        .get(0));
        assertEquals(
                forms.formatted("agent argument") + "the agent is not attached",
                SettingsReader.check("timeout=soon", null, null, null).get(0));
        assertEquals(
                forms.formatted("agent argument") + "the default 60s is used and the agent only observes",
                SettingsReader.read("timeout=soon", null, null).problems().get(0));
    }

    @Test
    void anAgentThatObservesBecauseOfBadSettingsStaysThatWay() {
        Effective bad = SettingsReader.read("actn=drain", new Properties(), Map.of());
        SettingsChange change = SettingsReader.change(bad, "action=drain");

        assertEquals(1, change.problems().size());
        assertTrue(
                change.problems().get(0).contains("started with bad settings"),
                change.problems().toString());
        assertSame(bad, change.effective());
    }
}
