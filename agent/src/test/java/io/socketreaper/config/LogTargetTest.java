package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTargetTest {
    @ParameterizedTest
    @CsvSource({
        "stderr, false, false, ",
        "json, true, false, ",
        "app, false, true, ",
        "file:/var/log/a b.log, false, false, /var/log/a b.log",
        "json-file:reaper-%p.json, true, false, reaper-%p.json"
    })
    void eachTargetIsUnderstood(String text, boolean json, boolean application, String path) {
        var effective = SettingsReader.read("log=" + text, null, null);

        assertTrue(effective.problems().isEmpty(), effective.problems()::toString);
        assertEquals(
                new LogTarget(text, json, application, path),
                effective.settings().log());
        assertEquals(text.equals("stderr"), effective.settings().log().isUsual());
        assertTrue(effective.startLine().contains("log=" + text + " (agent argument)"), effective.startLine());
    }

    @ParameterizedTest
    @CsvSource({
        "syslog, 'it is none of them'",
        "jsonn, 'did you mean \"json\"?'",
        "file, 'it names no file'",
        "file:, 'it names no file'",
        "fille:/x, 'did you mean \"file:PATH\"?'"
    })
    void aWrongOneIsNamedWithTheValidOnesAndStandardErrorIsUsed(String text, String why) {
        var effective = SettingsReader.read("log=" + text, null, null);

        String problem = effective.problems().get(0);
        assertTrue(
                problem.startsWith("bad value \"" + text + "\" of setting \"log\" (agent argument): " + why), problem);
        assertTrue(why.startsWith("did") || problem.contains("stderr, json, file:PATH, json-file:PATH, app"), problem);
        assertTrue(effective.settings().log().isUsual());
    }

    @Test
    void theStartLineOfAMaskedLogHidesTheAddressesOfExclusions() {
        var effective = SettingsReader.read("addresses=masked,exclude=remote:10.1.2.3", null, null);

        assertTrue(effective.settings().masksAddresses());
        assertTrue(effective.startLine().contains("exclude=(masked) (agent argument)"), effective.startLine());
        assertFalse(
                SettingsReader.read("addresses=masked", null, null).startLine().contains("exclude="));
        assertFalse(SettingsReader.read(null, null, null).settings().masksAddresses());
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3:9404, (masked):9404",
        "[2001:db8::1]:9404, (masked):9404",
        "127.0.0.1:9404, 127.0.0.1:9404",
        "localhost:0, localhost:0",
        "[::1]:9404, [::1]:9404",
        "0.0.0.0:9404, 0.0.0.0:9404",
        "[::]:9404, [::]:9404",
        "none, none"
    })
    void theStartLineOfAMaskedLogHidesWhichHostItListensOn(String address, String shown) {
        for (var setting : new String[] {"metrics", "page"}) {
            var set = SettingsReader.read("addresses=masked," + setting + "=" + address, null, null);
            assertTrue(set.startLine().contains(setting + "=" + shown + " (agent argument)"), set.startLine());
            var full = SettingsReader.read(setting + "=" + address, null, null);
            assertTrue(full.startLine().contains(setting + "=" + address + " (agent argument)"), full.startLine());
        }
    }

    @Test
    void theDefaults() {
        assertEquals(10 << 20, SettingsReader.read(null, null, null).settings().logSize());
        assertEquals(5, SettingsReader.read(null, null, null).settings().logFiles());
        assertNull(SettingsReader.read(null, null, null).settings().log().path());
    }
}
