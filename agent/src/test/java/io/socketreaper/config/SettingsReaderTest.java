package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Action;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {
    @TempDir
    private Path directory;

    // Sources

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", ",", " , ,"})
    void noArgumentsLeaveEveryDefault(String arguments) {
        var effective = SettingsReader.read(arguments, null, null);

        assertEquals(List.of(), effective.problems());
        assertFalse(effective.observesOnly());
        assertAll(
                () -> assertEquals(Action.LOG, effective.settings().action()),
                () -> assertEquals(60_000, effective.settings().timeoutMillis()),
                () -> assertEquals(2 * 1024 * 1024, effective.settings().drainBytes()),
                () -> assertEquals(5_000, effective.settings().drainIdleMillis()),
                () -> assertEquals(30_000, effective.settings().drainTimeMillis()),
                () -> assertEquals(0, effective.settings().preview()),
                () -> assertTrue(effective.settings().exclude().isEmpty()),
                () -> assertEquals(60_000, effective.settings().logIntervalMillis()),
                () -> assertEquals(20, effective.settings().stackDepth()),
                () -> assertEquals("none", value(effective, "config")));
        for (var setting : Settings.table()) {
            assertEquals("default", origin(effective, setting.name), setting.name);
        }
    }

    @Test
    void everySettingReachesItsOwnAccessor() {
        var effective = valid("action=close,timeout=1s,drain-bytes=2,drain-idle=3s,drain-time=4s,preview=5,"
                + "exclude=local::6,log-interval=7s,stack-depth=8,config=" + file(""));
        var settings = effective.settings();

        assertAll(
                () -> assertEquals(Action.CLOSE, settings.action()),
                () -> assertEquals(1_000, settings.timeoutMillis()),
                () -> assertEquals(2, settings.drainBytes()),
                () -> assertEquals(3_000, settings.drainIdleMillis()),
                () -> assertEquals(4_000, settings.drainTimeMillis()),
                () -> assertEquals(5, settings.preview()),
                () -> assertEquals("local::6", settings.exclude().match(null, 6, null, 1, null)),
                () -> assertEquals(7_000, settings.logIntervalMillis()),
                () -> assertEquals(8, settings.stackDepth()),
                () -> assertEquals(directory.resolve("agent.properties").toString(), value(effective, "config")));
    }

    @Test
    void spacesAndStrayCommasInArgumentsDoNotMatter() {
        var settings = valid(", action = drain ,, timeout=3s ,").settings();

        assertEquals(Action.DRAIN, settings.action());
        assertEquals(3_000, settings.timeoutMillis());
    }

    @Test
    void anEscapedCommaStaysInTheValue() throws Exception {
        var file = Files.writeString(directory.resolve("a,b.properties"), "timeout=3s");

        var effective = valid("config=" + file.toString().replace(",", "\\,") + ",action=drain");

        assertEquals(3_000, effective.settings().timeoutMillis());
        assertEquals(Action.DRAIN, effective.settings().action());
    }

    @ParameterizedTest
    @CsvSource({
        "1s, 2s, 3s, 4s, 1000, agent argument",
        "  , 2s, 3s, 4s, 2000, system property -Dsocketreaper.timeout",
        "  ,   , 3s, 4s, 3000, environment variable SOCKETREAPER_TIMEOUT",
        "  ,   ,   , 4s, 4000, file",
        "  ,   ,   ,   , 60000, default",
        "1s,   , 3s,   , 1000, agent argument",
        "  , 2s,   , 4s, 2000, system property -Dsocketreaper.timeout"
    })
    void theStrongestSourceThatHasAValueWins(
            String argument, String property, String variable, String line, long millis, String origin) {
        var file = file(line == null ? "" : "timeout=" + line);
        var properties = properties("socketreaper.config", file);
        if (property != null) {
            properties.setProperty("socketreaper.timeout", property);
        }

        var effective = valid(SettingsReader.read(
                argument == null ? null : "timeout=" + argument,
                properties,
                variable == null ? Map.of() : Map.of("SOCKETREAPER_TIMEOUT", variable)));

        assertEquals(millis, effective.settings().timeoutMillis());
        assertEquals(origin.equals("file") ? "file " + file : origin, origin(effective, "timeout"));
    }

    @Test
    void theSettingsFileCanBeNamedByArgumentPropertyOrVariable() {
        var file = file("action=drain");

        for (var effective : List.of(
                SettingsReader.read("config=" + file, null, null),
                SettingsReader.read(null, properties("socketreaper.config", file), null),
                SettingsReader.read(null, null, Map.of("SOCKETREAPER_CONFIG", file)))) {
            assertEquals(Action.DRAIN, valid(effective).settings().action());
            assertEquals("file " + file, origin(effective, "action"));
        }
    }

    @Test
    void theStrongestSourceNamesTheSettingsFile() {
        var effective = valid(SettingsReader.read(
                "config=" + file("action=drain"), properties("socketreaper.config", "/weaker.properties"), null));

        assertEquals(Action.DRAIN, effective.settings().action());
    }

    @Test
    void noneInAStrongerSourceSwitchesAFileOrExclusionOff() {
        var effective = valid(SettingsReader.read(
                "config=none,exclude=none",
                properties("socketreaper.config", "/missing.properties", "socketreaper.exclude", "local::80"),
                null));

        assertEquals("none", value(effective, "config"));
        assertTrue(effective.settings().exclude().isEmpty());
    }

    @Test
    void linesOfTheFileMayCarryThePrefixOfSystemProperties() {
        var settings = valid("config=" + file("socketreaper.action=drain\ntimeout=3s  "))
                .settings();

        assertEquals(Action.DRAIN, settings.action());
        assertEquals(3_000, settings.timeoutMillis());
    }

    @Test
    void dashesInNamesBecomeUnderscoresInTheEnvironment() {
        var effective = valid(SettingsReader.read(null, null, Map.of("SOCKETREAPER_DRAIN_BYTES", "7")));

        assertEquals(7, effective.settings().drainBytes());
    }

    @Test
    void anEmptyEnvironmentVariableIsNotSet() {
        var effective =
                valid(SettingsReader.read(null, null, Map.of("SOCKETREAPER_TIMEOUT", " ", "SOCKETREAPER_ACTION", "")));

        assertEquals("default", origin(effective, "timeout"));
    }

    @Test
    void propertiesAndVariablesOfOthersAreLeftAlone() {
        valid(SettingsReader.read(
                null,
                properties("socketreaperx.timout", "1", "other", "2", "SOCKETREAPER_TIMOUT", "3"),
                Map.of("SOCKETREAPERX", "1", "socketreaper.timout", "2")));
    }

    // Values

    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "60s, 60000",
        "5m, 300000",
        "2h, 7200000",
        "PT1M, 60000",
        "pt0.5s, 500",
        "100ms, 100",
        "24h, 86400000",
        "90 s, 90000"
    })
    void aDurationHasAUnit(String text, long millis) {
        assertEquals(millis, valid("timeout=" + text).settings().timeoutMillis());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "4096B, 4096",
        "64KB, 64000",
        "64kB, 64000",
        "512KiB, 524288",
        "3MB, 3000000",
        "2MiB, 2097152",
        "1GB, 1000000000",
        "1GiB, 1073741824"
    })
    void aSizeMayHaveAUnit(String text, long bytes) {
        assertEquals(bytes, valid("drain-bytes=" + text).settings().drainBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "timeout=60,                      it has no unit",
        "timeout=,                        it is empty",
        "timeout=-5s,                     it is negative",
        "timeout=PT-1M,                   it is below 100ms",
        "timeout=99ms,                    it is below 100ms",
        "timeout=25h,                     it is above 24h",
        "timeout=1.5s,                    it is not a whole number",
        "timeout=soon,                    it does not start with a number",
        "timeout=+5s,                     it does not start with a number",
        "timeout=٣s,                      it does not start with a number",
        "timeout=5d,                      'it has the unknown unit \"d\"'",
        "timeout=5S,                      'it has the unknown unit \"S\"'",
        "timeout=Pling,                   it is not an ISO 8601 duration",
        "timeout=PT9999999999999999H,     it is not an ISO 8601 duration",
        "timeout=PT9223372036854775807S,  it is too large",
        "timeout=9223372036854775808ms,   it is too large",
        "timeout=9223372036854775807s,    it is too large",
        "drain-bytes=-1,                  it is negative",
        "drain-bytes=1073741825,          it is above 1GiB",
        "drain-bytes=9007199254740992GiB, it is too large",
        "drain-bytes=5s,                  'it has the unknown unit \"s\"'",
        "preview=257,                     it is above 256",
        "stack-depth=0,                   it is below 1",
        "stack-depth=201,                 it is above 200",
        "stack-depth=9s,                  it is not a plain number",
        "log-interval=999ms,              it is below 1s",
        "drain-idle=9ms,                  it is below 10ms",
        "drain-idle=11m,                  it is above 10m",
        "drain-time=9ms,                  it is below 10ms",
        "drain-time=61m,                  it is above 1h",
        "action=Drain,                    'did you mean \"drain\"?'",
        "action=drian,                    'did you mean \"drain\"?'",
        "action=zap,                      it is not one of the words",
        "config=,                         it is empty"
    })
    void aBadValueIsNamedWithItsReasonAndTheDefaultHolds(String argument, String reason) {
        String name = argument.substring(0, argument.indexOf('='));
        String value = argument.substring(argument.indexOf('=') + 1);

        var effective = SettingsReader.read(argument, null, null);

        String problem = onlyProblem(effective);
        assertTrue(
                problem.startsWith(
                        "bad value \"" + value + "\" of setting \"" + name + "\" (agent argument): " + reason),
                problem);
        assertTrue(problem.contains("write " + Settings.named(name).forms()), problem);
        assertTrue(
                problem.endsWith(
                        "; the default " + Settings.named(name).defaultText + " is used and the agent only observes"),
                problem);
        assertEquals("default", origin(effective, name));
    }

    @Test
    void aDurationWithoutUnitIsAnsweredWithTheValidForms() {
        assertEquals(
                "bad value \"60\" of setting \"timeout\" (agent argument): it has no unit, write a duration such as"
                        + " 500ms, 60s, 5m, 2h or PT1M, from 100ms to 24h; the default 60s is used and the agent only observes",
                onlyProblem(SettingsReader.read("timeout=60", null, null)));
    }

    @Test
    void aWrongActionIsAnsweredWithTheNearestAndAllWords() {
        assertEquals(
                "bad value \"drian\" of setting \"action\" (agent argument): did you mean \"drain\"? write one of"
                        + " log, drain, close; the default log is used and the agent only observes",
                onlyProblem(SettingsReader.read("action=drian", null, null)));
    }

    @Test
    void aBadValueNamesTheSourceThatItStandsIn() {
        var file = file("timeout=60");

        assertTrue(onlyProblem(SettingsReader.read(null, properties("socketreaper.timeout", "60"), null))
                .contains("(system property -Dsocketreaper.timeout)"));
        assertTrue(onlyProblem(SettingsReader.read(null, null, Map.of("SOCKETREAPER_TIMEOUT", "60")))
                .contains("(environment variable SOCKETREAPER_TIMEOUT)"));
        assertTrue(
                onlyProblem(SettingsReader.read("config=" + file, null, null)).contains("(file " + file + ")"));
    }

    @Test
    void aBadValueInAWeakerSourceIsAProblemThoughTheGoodOneHolds() {
        var effective = SettingsReader.read("timeout=3s", null, Map.of("SOCKETREAPER_TIMEOUT", "60"));

        assertTrue(onlyProblem(effective)
                .endsWith("; the value \"3s\" (agent argument) is used and the agent only observes"));
        assertEquals(3_000, effective.settings().timeoutMillis());
    }

    @Test
    void aBadValueIsNotReplacedByAWeakerSource() {
        var effective = SettingsReader.read("timeout=60", null, Map.of("SOCKETREAPER_TIMEOUT", "1h"));

        onlyProblem(effective);
        assertEquals(60_000, effective.settings().timeoutMillis());
    }

    @Test
    void aBadExclusionNamesEachItemThatIsNoRule() {
        var effective = SettingsReader.read("exclude=remote:db1;local::80;where:10.0.0.1", null, null);

        assertEquals(
                "bad value \"remote:db1;local::80;where:10.0.0.1\" of setting \"exclude\" (agent argument):"
                        + " item \"remote:db1\" is not a rule because it has no IPv4 address of the form 10.1.2.3 (host names are"
                        + " not resolved), item \"where:10.0.0.1\" is not a rule because it does not start with remote: or local:"
                        + " or stack:, write items separated by \";\" such as remote:10.0.0.0/8, remote:10.1.2.3:8080, local::8080,"
                        + " remote:[2001:db8::]/32, local:[::1]:8080 or stack:com.example.*, or none;"
                        + " the default none is used and the agent only observes",
                onlyProblem(effective));
        assertTrue(effective.settings().exclude().isEmpty());
    }

    // Names

    @Test
    void aMistypedKeyNamesTheNearestOneAndOnlyObserves() {
        var effective = SettingsReader.read("action=drain,timout=3s", null, null);

        assertEquals(
                "unknown setting \"timout\" (agent argument): did you mean \"timeout\"?"
                        + " it is ignored and the agent only observes",
                onlyProblem(effective));
        assertTrue(effective.observesOnly());
        assertEquals(Action.LOG, effective.settings().action());
        assertEquals(60_000, effective.settings().timeoutMillis());
    }

    @ParameterizedTest
    @CsvSource({
        "tiemout, timeout",
        "TIMEOUT, timeout",
        "timeouts, timeout",
        "drain_bytes, drain-bytes",
        "drainBytes, drain-bytes",
        "drain.idle, drain-idle",
        "actoin, action",
        "excludes, exclude",
        "log-intervall, log-interval",
        "socketreaper.timeout, timeout",
        "confg, config"
    })
    void theNearestNameIsFoundThroughCaseSwapsAndSeparators(String typed, String meant) {
        assertTrue(
                onlyProblem(SettingsReader.read(typed + "=1", null, null)).contains("did you mean \"" + meant + "\"?"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "port", "idle", "linger", "verbose"})
    void aNameThatIsNearNothingGetsNoGuess(String typed) {
        assertEquals(
                "unknown setting \"" + typed + "\" (agent argument): no setting has a name like it;"
                        + " it is ignored and the agent only observes",
                onlyProblem(SettingsReader.read(typed + "=1", null, null)));
    }

    @Test
    void anUnknownKeyIsAnsweredInTheSpellingOfItsSource() {
        assertAll(
                () -> assertEquals(
                        "unknown setting \"timout\" (system property -Dsocketreaper.timout): did you mean"
                                + " \"-Dsocketreaper.timeout\"? it is ignored and the agent only observes",
                        onlyProblem(SettingsReader.read(null, properties("socketreaper.timout", "3s"), null))),
                () -> assertEquals(
                        "unknown setting \"DRAIN_BITES\" (environment variable SOCKETREAPER_DRAIN_BITES): did you"
                                + " mean \"SOCKETREAPER_DRAIN_BYTES\"? it is ignored and the agent only observes",
                        onlyProblem(SettingsReader.read(null, null, Map.of("SOCKETREAPER_DRAIN_BITES", "3")))),
                () -> assertTrue(onlyProblem(SettingsReader.read("config=" + file("timout=3s"), null, null))
                        .contains("did you mean \"timeout\"?")),
                () -> assertTrue(
                        onlyProblem(SettingsReader.read("config=" + file("socketreaper.timout=3s"), null, null))
                                .contains("did you mean \"socketreaper.timeout\"?")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain", "=drain", "remote:10.0.0.2"})
    void anArgumentThatIsNotKeyAndValueIsAProblem(String argument) {
        var effective = SettingsReader.read("timeout=3s," + argument, null, null);

        assertEquals(
                "unreadable agent argument \"" + argument + "\": write key=value, \";\" between the items of a list and"
                        + " \"\\,\" for a comma in a value; it is ignored and the agent only observes",
                onlyProblem(effective));
        assertEquals(3_000, effective.settings().timeoutMillis());
    }

    @Test
    void aKeyGivenTwiceIsAProblemAndTheFirstValueHolds() {
        var effective = SettingsReader.read("timeout=3s,timeout=4s", null, null);

        assertEquals(
                "setting \"timeout\" is given twice (agent argument): write it once; the value \"3s\" is used and the agent"
                        + " only observes",
                onlyProblem(effective));
        assertEquals(3_000, effective.settings().timeoutMillis());
    }

    @Test
    void aKeyWithAndWithoutPrefixInTheFileIsGivenTwice() {
        assertTrue(onlyProblem(SettingsReader.read("config=" + file("timeout=3s\nsocketreaper.timeout=4s"), null, null))
                .startsWith("setting \"timeout\" is given twice (file "));
    }

    // The file

    @Test
    void aFileOfAnotherProcessIsWhereThatSeesIt() throws Exception {
        Files.writeString(directory.resolve("its.properties"), "timeout=soon");
        var problems = SettingsReader.check(
                "config=its.properties",
                null,
                null,
                file -> directory.resolve(file.getPath()).toFile());

        assertTrue(problems.get(0).startsWith("bad value \"soon\" of setting \"timeout\" (file "), problems.toString());
        assertEquals(List.of(), SettingsReader.check("config=its.properties", null, null, notToBeFoundOut -> null));
    }

    @Test
    void aMissingFileIsAProblemAndTheOtherSourcesHold() {
        var missing = directory.resolve("missing.properties");

        var effective = SettingsReader.read("timeout=3s,action=close,config=" + missing, null, null);

        assertEquals(
                "cannot read settings file \"" + missing
                        + "\" (agent argument): it does not exist; none of its settings"
                        + " is used and the agent only observes",
                onlyProblem(effective));
        assertEquals(3_000, effective.settings().timeoutMillis());
        assertEquals(Action.LOG, effective.settings().action());
    }

    @Test
    void aDirectoryIsNotReadAsAFile() {
        assertTrue(onlyProblem(SettingsReader.read("config=" + directory, null, null))
                .contains("it is not a regular file"));
    }

    @Test
    void aFileThatIsNoSettingsFileIsNotReadIntoMemory() throws Exception {
        var large = Files.write(directory.resolve("large.properties"), new byte[(1 << 20) + 1]);

        assertTrue(
                onlyProblem(SettingsReader.read("config=" + large, null, null)).contains("it is larger than 1MiB"));
    }

    @Test
    void noLineHoldsOfAFileWithAMalformedEscape() {
        var effective = SettingsReader.read("config=" + file("timeout=3s\nexclude=\\u00zz"), null, null);

        assertTrue(onlyProblem(effective).contains("Malformed \\uxxxx encoding"));
        assertEquals(60_000, effective.settings().timeoutMillis());
    }

    @Test
    void aFileCannotNameAnotherFile() {
        var effective = SettingsReader.read("config=" + file("config=other.properties\ntimeout=3s"), null, null);

        assertTrue(onlyProblem(effective).startsWith("setting \"config\" cannot be set in a settings file (file "));
        assertEquals(3_000, effective.settings().timeoutMillis());
    }

    // Whatever else goes wrong

    @Test
    void everyProblemOfEverySourceIsReportedInTheOrderOfTheSources() {
        var problems = SettingsReader.read(
                        "a=1,config=" + file("d=1"),
                        properties("socketreaper.b2", "1", "socketreaper.b1", "1"),
                        Map.of("SOCKETREAPER_C", "1"))
                .problems();

        assertEquals(5, problems.size(), problems::toString);
        assertTrue(problems.get(0).startsWith("unknown setting \"a\""));
        assertTrue(problems.get(1).startsWith("unknown setting \"b1\""));
        assertTrue(problems.get(2).startsWith("unknown setting \"b2\""));
        assertTrue(problems.get(3).startsWith("unknown setting \"C\""));
        assertTrue(problems.get(4).startsWith("unknown setting \"d\""));
    }

    @Test
    void aSourceThatFailsIsAProblemAndTheOthersHold() {
        var unreadable = new AbstractMap<String, String>() {
            @Override
            public Set<Entry<String, String>> entrySet() {
                throw new IllegalStateException("no environment here");
            }
        };

        var effective =
                SettingsReader.read("action=drain,timeout=3s", properties("socketreaper.preview", "9"), unreadable);

        assertEquals(
                "unexpected failure in the environment: java.lang.IllegalStateException: no environment here;"
                        + " the settings that were read before it are used and the agent only observes",
                onlyProblem(effective));
        assertEquals(3_000, effective.settings().timeoutMillis());
        assertEquals(9, effective.settings().preview());
        assertEquals(Action.LOG, effective.settings().action());
    }

    @Test
    void aLineBreakInAValueDoesNotForgeALogLine() {
        var effective = SettingsReader.read("action=x\nINFO all is well,\u2028y=1", null, null);

        assertEquals(2, effective.problems().size());
        for (var problem : effective.problems()) {
            assertEquals(1, problem.lines().count(), problem);
            assertFalse(problem.contains("\u2028"));
        }
    }

    @Test
    void aLongWrongValueIsQuotedShort() {
        assertTrue(onlyProblem(SettingsReader.read("action=" + "x".repeat(10_000), null, null))
                        .length()
                < 400);
    }

    // What is said

    @Test
    void theStartLineNamesEachValueThatWasSetAndItsOrigin() {
        var effective =
                valid(SettingsReader.read("action=drain,preview=64", properties("socketreaper.timeout", "3s"), null));

        assertEquals(
                "settings: action=drain (agent argument), timeout=3s (system property -Dsocketreaper.timeout),"
                        + " track=half-closed (default), preview=64 (agent argument);"
                        + " all others by default (status PID --json lists them)",
                effective.startLine());
    }

    @Test
    void theStartLineSaysThatItIsADryRunUntilSomeGradeIsReleased() {
        assertEquals(
                "settings: action=log (default), timeout=60s (default), track=half-closed (default);"
                        + " all others by default (status PID --json lists them); this is a dry run: leaks are reported"
                        + " and not released; advise PID says what a release would have hurt",
                valid("").startLine());
        assertFalse(valid("weak.action=drain").startLine().contains("dry run"));
        assertFalse(valid("doubtful.action=drain").startLine().contains("dry run"));
        assertTrue(valid(
                        "action=drain,half-closed.action=log,peer-closed.action=log,window-full.action=log,closed-not-released.action=log,"
                                + "unreachable.action=log")
                .startLine()
                .contains("dry run"));
    }

    @Test
    void theStartLineHasNoDefaultsWhenEverythingWasSet() {
        var variables = new TreeMap<String, String>();
        for (var setting : Settings.table()) {
            variables.put(setting.environmentVariable(), setting.defaultText);
        }

        String line = valid(SettingsReader.read(null, null, variables)).startLine();

        assertFalse(line.contains("default"), line);
        assertTrue(line.contains("config=none (environment variable SOCKETREAPER_CONFIG)"), line);
    }

    @Test
    void theStartLineSaysWhatWasAskedForWhenTheAgentOnlyObserves() {
        var effective = SettingsReader.read("action=drain,timout=3s,timeout=4", null, null);

        assertTrue(
                effective
                        .startLine()
                        .startsWith("settings: action=log (observes only because of 2 problems;"
                                + " drain was asked for by agent argument), timeout=60s (default), "),
                effective.startLine());
        assertEquals("agent argument", origin(effective, "action"));
    }

    @Test
    void theStartLineSaysThatTheAgentObservesThoughNobodyAskedForMore() {
        assertTrue(SettingsReader.read("timout=3s", null, null)
                .startLine()
                .startsWith("settings: action=log (observes only because of 1 problem), timeout=60s (default), "));
    }

    private String file(String content) {
        try {
            return Files.writeString(directory.resolve("agent.properties"), content, StandardCharsets.ISO_8859_1)
                    .toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Properties properties(String... keysAndValues) {
        var properties = new Properties();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return properties;
    }

    /** The source of a setting's value, in words. */
    static String origin(Effective effective, String name) {
        return setting(effective, name).origin();
    }

    private static String value(Effective effective, String name) {
        return setting(effective, name).value();
    }

    private static SettingValue setting(Effective effective, String name) {
        return effective.values().stream()
                .filter(value -> value.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Effective valid(String arguments) {
        return valid(SettingsReader.read(arguments, null, null));
    }

    private static Effective valid(Effective effective) {
        assertEquals(List.of(), effective.problems());
        assertFalse(effective.observesOnly());
        return effective;
    }

    private static String onlyProblem(Effective effective) {
        assertEquals(1, effective.problems().size(), () -> effective.problems().toString());
        assertTrue(effective.observesOnly());
        String text = effective.problems().get(0);
        assertTrue(text.endsWith("and the agent only observes"), text);
        return text;
    }
}
