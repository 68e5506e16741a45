package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StallsTest {
    private final Stalls stalls = new Stalls();

    @Test
    void withoutAStallNoTimeIsLost() {
        assertEquals(0, stalls.since(0));
        assertEquals(0, stalls.since(Long.MIN_VALUE));
    }

    @Test
    void aStallCountsForThoseThatWereIdleBeforeItEnded() {
        stalls.add(100, 300);
        stalls.add(1_000, 1_050);

        assertEquals(250, stalls.since(50));
        assertEquals(250, stalls.since(299));
        assertEquals(50, stalls.since(300));
        assertEquals(50, stalls.since(1_049));
        assertEquals(0, stalls.since(1_050));
    }

    @Test
    void theClockMayWrapAround() {
        long start = Long.MAX_VALUE - 10;
        stalls.add(start, start + 20);

        assertEquals(20, stalls.since(start - 5));
        assertEquals(0, stalls.since(start + 20));
    }

    @Test
    void ofTooManyStallsTheOldestCountForAllThatWereIdleThen() {
        for (int i = 0; i < 3 * Stalls.MOST; i++) {
            stalls.add(10L * i, 10L * i + 4);
        }
        long oldest = 10L * 2 * Stalls.MOST;

        assertEquals(4L * 3 * Stalls.MOST, stalls.since(oldest - 1_000));
        assertEquals(4L * (Stalls.MOST - 1), stalls.since(oldest + 4));
        assertEquals(4, stalls.since(10L * (3L * Stalls.MOST - 1)));
    }
}
