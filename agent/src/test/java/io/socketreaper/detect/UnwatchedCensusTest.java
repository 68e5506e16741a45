package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.leak.UnwatchedDescriptors;
import io.socketreaper.model.DescriptorKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnwatchedCensusTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeClock clock = new FakeClock();
    private final Descriptors descriptors = new Descriptors();
    private final UnwatchedCensus census = new UnwatchedCensus(clock, descriptors);

    /** Counts that take as long as the test says. */
    private final class Descriptors implements UnwatchedCensus.Counter {
        private final int[] counts = new int[DescriptorKind.values().length];
        private Duration takes = Duration.ZERO;
        private long ends;
        private int begun;
        private boolean fails;

        @Override
        public void begin() {
            begun++;
            ends = clock.nanoTime() + takes.toNanos();
        }

        @Override
        public boolean isUnderWay() {
            return clock.nanoTime() - ends < 0;
        }

        @Override
        public long length() {
            return takes.toNanos();
        }

        @Override
        public DescriptorKinds result() {
            return fails ? null : DescriptorKinds.of(counts);
        }
    }

    /** Lets that many minutes pass, with that count of the kind in each. */
    private List<UnwatchedDescriptors> pass(int minutes, DescriptorKind kind, IntUnaryOperator count) {
        var reported = new ArrayList<UnwatchedDescriptors>();
        for (int minute = 0; minute < minutes; minute++) {
            descriptors.counts[kind.ordinal()] = count.applyAsInt(minute);
            long end = clock.nanoTime() + MINUTE.toNanos();
            while (clock.nanoTime() - end < 0) {
                clock.advance(Duration.ofNanos(Math.max(1_000_000, Math.min(census.pause(), end - clock.nanoTime()))));
                reported.addAll(census.round());
            }
        }
        return reported;
    }

    @ParameterizedTest
    @EnumSource(names = {"UNWATCHED_CLOSE_WAIT", "UNTRACKED"})
    void manyThatStayForMinutesAreReportedOnceAndAgainWhenTheyHaveDoubled(DescriptorKind kind) {
        assertEquals(List.of(new UnwatchedDescriptors(kind, 40, 40, 5)), pass(60, kind, minute -> 40));
        assertEquals(List.of(new UnwatchedDescriptors(kind, 80, 80, 5)), pass(60, kind, minute -> 80));
        assertEquals(List.of(), pass(10, kind, minute -> 19));
        assertEquals(List.of(new UnwatchedDescriptors(kind, 20, 20, 5)), pass(10, kind, minute -> 20));
    }

    @ParameterizedTest
    @EnumSource(names = {"UNWATCHED_CLOSE_WAIT", "UNTRACKED", "SELECTORS", "OTHERS"})
    void fewOnesAndThoseThatGoAgainAreNotReported(DescriptorKind kind) {
        assertEquals(List.of(), pass(60, kind, minute -> 19));
        assertEquals(List.of(), pass(60, kind, minute -> minute % 5 == 4 ? 0 : 500));
    }

    @ParameterizedTest
    @EnumSource(names = {"SELECTORS", "OTHERS"})
    void selectorsAreReportedOnlyIfTheyBecomeMore(DescriptorKind kind) {
        assertEquals(List.of(), pass(600, kind, minute -> 200));
        var reported = pass(60, kind, minute -> 200 + 3 * minute);
        assertEquals(1, reported.size(), reported::toString);
        assertTrue(reported.get(0).least() > 200, reported::toString);
    }

    /** Event loops of a start are there within minutes. */
    @Test
    void selectorsOfAStartAreNotReported() {
        assertEquals(List.of(), pass(100, DescriptorKind.SELECTORS, minute -> minute < 3 ? 40 * minute : 120));
    }

    @Test
    void aCountCostsAHundredthOfAProcessorAtMost() {
        descriptors.takes = Duration.ofSeconds(3);
        pass(60, DescriptorKind.UNTRACKED, minute -> 40);
        assertTrue(descriptors.begun > 8 && descriptors.begun <= 13, () -> descriptors.begun + " counts");
    }

    @Test
    void aCountThatFailsIsRepeated() {
        descriptors.fails = true;
        assertEquals(List.of(), pass(10, DescriptorKind.UNTRACKED, minute -> 40));
        descriptors.fails = false;
        assertEquals(1, pass(10, DescriptorKind.UNTRACKED, minute -> 40).size());
        assertEquals(20, descriptors.begun, 1);
    }
}
