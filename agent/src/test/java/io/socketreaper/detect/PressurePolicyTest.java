package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.Settings;
import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.DescriptorInventory;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.descriptor.DescriptorUse;
import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.RecordingSink;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.report.Leaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The policy, on descriptors and suspects that do not exist. */
class PressurePolicyTest {
    private static final int LIMIT = 1000;
    private static final DescriptorKinds KINDS = DescriptorKinds.of(1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10);

    private final FakeClock clock = new FakeClock();
    private final Use use = new Use();
    private final Patients suspects = new Patients();
    private final Collector collector = new Collector();
    private final Recorder sink = new Recorder();
    private final LeakSites sites = new LeakSites();
    private Pressure pressure = pressure("action=drain,pressure=80%,pressure.timeout=3s");

    private Pressure pressure(String arguments) {
        Settings settings = World.settings(arguments);
        return new Pressure(clock, settings, use, suspects, sites, sink, collector);
    }

    // -- When it measures

    @Test
    void withNothingToReleaseNothingIsMeasuredAndNobodyWoken() {
        use.open = LIMIT;
        assertEquals(Pressure.NOTHING_TO_DO, pressure.tick());
        assertEquals(0, use.measured);
    }

    @Test
    void whileThereAreSuspectsItMeasuresOnceASecondAtTicksThatComeAnyway() {
        suspects.some = true;
        for (int i = 0; i < 100; i++) {
            assertEquals(Pressure.NOTHING_TO_DO, pressure.tick());
            clock.advance(Duration.ofMillis(100));
        }
        assertEquals(10, use.measured);
    }

    @Test
    void aMeasurementThatTakesLongIsMadeMoreSeldom() {
        suspects.some = true;
        use.takes = Duration.ofMillis(100);
        pass(Duration.ofSeconds(60));
        assertTrue(use.measured >= 10 && use.measured <= 13, "measured " + use.measured);
    }

    @Test
    void anUnknownLimitIsNoPressure() {
        suspects.some = true;
        use.open = LIMIT;
        use.limit = -1;
        pressure.failed();
        pass(Duration.ofSeconds(5));
        assertEquals(List.of(), sink.shortages);
    }

    @Test
    void anUnknownCountIsNoPressure() {
        suspects.some = true;
        use.open = -1;
        pressure.failed();
        pass(Duration.ofSeconds(5));
        assertEquals(List.of(), sink.shortages);
    }

    @Test
    void whoeverAsksForTheKindsOfDescriptorsAgainAndAgainCausesOneCountASecond() {
        for (int i = 0; i < 100; i++) {
            assertSame(KINDS, pressure.kinds());
            clock.advance(Duration.ofMillis(50));
        }
        assertEquals(5, use.counted);
    }

    @Test
    void aCountByKindThatTakesLongIsMadeMoreSeldom() {
        use.takes = Duration.ofMillis(500);
        for (int i = 0; i < 100; i++) {
            pressure.kinds();
            clock.advance(Duration.ofMillis(100));
        }
        assertEquals(2, use.counted);
    }

    // -- Pressure

    @Test
    void theShareOfTheSettingIsPressure() {
        suspects.some = true;
        use.open = 799;
        pass(Duration.ofSeconds(5));
        assertFalse(suspects.pressed);
        use.open = 800;
        pass(Duration.ofSeconds(2));
        assertTrue(suspects.pressed);
        assertEquals(List.of(new DescriptorShortage.Begun(800, LIMIT, 3000)), sink.shortages);
    }

    @Test
    void aCountThatGoesUpAndDownDoesNotFlap() {
        suspects.some = true;
        for (int i = 0; i < 50; i++) {
            use.open = i % 2 == 0 ? 805 : 765;
            pass(Duration.ofSeconds(1));
        }
        assertEquals(1, sink.shortages.size());
        use.open = 759;
        pass(Duration.ofSeconds(2));
        var ended = assertInstanceOf(DescriptorShortage.Ended.class, sink.shortages.get(1));
        assertEquals(759, ended.open());
        assertTrue(ended.lastedMillis() >= 50_000 && ended.lastedMillis() <= 53_000, "lasted " + ended.lastedMillis());
        assertFalse(suspects.pressed);
        assertEquals(2, sink.shortages.size());
    }

    @Test
    void theEndIsSeenWhenNoSuspectIsLeft() {
        suspects.some = true;
        use.open = 900;
        pass(Duration.ofSeconds(3));
        suspects.some = false;
        use.open = 100;
        pass(Duration.ofSeconds(3));
        assertInstanceOf(DescriptorShortage.Ended.class, sink.shortages.get(1));
        assertEquals(Pressure.NOTHING_TO_DO, pressure.tick());
    }

    @Test
    void lastingPressureWithNothingToReleaseIsLookedAtEverMoreSeldom() {
        suspects.some = true;
        use.open = 900;
        pass(Duration.ofSeconds(3));
        suspects.some = false;
        use.measured = 0;
        pass(Duration.ofHours(1));
        assertTrue(use.measured >= 55 && use.measured <= 70, "measured " + use.measured);
    }

    @Test
    void theEndSaysWhatWasReleased() {
        suspects.some = true;
        use.open = 900;
        LeakSite site = site("one");
        site.countReleased();
        pass(Duration.ofSeconds(3));
        site.countReleased();
        site.countReleased();
        use.open = 10;
        pass(Duration.ofSeconds(3));
        assertEquals(2, ((DescriptorShortage.Ended) sink.shortages.get(1)).released());
    }

    // -- Running out

    @Test
    void aFailureWakesOnce() {
        assertTrue(pressure.failed());
        assertFalse(pressure.failed());
        use.open = 10;
        pressure.tick();
        assertTrue(pressure.failed());
    }

    @Test
    void aFailureOfAnotherReasonIsNoExhaustion() {
        use.open = LIMIT - 11;
        pressure = pressure("pressure=100%");
        pressure.failed();
        pass(Duration.ofSeconds(5));
        assertEquals(List.of(), sink.shortages);
        assertEquals(Pressure.NOTHING_TO_DO, pressure.tick());
    }

    @Test
    void manyFailuresOfAnotherReasonCostTenLooksASecond() {
        use.open = 10;
        for (int i = 0; i < 1000; i++) {
            pressure.failed();
            pressure.tick();
            clock.advance(Duration.ofMillis(1));
        }
        assertTrue(use.measured >= 9 && use.measured <= 11, "measured " + use.measured);
    }

    @Test
    void runningOutIsPressureAndALookAtEverythingAtOnce() {
        runOut();
        pressure.tick();
        assertTrue(suspects.pressed);
        assertEquals(1, suspects.looks);
        assertEquals(1, use.counted, "counted by kind before anything is released");
        assertEquals(LIMIT - 2, suspects.census.open(), "no release needs to count again");
        assertTrue(suspects.excused, "counting may have taken long");
    }

    @Test
    void theReportComesWhenTheReleasesAreDone() {
        runOut();
        suspects.busy = true;
        LeakSite site = site("one");
        site.countFound(Grade.WEAK);
        pass(Duration.ofMillis(800));
        assertEquals(0, exhausted().size());
        site.countReleased();
        suspects.busy = false;
        use.open = 400;
        pass(Duration.ofMillis(200));
        var report = exhausted().get(0);
        assertEquals(LIMIT - 2, report.open());
        assertEquals(400, report.openNow());
        assertEquals(1, report.released());
        assertSame(KINDS, report.kinds());
        assertEquals(List.of(site), report.sites());
        assertFalse(report.collecting());
        assertEquals(0, collector.asked);
    }

    @Test
    void theReportDoesNotWaitForASlowRelease() {
        runOut();
        suspects.busy = true;
        pass(Duration.ofMillis(1200));
        assertEquals(1, exhausted().size());
    }

    @Test
    void theLargestSitesAreNamed() {
        runOut();
        for (int i = 1; i <= 7; i++) {
            LeakSite site = site("site" + i);
            for (int found = 0; found < i; found++) {
                site.countFound(Grade.WEAK);
            }
        }
        pass(Duration.ofSeconds(1));
        assertEquals(
                List.of(7L, 6L, 5L, 4L, 3L),
                exhausted().get(0).sites().stream().map(LeakSite::found).toList());
    }

    @Test
    void itIsOverWhenDescriptorsAreLeftAndNothingFails() {
        pressure = pressure("pressure=80%,pressure.gc=false");
        runOut();
        pass(Duration.ofSeconds(1));
        use.open = 200;
        pass(Duration.ofSeconds(3));
        var over = assertInstanceOf(DescriptorShortage.Over.class, sink.shortages.get(2));
        assertEquals(200, over.open());
        assertEquals(LIMIT - 2, over.openBefore());
        assertInstanceOf(DescriptorShortage.Ended.class, sink.shortages.get(3));
        assertFalse(suspects.pressed);
        assertEquals(Pressure.NOTHING_TO_DO, pressure.tick());
    }

    @Test
    void anExhaustionThatLastsIsReportedOnceAMinute() {
        runOut();
        for (int i = 0; i < 1500; i++) {
            pressure.failed();
            pass(Duration.ofMillis(100));
        }
        assertEquals(3, exhausted().size());
        assertEquals(3, use.counted);
        assertEquals(
                1,
                sink.shortages.stream()
                        .filter(DescriptorShortage.Begun.class::isInstance)
                        .count());
    }

    @Test
    void oneThatComesAgainWithinAMinuteIsNotReported() {
        runOut();
        pass(Duration.ofSeconds(2));
        use.open = 100;
        pass(Duration.ofSeconds(5));
        runOut();
        pass(Duration.ofSeconds(2));
        use.open = 100;
        pass(Duration.ofSeconds(5));
        assertEquals(1, exhausted().size());
        assertEquals(
                1,
                sink.shortages.stream()
                        .filter(DescriptorShortage.Over.class::isInstance)
                        .count());
        assertEquals(
                2,
                sink.shortages.stream()
                        .filter(DescriptorShortage.Ended.class::isInstance)
                        .count());
        assertEquals(2, suspects.looks, "it is helped all the same");
    }

    // -- Collections

    @Test
    void aCollectionIsAskedForWhenTheReleasesDoNotHelp() {
        runOut();
        pass(Duration.ofMillis(200));
        assertEquals(0, collector.asked);
        pass(Duration.ofMillis(200));
        assertEquals(1, collector.asked);
        assertTrue(exhausted().get(0).collecting());
    }

    @Test
    void noneIsAskedForWhileTheReleasesGoOn() {
        runOut();
        suspects.busy = true;
        LeakSite site = site("one");
        for (int i = 0; i < 50; i++) {
            pressure.failed();
            site.countReleased();
            pass(Duration.ofMillis(100));
        }
        assertEquals(0, collector.asked);
    }

    @Test
    void theTimeThatCountingTakesIsNotThatOfTheReleases() {
        use.takes = Duration.ofMillis(1500);
        runOut();
        suspects.busy = true;
        pressure.tick();
        use.takes = Duration.ZERO;
        pass(Duration.ofMillis(900));
        assertEquals(0, collector.asked);
        assertEquals(0, exhausted().size());
    }

    @Test
    void whileItRunsLatenessIsExcusedAndAfterItEverythingIsLookedAt() {
        runOut();
        pass(Duration.ofMillis(400));
        int looks = suspects.looks;
        suspects.excused = false;
        pressure.tick();
        assertTrue(suspects.excused);
        assertEquals(looks, suspects.looks);
        suspects.excused = false;
        collector.underWay = false;
        pressure.tick();
        assertTrue(suspects.excused, "the tick that follows may be late because of it");
        assertEquals(looks + 1, suspects.looks);
        suspects.excused = false;
        pressure.tick();
        assertFalse(suspects.excused);
    }

    @Test
    void atMostOneAMinuteIsAskedFor() {
        runOut();
        for (int i = 0; i < 1500; i++) {
            pressure.failed();
            pass(Duration.ofMillis(100));
            collector.underWay = false;
        }
        assertEquals(3, collector.asked);
    }

    @Test
    void noneIsAskedForIfThatIsSwitchedOff() {
        pressure = pressure("pressure.gc=false");
        runOut();
        pass(Duration.ofSeconds(90));
        assertEquals(0, collector.asked);
        assertFalse(exhausted().get(0).collecting());
    }

    @Test
    void theEndSaysWhetherTheJvmDidCollect() {
        runOut();
        pass(Duration.ofSeconds(1));
        collector.underWay = false;
        collector.effective = false;
        use.open = 100;
        pass(Duration.ofSeconds(3));
        var over = (DescriptorShortage.Over) sink.shortages.get(2);
        assertTrue(over.collected());
        assertFalse(over.effective());
    }

    private void runOut() {
        use.open = LIMIT - 2;
        pressure.failed();
    }

    private void pass(Duration time) {
        long end = clock.nanoTime() + time.toNanos();
        while (clock.nanoTime() - end < 0) {
            pressure.tick();
            clock.advance(Duration.ofMillis(50));
        }
    }

    private LeakSite site(String method) {
        return Leaks.siteIn(sites, LeakKind.HALF_CLOSED, StackOrigin.HALF_CLOSED, new StackTraceElement[] {
            new StackTraceElement("app.Server", method, "Server.java", 1)
        });
    }

    private List<DescriptorShortage.Exhausted> exhausted() {
        return sink.shortages.stream()
                .filter(DescriptorShortage.Exhausted.class::isInstance)
                .map(DescriptorShortage.Exhausted.class::cast)
                .toList();
    }

    private final class Use implements DescriptorUse {
        private int open;
        private long limit = LIMIT;
        private int measured;
        private int counted;
        private Duration takes = Duration.ZERO;

        @Override
        public int open() {
            measured++;
            clock.advance(takes);
            return open;
        }

        @Override
        public long limit() {
            return limit;
        }

        @Override
        public DescriptorInventory inventory(Set<Long> knownInodes) {
            counted++;
            clock.advance(takes);
            return new DescriptorInventory(
                    new DescriptorCensus(clock.nanoTime(), open, limit, Set.of()), KINDS, Map.of());
        }
    }

    private static final class Patients implements Pressure.Suspects {
        private boolean some;
        private boolean busy;
        private boolean pressed;
        private boolean excused;
        private int looks;
        private DescriptorCensus census;

        @Override
        public boolean hasSuspects() {
            return some;
        }

        @Override
        public OpenSites openSites() {
            return new OpenSites(Clock.SYSTEM, null, new SocketChains<>(1));
        }

        @Override
        public boolean isBusy() {
            return busy;
        }

        @Override
        public void setPressure(boolean on) {
            pressed = on;
        }

        @Override
        public void checkAll() {
            looks++;
        }

        @Override
        public void counted(DescriptorCensus made) {
            census = made;
        }

        @Override
        public void excuseLateness() {
            excused = true;
        }

        @Override
        public Set<Long> knownInodes() {
            return Set.of();
        }
    }

    private static final class Collector implements GarbageCollector {
        private int asked;
        private boolean underWay;
        private boolean effective = true;

        @Override
        public void ask() {
            asked++;
            underWay = true;
        }

        @Override
        public boolean isUnderWay() {
            return underWay;
        }

        @Override
        public boolean isEffective() {
            return effective;
        }
    }

    private static final class Recorder extends RecordingSink {
        private final List<DescriptorShortage> shortages = new ArrayList<>();

        @Override
        public void shortage(DescriptorShortage shortage) {
            shortages.add(shortage);
        }
    }
}
