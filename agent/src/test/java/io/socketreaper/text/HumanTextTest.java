package io.socketreaper.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTextTest {
    @ParameterizedTest
    @CsvSource({
        "-5, 0 ms",
        "0, 0 ms",
        "999, 999 ms",
        "1000, 1.0 s",
        "61500, 61.5 s",
        "119999, 120.0 s",
        "120000, 2 min",
        "7199999, 119 min",
        "7200000, 2 h",
        "86400000, 24 h",
        "172800000, 2 days"
    })
    void timesComeInTheUnitAPersonWouldUse(long millis, String said) {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals(said, HumanText.duration(millis));
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0 s", "59, 59 s", "60, 1 min", "190, 3 min 10 s", "7500, 2 h 5 min", "93600, 1 d 2 h"})
    void longTimesComeInTwoUnits(long seconds, String said) {
        assertEquals(said, HumanText.longDuration(seconds));
    }

    @ParameterizedTest
    @CsvSource({"297, 300, 99", "1, 3, 33", "0, 0, 0", "2000000000, 2000000000, 100"})
    void percentsAreWholeAndRoundedDown(long part, long limit, long percent) {
        assertEquals(percent, HumanText.percent(part, limit));
    }
}
