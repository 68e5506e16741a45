package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.ProbeMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of single kinds and grades of leaks, and those of pressure. */
class KindSettingsTest {
    private static final List<String> INHERITED = List.of(
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
            "weak.timeout");

    @Test
    void nobodySetsAnything() {
        Settings settings = valid("");

        assertEquals(Track.HALF_CLOSED, settings.track());
        assertEquals(90, settings.pressurePercent());
        assertEquals(5_000, settings.pressureTimeoutMillis());
        assertTrue(settings.pressureGc());
        for (LeakKind kind : LeakKind.values()) {
            assertEquals(Action.LOG, settings.action(kind));
            for (Grade grade : Grade.values()) {
                assertEquals(60_000, settings.timeoutMillis(kind, grade));
            }
        }
        assertEquals(60_000, settings.shortestTimeoutMillis());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NEVER_CONNECTED")
    void theActionOfAKindIsItsOwnAndNoOthers(LeakKind kind) {
        Settings settings = valid("action=drain," + kind + ".action=close");

        for (LeakKind each : LeakKind.values()) {
            assertEquals(
                    each == kind ? Action.CLOSE : each == LeakKind.NEVER_CONNECTED ? Action.LOG : Action.DRAIN,
                    settings.action(each),
                    each.toString());
        }
        assertEquals(Action.DRAIN, settings.action());
    }

    @ParameterizedTest
    @EnumSource
    void theTimeoutOfAKindIsItsOwnAndNoOthers(LeakKind kind) {
        Settings settings = valid("timeout=10s," + kind + ".timeout=3s");

        for (LeakKind each : LeakKind.values()) {
            for (Grade grade : Grade.values()) {
                assertEquals(each == kind ? 3_000 : 10_000, settings.timeoutMillis(each, grade), each + " " + grade);
            }
        }
        assertEquals(3_000, settings.shortestTimeoutMillis());
    }

    @ParameterizedTest
    @CsvSource({
        "10s, 30s, 3s, 30000, 3000",
        "10s, 5s, 3s, 5000, 3000",
        "10s, 5s, 8s, 8000, 8000",
        "10s, 30s, none, 30000, 10000",
        "10s, none, none, 10000, 10000",
        "10s, none, 3s, 3000, 3000"
    })
    void theTimeoutOfWeakLeaksIsTheLeastThatHoldsForThem(
            String all, String weak, String kind, long forWeak, long forStrong) {
        Settings settings = valid("timeout=" + all + ",weak.timeout=" + weak + ",peer-closed.timeout=" + kind);

        assertEquals(forWeak, settings.timeoutMillis(LeakKind.PEER_CLOSED, Grade.WEAK));
        assertEquals(forStrong, settings.timeoutMillis(LeakKind.PEER_CLOSED, Grade.STRONG));
        assertEquals(forStrong, settings.timeoutMillis(LeakKind.PEER_CLOSED, Grade.PROVEN));
    }

    @Test
    void whatIsDoneAboutDoubtfulLeaksIsSaidApart() {
        Settings cautious = valid("action=drain,half-closed.action=close");
        assertEquals(Action.LOG, cautious.action(LeakKind.PEER_CLOSED, Grade.DOUBTFUL));
        assertEquals(Action.LOG, cautious.action(LeakKind.HALF_CLOSED, Grade.DOUBTFUL));
        assertEquals(Action.CLOSE, cautious.action(LeakKind.HALF_CLOSED, Grade.WEAK));

        Settings bold = valid("action=log,doubtful.action=drain,peer-closed.action=log,doubtful.timeout=90s");
        assertEquals(Action.DRAIN, bold.action(LeakKind.HALF_CLOSED, Grade.DOUBTFUL));
        assertEquals(Action.LOG, bold.action(LeakKind.HALF_CLOSED, Grade.STRONG));
        assertEquals(Action.LOG, bold.action(LeakKind.PEER_CLOSED, Grade.DOUBTFUL));
        assertEquals(Action.LOG, bold.action(LeakKind.NEVER_CONNECTED, Grade.DOUBTFUL));
        assertTrue(bold.releasesAny());
        assertFalse(valid("").releasesAny());
        assertEquals(90_000, bold.timeoutMillis(LeakKind.HALF_CLOSED, Grade.DOUBTFUL));
        assertEquals(60_000, bold.timeoutMillis(LeakKind.HALF_CLOSED, Grade.WEAK));
    }

    @Test
    void gradesCanBeReleasedOneAfterTheOther() {
        Settings provenOnly = valid("action=drain,strong.action=log,weak.action=log,peer-closed.action=close");
        assertEquals(Action.DRAIN, provenOnly.action(LeakKind.HALF_CLOSED, Grade.PROVEN));
        assertEquals(Action.LOG, provenOnly.action(LeakKind.HALF_CLOSED, Grade.STRONG));
        assertEquals(Action.LOG, provenOnly.action(LeakKind.PEER_CLOSED, Grade.WEAK));
        assertEquals(Action.CLOSE, provenOnly.action(LeakKind.PEER_CLOSED, Grade.PROVEN));
        assertTrue(provenOnly.releasesAny());
        assertFalse(provenOnly.releasesUnproven(LeakKind.PEER_CLOSED));

        Settings weakToo = valid("action=log,weak.action=drain,peer-closed.action=log");
        assertEquals(Action.DRAIN, weakToo.action(LeakKind.HALF_CLOSED, Grade.WEAK));
        assertEquals(Action.LOG, weakToo.action(LeakKind.HALF_CLOSED, Grade.PROVEN));
        assertEquals(Action.LOG, weakToo.action(LeakKind.PEER_CLOSED, Grade.WEAK));
        assertTrue(weakToo.releasesUnproven(LeakKind.HALF_CLOSED));
        assertTrue(weakToo.releasesAny());
    }

    @Test
    void probingPressureAndSilenceAreRead() {
        assertEquals(ProbeMode.AUTO, valid("").probe());
        assertEquals(ProbeMode.OFF, valid("probe=off").probe());
        assertEquals(600_000, valid("").silentTimeoutMillis());
        assertEquals(1_000, valid("silent.timeout=1s").silentTimeoutMillis());
        assertFalse(valid("").pressureDoubtful());
        assertTrue(valid("pressure.doubtful=true").pressureDoubtful());
    }

    @Test
    void pressureAndTrackAreRead() {
        Settings settings = valid("track=all,pressure=1%,pressure.timeout=100ms,pressure.gc=false");

        assertEquals(Track.ALL, settings.track());
        assertEquals(1, settings.pressurePercent());
        assertEquals(100, settings.pressureTimeoutMillis());
        assertFalse(settings.pressureGc());
        assertEquals(100, valid("pressure=100%").pressurePercent());
        assertEquals(75, valid("pressure=75 %").pressurePercent());
        assertEquals(60_000, valid("pressure.timeout=100ms").shortestTimeoutMillis(), "without pressure");
    }

    @Test
    void noneInAStrongerSourceGivesTheMoreGeneralSettingBack() {
        var properties = new java.util.Properties();
        for (String name : INHERITED) {
            properties.setProperty("socketreaper." + name, name.endsWith("action") ? "close" : "3s");
        }
        var text = new StringBuilder("timeout=10s,action=drain");
        for (String name : INHERITED) {
            text.append(',').append(name).append(name.endsWith("action") ? "=as-action" : "=none");
        }
        Effective effective = SettingsReader.read(text.toString(), properties, null);
        assertEquals(List.of(), effective.problems());

        for (LeakKind kind : LeakKind.values()) {
            assertEquals(
                    kind == LeakKind.NEVER_CONNECTED ? Action.LOG : Action.DRAIN,
                    effective.settings().action(kind));
            assertEquals(10_000, effective.settings().timeoutMillis(kind, Grade.WEAK));
        }
    }

    /** It would read as if nothing were done. */
    @ParameterizedTest
    @ValueSource(strings = {"strong.action", "weak.action", "half-closed.action", "unreachable.action"})
    void noneIsNoAction(String name) {
        Effective effective = SettingsReader.read(name + "=none", null, null);

        assertEquals(
                List.of("bad value \"none\" of setting \"" + name
                        + "\" (agent argument): it is not one of the words, write one of log, drain, close, or as-action;"
                        + " the default as-action is used and the agent only observes"),
                effective.problems());
    }

    @Test
    void hyphensAndDotsBecomeUnderscoresInTheEnvironment() {
        Map<String, String> variables = new HashMap<>();
        variables.put("SOCKETREAPER_TRACK", "all");
        variables.put("SOCKETREAPER_PRESSURE", "50%");
        variables.put("SOCKETREAPER_PRESSURE_TIMEOUT", "1s");
        variables.put("SOCKETREAPER_PRESSURE_GC", "false");
        for (String name : INHERITED) {
            variables.put(
                    "SOCKETREAPER_" + name.toUpperCase(java.util.Locale.ROOT).replaceAll("[-.]", "_"),
                    name.endsWith("action") ? "drain" : "7s");
        }
        Effective effective = SettingsReader.read(null, null, variables);

        assertEquals(List.of(), effective.problems());
        Settings settings = effective.settings();
        assertEquals(Track.ALL, settings.track());
        assertEquals(50, settings.pressurePercent());
        assertEquals(1_000, settings.pressureTimeoutMillis());
        assertFalse(settings.pressureGc());
        for (LeakKind kind : LeakKind.values()) {
            assertEquals(kind == LeakKind.NEVER_CONNECTED ? Action.LOG : Action.DRAIN, settings.action(kind));
            assertEquals(7_000, settings.timeoutMillis(kind, Grade.STRONG));
        }
        assertEquals(60_000, settings.timeoutMillis());
        assertEquals(
                "environment variable SOCKETREAPER_CLOSED_NOT_RELEASED_ACTION",
                SettingsReaderTest.origin(effective, "closed-not-released.action"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "track=half-closd|did you mean \"half-closed\"? write one of half-closed, all; the default half-closed is used",
                "track=ALL|did you mean \"all\"? write one of half-closed, all; the default half-closed is used",
                "track=none|it is not one of the words, write one of half-closed, all; the default half-closed is used",
                "peer-closed.action=kill|it is not one of the words, write one of log, drain, close, or as-action; the default as-action is used",
                "peer-closed.action=clsoe|did you mean \"close\"? write one of log, drain, close, or as-action; the default as-action is used",
                "peer-closed.action=|it is not one of the words, write one of log, drain, close, or as-action; the default as-action is used",
                "unreachable.timeout=99ms|it is below 100ms, write a duration such as 500ms, 60s, 5m, 2h or PT1M, from 100ms to 24h, or"
                        + " none; the default none is used",
                "weak.timeout=25h|it is above 24h, write a duration such as 500ms, 60s, 5m, 2h or PT1M, from 100ms to 24h, or none; the"
                        + " default none is used",
                "half-closed.timeout=60|it has no unit, write a duration such as 500ms, 60s, 5m, 2h or PT1M, from 100ms to 24h, or none;"
                        + " the default none is used",
                "closed-not-released.timeout=-1s|it is negative, write a duration such as 500ms, 60s, 5m, 2h or PT1M, from 100ms to 24h,"
                        + " or none; the default none is used",
                "pressure=90|it has no unit, write a percentage such as 90%, from 1% to 100%; the default 90% is used",
                "pressure=0%|it is below 1%, write a percentage such as 90%, from 1% to 100%; the default 90% is used",
                "pressure=101%|it is above 100%, write a percentage such as 90%, from 1% to 100%; the default 90% is used",
                "pressure=0.9|it is not a whole number, write a percentage such as 90%, from 1% to 100%; the default 90% is used",
                "pressure=none|it does not start with a number, write a percentage such as 90%, from 1% to 100%; the default 90% is used",
                "pressure.timeout=none|it does not start with a number, write a duration such as 500ms, 60s, 5m, 2h or PT1M, from 100ms to"
                        + " 24h; the default 5s is used",
                "pressure.gc=yes|it is not one of the words, write one of true, false; the default true is used"
            })
    void aBadValueIsNamedWithItsReasonAndWhatHolds(String argument, String reason) {
        int equals = argument.indexOf('=');
        Effective effective = SettingsReader.read("action=close," + argument, null, null);

        assertEquals(
                List.of("bad value \"" + argument.substring(equals + 1) + "\" of setting \""
                        + argument.substring(0, equals) + "\" (agent argument): " + reason
                        + " and the agent only observes"),
                effective.problems());
        for (LeakKind kind : LeakKind.values()) {
            assertEquals(Action.LOG, effective.settings().action(kind));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"never-connected.action", "proven.action"})
    void thereIsNoActionForWhatIsOnlyReportedOrForProvenLeaks(String name) {
        Effective effective = SettingsReader.read(name + "=close", null, null);

        assertTrue(
                effective.problems().get(0).startsWith("unknown setting \"" + name + "\""),
                effective.problems()::toString);
    }

    @Test
    void withAProblemNoActionOfAnyKindHoldsAndTheStartLineSaysSo() {
        Effective effective =
                SettingsReader.read("unreachable.action=close,peer-closed.action=log,timout=3s", null, null);

        for (LeakKind kind : LeakKind.values()) {
            assertEquals(Action.LOG, effective.settings().action(kind));
        }
        String line = effective.startLine();
        assertTrue(
                line.startsWith("settings: action=log (observes only because of 1 problem; unreachable.action=close was"
                        + " asked for by agent argument), timeout=60s (default), track=half-closed (default),"
                        + " peer-closed.action=log (agent argument); all others by default"),
                line);
        assertFalse(line.contains("unreachable.action=close ("), line);
    }

    private static Settings valid(String arguments) {
        Effective effective = SettingsReader.read(arguments, null, null);
        assertEquals(List.of(), effective.problems());
        return effective.settings();
    }
}
