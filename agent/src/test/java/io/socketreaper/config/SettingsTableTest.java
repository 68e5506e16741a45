package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Action;
import java.util.HashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must be true of every setting, also of those added later. */
class SettingsTableTest {
    @ParameterizedTest
    @MethodSource("names")
    void eachDefaultIsValidInEachSource(String name) {
        var setting = Settings.named(name);

        var effective = SettingsReader.read(name + "=" + setting.defaultText, null, null);

        assertTrue(effective.problems().isEmpty(), effective.problems()::toString);
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachSettingIsExplainedInOneSentenceThatFitsATable(String name) {
        String doc = Settings.named(name).doc;

        String sentence = doc.replaceAll("`[^`]*`", "");
        assertEquals(sentence.length() - 1, sentence.indexOf('.'), "one full stop, at the end: " + doc);
        assertFalse(doc.contains("|") || doc.contains("\n"), doc);
    }

    @ParameterizedTest
    @MethodSource("names")
    void eachNameIsLowerCaseWordsThatEverySourceCanCarry(String name) {
        assertTrue(name.matches("[a-z]+([-.][a-z]+)*"), name);
    }

    @Test
    void noTwoSettingsShareAnEnvironmentVariable() {
        var owners = new HashMap<String, String>();
        for (var setting : Settings.table()) {
            assertNull(owners.put(setting.environmentVariable(), setting.name), setting.environmentVariable());
        }
    }

    @Test
    void theDefaultsAreWhatHoldsWhenNobodySetsAnything() {
        assertEquals(60_000, SettingsReader.read(null, null, null).settings().timeoutMillis());
        assertEquals(
                Action.LOG, SettingsReader.read(null, null, null).settings().action());
    }

    static Stream<String> names() {
        return StreamSupport.stream(Settings.names().spliterator(), false);
    }
}
