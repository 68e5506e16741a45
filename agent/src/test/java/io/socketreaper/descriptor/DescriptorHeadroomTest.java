package io.socketreaper.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.RecordingLogger;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DescriptorHeadroomTest {
    private final FakeClock clock = new FakeClock();
    private final RecordingLogger log = new RecordingLogger();
    private final Use use = new Use();
    private final DescriptorHeadroom headroom = new DescriptorHeadroom(use, clock, log);

    @Test
    void aYesNeedsTwoCountsThatAreSomeTimeApart() {
        use.free = 100;
        assertFalse(headroom.isThereFor("a"));
        assertFalse(headroom.isThereFor("b"), "too early");
        clock.advance(Duration.ofNanos(headroom.pause()));
        assertTrue(headroom.isThereFor("a"));
        assertTrue(headroom.isThereFor("b"));
        assertEquals(List.of(), log.lines(), "that is no shortage");
        assertEquals(List.of(), headroom.waiting());
    }

    @Test
    void whatIsExpectedNeedNotWait() {
        use.free = 16;
        headroom.expect();
        clock.advance(Duration.ofMillis(100));
        assertTrue(headroom.isThereFor("a"));
    }

    /** What is initialised while the application takes all that are left would fail in the middle. */
    @Test
    void whileTheApplicationUsesThemUpItIsNotThere() {
        use.free = 1000;
        headroom.expect();
        clock.advance(Duration.ofMillis(100));
        use.free = 507;
        assertFalse(headroom.isThereFor("a"), "in another 100 ms there are 14");
        clock.advance(Duration.ofMillis(100));
        use.free = 506;
        assertTrue(headroom.isThereFor("a"), "it has stopped");
    }

    @Test
    void aServerThatGrewLongAgoIsNotUsingThemUp() {
        use.free = 1000;
        headroom.expect();
        clock.advance(Duration.ofMinutes(1));
        use.free = 100;
        assertFalse(headroom.isThereFor("a"));
        clock.advance(Duration.ofNanos(headroom.pause()));
        assertTrue(headroom.isThereFor("a"));
    }

    @Test
    void whatWaitsIsSaidOnceAndIsInTheStatusUntilItNeedNotWait() {
        use.free = 15;
        for (int i = 0; i < 5; i++) {
            assertFalse(headroom.isThereFor("a"));
            assertFalse(headroom.isThereFor("b"));
            clock.advance(Duration.ofNanos(headroom.pause()));
        }
        assertEquals(2, log.lines().size(), log.lines()::toString);
        assertTrue(
                log.lines().get(0).startsWith("WARN a waits until 16 descriptors are free, now 15 are: "),
                log.lines()::toString);
        assertEquals(
                List.of("a waits until 16 descriptors are free", "b waits until 16 descriptors are free"),
                headroom.waiting());

        use.free = 16;
        assertTrue(headroom.isThereFor("a"));
        assertEquals(List.of("b waits until 16 descriptors are free"), headroom.waiting());
    }

    @Test
    void roomThatIsMadeIsUsedAtOnce() {
        use.free = 0;
        assertFalse(headroom.isThereFor("a"));
        use.free = Integer.MAX_VALUE;
        headroom.forget();
        assertTrue(headroom.isThereFor("a"));
    }

    /** Before Linux 6.2 it may take half a second. */
    @Test
    void countingThatTakesLongIsRare() {
        use.takes = Duration.ofMillis(20);
        use.free = 3;
        assertFalse(headroom.isThereFor("a"));
        int before = use.counted;
        for (int i = 0; i < 90; i++) {
            clock.advance(Duration.ofMillis(10));
            assertFalse(headroom.isThereFor("a"));
        }
        assertEquals(before, use.counted);
    }

    private final class Use implements DescriptorUse {
        private int free;
        private int counted;
        private Duration takes = Duration.ZERO;

        @Override
        public int open() {
            throw new AssertionError("not asked for");
        }

        @Override
        public long limit() {
            throw new AssertionError("not asked for");
        }

        @Override
        public int free() {
            counted++;
            clock.advance(takes);
            return free;
        }

        @Override
        public DescriptorInventory inventory(Set<Long> knownInodes) {
            throw new AssertionError("not asked for");
        }
    }
}
