package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.detect.DayOfSockets.Finding;
import io.socketreaper.detect.DayOfSockets.Story;
import io.socketreaper.docs.GeneratedPart;
import io.socketreaper.text.HumanText;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hours and days of each story by a clock of the test, one sweep a second. docs/open.md has the table of what is found. */
class GrowthTest {
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration TWO_DAYS = Duration.ofHours(48);
    /** A leak that goes on for longer only makes the test slow. */
    private static final Duration LEAK_TIME = Duration.ofHours(5);

    private static final Map<Series, DayOfSockets> RUNS = new EnumMap<>(Series.class);

    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;
    private static final double WHOLE_STORY = 1e6;
    private static final int NEVER = 0;

    /** Begins to grow within the first hour or two, and says so once. */
    private static final String FOUND = "found";
    /** Never grows. */
    private static final String SILENT = "no finding";
    /** Is found although it is no leak. */
    private static final String FALSE = "found in its first hour, although it is no leak,";

    enum Series {
        POOL("A pool fills with 50 connections in 5 minutes and keeps them idle", SILENT, (day, second) -> {
            if (second < 5 * MINUTE && second % 6 == 0) {
                day.open(WHOLE_STORY, NEVER);
            }
        }),
        SLOW_POOL("A pool grows to 180 in 3 hours, and its connections are used", SILENT, (day, second) -> {
            if (second < 3 * HOUR && second % MINUTE == 0) {
                day.open(WHOLE_STORY, 5);
            }
        }),
        LOAD("Daily load, a request takes 2 s", SILENT, (day, second) -> {
            for (int n = day.some(20 * load(second) + 1); n > 0; n--) {
                day.open(0.5 + 2 * day.random.nextDouble(), NEVER);
            }
        }),
        KEEP_ALIVE("Daily load, connections are kept alive for up to a minute", SILENT, Series::keepAlive),
        LONG_KEEP_ALIVE("Daily load, each connection stays idle for 10 minutes", SILENT, (day, second) -> {
            for (int n = day.some(load(second) / 2 + 0.05); n > 0; n--) {
                day.open(10 * MINUTE, NEVER);
            }
        }),
        WEBSOCKETS(
                "1 480 websockets connect all morning and stay until the evening; a ping every 2 minutes",
                SILENT,
                (day, second) -> {
                    int time = second % DAY;
                    if (time > 8 * HOUR && time < 12 * HOUR && day.random.nextInt(10) == 0) {
                        day.open(17 * HOUR - time + day.random.nextInt(HOUR), 2 * MINUTE);
                    }
                }),
        BATCH("A batch opens 100 connections every 10 minutes, for 7 minutes", SILENT, (day, second) -> {
            if (second % (10 * MINUTE) == 0) {
                for (int i = 0; i < 100; i++) {
                    day.open(7 * MINUTE, NEVER);
                }
            }
        }),
        STEP("A deployment opens 200 connections at once and keeps them idle", SILENT, (day, second) -> {
            if (second == 2 * HOUR) {
                for (int i = 0; i < 200; i++) {
                    day.open(WHOLE_STORY, NEVER);
                }
            }
        }),
        STEADY("300 connections that come and go at random", SILENT, Series::steady),
        COLLECTED(
                "Connections are collected unused all hour and closed together at the full hour",
                FALSE,
                (day, second) -> {
                    if (second % 20 == 0) {
                        day.open(HOUR - second % HOUR, NEVER);
                    }
                }),
        FAST_LEAK("30 a minute are never closed", FOUND, (day, second) -> leakEvery(2, day, second)),
        LEAK("1 a minute is never closed", FOUND, (day, second) -> leakEvery(MINUTE, day, second)),
        SLOW_LEAK("10 an hour are never closed", FOUND, (day, second) -> leakEvery(6 * MINUTE, day, second)),
        HIDDEN_LEAK("1 a minute is never closed, beside 300 that come and go at random", FOUND, (day, second) -> {
            steady(day, second);
            leakEvery(MINUTE, day, second);
        }),
        SHARE("1 of 100 requests of a daily load is never closed", FOUND, (day, second) -> {
            for (int n = day.some(20 * load(second) + 1); n > 0; n--) {
                day.open(day.random.nextInt(100) == 0 ? WHOLE_STORY : 0.5 + 2 * day.random.nextDouble(), NEVER);
            }
        }),
        LONG_LIVED("1 a minute is never closed, beside 35 that stay idle for 35 minutes each", FOUND, (day, second) -> {
            if (second % MINUTE == 0) {
                day.open(35 * MINUTE, NEVER);
            }
            leakEvery(MINUTE, day, second);
        }),
        BESIDE_WEBSOCKETS(
                "1 a minute is never closed, beside websockets that are used and live for up to 4 hours",
                FOUND,
                (day, second) -> {
                    if (second % (2 * MINUTE) == 0) {
                        day.open(4 * HOUR * day.random.nextDouble(), 2 * MINUTE);
                    }
                    leakEvery(MINUTE, day, second);
                }),
        LATE(
                "6 a minute are never closed from 9 o'clock on, beside a daily load that is kept alive",
                FOUND,
                (day, second) -> {
                    keepAlive(day, second);
                    if (second > 9 * HOUR) {
                        leakEvery(10, day, second);
                    }
                });

        private final String text;
        private final String expected;
        private final Story story;

        Series(String text, String expected, Story story) {
            this.text = text;
            this.expected = expected;
            this.story = story;
        }

        private static void leakEvery(int seconds, DayOfSockets day, int second) {
            if (second % seconds == 0) {
                day.open(WHOLE_STORY, NEVER);
            }
        }

        private static void keepAlive(DayOfSockets day, int second) {
            for (int n = day.some(4 * load(second) + 0.2); n > 0; n--) {
                day.open(5 + 60 * day.random.nextDouble(), NEVER);
            }
        }

        private static void steady(DayOfSockets day, int second) {
            for (int n = second == 0 ? 300 : day.some(3); n > 0; n--) {
                day.open(-100 * Math.log(day.random.nextDouble()), NEVER);
            }
        }

        /** Run once for both tests. */
        private DayOfSockets run() {
            return RUNS.computeIfAbsent(this, series -> {
                var day = new DayOfSockets(WINDOW, 1);
                Duration leak = this == LATE || this == BESIDE_WEBSOCKETS ? LEAK_TIME.plusHours(9) : LEAK_TIME;
                day.pass(expected.equals(FOUND) ? leak : TWO_DAYS, story);
                return day;
            });
        }

        /** From 0 at night to 1 at noon. */
        private static double load(int second) {
            return Math.max(0, Math.sin((second % DAY - 6.0 * HOUR) / DAY * 2 * Math.PI));
        }
    }

    @ParameterizedTest
    @EnumSource(Series.class)
    void leaksAreFoundAndLoadIsNot(Series series) {
        List<Finding> findings = series.run().findings();
        String all = series + ": " + findings;
        if (series.expected.equals(SILENT)) {
            assertEquals(List.of(), findings, all);
        } else {
            assertTrue(!findings.isEmpty() && findings.get(0).growing(), all);
        }
        if (series.expected.equals(FOUND)) {
            assertTrue(findings.get(findings.size() - 1).growing(), all);
        }
    }

    @Test
    void theTableIsInTheDocumentation() throws IOException {
        var table = new ArrayList<String>();
        table.add("| series | most open | finding |");
        table.add("|---|---|---|");
        for (Series series : Series.values()) {
            DayOfSockets day = series.run();
            table.add("| " + series.text + " | " + day.most() + " | " + said(series, day.findings()) + " |");
        }
        GeneratedPart.check("open.md", GrowthTest.class, String.join("\n", table) + "\n");
    }

    private static String said(Series series, List<Finding> findings) {
        if (findings.isEmpty()) {
            return SILENT;
        }
        Finding first = findings.get(0);
        return series.expected + " after " + HumanText.longDuration(first.at().toMinutes() * MINUTE) + ": "
                + String.format(Locale.ROOT, "%.1f a minute", first.perMinute());
    }

    @Test
    void aLeakThatHasStoppedIsNotGrowing() {
        List<Finding> findings = new DayOfSockets(WINDOW, 1).pass(Duration.ofHours(6), (day, second) -> {
            if (second < 2 * HOUR) {
                Series.leakEvery(20, day, second);
            }
        });

        assertEquals(2, findings.size(), findings::toString);
        assertTrue(findings.get(0).growing() && !findings.get(1).growing());
        assertTrue(findings.get(1).at().compareTo(Duration.ofHours(3)) < 0, findings::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 30, 60, 600, 3600})
    void aWindowAndAQuarterAreEnough(int seconds) {
        List<Finding> findings = new DayOfSockets(Duration.ofSeconds(seconds), 1)
                .pass(Duration.ofSeconds(2 * seconds + 30), (day, second) -> Series.leakEvery(1, day, second));

        assertEquals(1, findings.size(), findings::toString);
        Finding found = findings.get(0);
        assertTrue(found.growing() && found.at().toSeconds() <= 1.25 * seconds + 22, findings::toString);
        assertEquals(60, found.perMinute(), 6);
    }
}
