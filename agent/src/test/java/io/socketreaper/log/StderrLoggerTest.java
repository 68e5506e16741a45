package io.socketreaper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StderrLoggerTest {
    private static final long DAY = 86_400_000L;
    private static final DateTimeFormatter EXPECTED = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final StderrLogger log = new StderrLogger("socket-reaper", LogThreadTest::daemon);

    @AfterEach
    void endsTheThread() throws IOException {
        log.close();
    }

    // -- The time

    @Test
    void everyDayOfFourHundredYearsIsTheDayThatJavaTimeSays() {
        for (long day = LocalDate.of(1970, 1, 1).toEpochDay();
                day <= LocalDate.of(2370, 1, 1).toEpochDay();
                day++) {
            assertSameTime(day * DAY);
            assertSameTime(day * DAY + DAY - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1970, 1972, 1999, 2000, 2004, 2023, 2024, 2028, 2100, 2400, 9999})
    void februaryEndsAsItShould(int year) {
        long firstOfMarch = LocalDate.of(year, 3, 1).toEpochDay() * DAY;

        assertSameTime(firstOfMarch);
        assertSameTime(firstOfMarch - 1);
        assertTrue(utc(firstOfMarch - 1)
                .startsWith(String.format("%04d-02-%dT23:59:59.999Z", year, Year.isLeap(year) ? 29 : 28)));
    }

    @Test
    void anyInstantIsTheOneThatJavaTimeSays() {
        var random = new Random(2992);
        for (int i = 0; i < 100_000; i++) {
            assertSameTime(random.nextLong(LocalDate.of(9999, 12, 31).toEpochDay() * DAY));
        }
    }

    @Test
    void aClockBeforeNineteenSeventyIsToldToo() {
        assertSameTime(-1);
        assertSameTime(LocalDate.of(1900, 2, 28).toEpochDay() * DAY);
        assertSameTime(LocalDate.of(1600, 2, 29).toEpochDay() * DAY);
        assertSameTime(LocalDate.of(1, 1, 1).toEpochDay() * DAY);
    }

    private static void assertSameTime(long millis) {
        assertEquals(EXPECTED.format(Instant.ofEpochMilli(millis)), utc(millis));
    }

    private static String utc(long millis) {
        var text = new StringBuilder();
        StderrLogger.appendUtc(text, millis);
        return text.toString();
    }

    // -- The line

    @Test
    void aLineHasTimeLevelNameAndMessage() {
        assertTrue(printed(() -> log.warn("{} of {}", 812, 1024))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN  \\[socket-reaper] 812 of 1024\\R"));
        assertTrue(printed(() -> log.info("on")).contains("Z INFO  [socket-reaper] on"));
        assertTrue(printed(() -> log.error("off")).contains("Z ERROR [socket-reaper] off"));
    }

    @Test
    void aCauseComesWithItsStack() {
        String text = printed(() -> log.error("could not {}", "look", new IllegalStateException("no /proc")));

        assertTrue(text.contains("could not look"), text);
        assertTrue(text.contains("java.lang.IllegalStateException: no /proc"), text);
        assertTrue(text.contains("\tat " + StderrLoggerTest.class.getName()), text);
    }

    @Test
    void aMessageWithoutArgumentsIsPrintedAsItIs() {
        assertTrue(printed(() -> log.warn("it began with \"{}\\r\\n\"")).contains("it began with \"{}\\r\\n\""));
    }

    @Test
    void debugAndTraceAreOff() {
        assertEquals("", printed(() -> {
            log.debug("not");
            log.trace("not");
        }));
        assertFalse(log.isDebugEnabled());
    }

    @Test
    void theStreamThatTheApplicationHasSetMeanwhileIsUsed() {
        printed(() -> log.info("first"));

        assertTrue(printed(() -> log.info("second")).contains("second"));
    }

    private String printed(Runnable logging) {
        PrintStream before = System.err;
        var bytes = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            logging.run();
            log.flush();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
