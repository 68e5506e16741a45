package io.socketreaper.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DryRunTest {
    private static final long SECOND = 1_000_000_000L;

    private final DryRun dryRun = new DryRun();

    @Test
    void onlyThoseThatWereWatchedForLongAreEvidence() {
        dryRun.countReported(60_000, 100 * SECOND);
        for (int i = 0; i < 29; i++) {
            dryRun.countReported(60_000, 5_000 * SECOND);
        }

        assertEquals(30, dryRun.reported());
        assertEquals(1, dryRun.untouchedSince(4_999 * SECOND));
        assertEquals(30, dryRun.untouchedSince(5_000 * SECOND));
        assertEquals(100 * SECOND, dryRun.firstAt());
    }

    @Test
    void oneThatCameBackOrWasReleasedIsNoEvidence() {
        var used = dryRun.countReported(60_000, 1);
        var closed = dryRun.countReported(61_000, 2);
        var released = dryRun.countReported(62_000, 3);
        dryRun.countReported(63_000, 4);

        used.cameBack(false, 74_000);
        used.cameBack(true, 99_000);
        closed.cameBack(true, 70_000);
        released.withdraw();
        released.cameBack(false, 99_000);

        assertEquals(3, dryRun.reported());
        assertEquals(1, dryRun.used());
        assertEquals(1, dryRun.closed());
        assertEquals(1, dryRun.untouchedSince(100));
        assertEquals(70_000, dryRun.shortestMillis());
        assertEquals(74_000, dryRun.longestMillis());
        assertEquals(60_000, dryRun.leastIdleMillis());
    }

    @Test
    void veryManyReportsTakeBoundedMemoryAndCountLaterThanTheyCame() {
        List<DryRun.Counted> all = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            all.add(dryRun.countReported(60_000, i * SECOND));
        }
        assertEquals(100_000, dryRun.untouchedSince(100_000 * SECOND));
        for (int time : new int[] {0, 1_000, 50_000, 99_998}) {
            long known = dryRun.untouchedSince(time * SECOND);
            assertTrue(known <= time + 1 && known >= time - 2_500, () -> known + " of those up to " + time);
        }

        all.forEach(counted -> counted.cameBack(false, 70_000));
        assertEquals(0, dryRun.untouchedSince(100_000 * SECOND));
        assertEquals(100_000, dryRun.used());
    }
}
