package io.socketreaper.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.TcpOptions.Option;
import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.ImaginaryTcp;
import io.socketreaper.imaginary.ImaginaryTcp.Peer;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.ProbeMode;
import io.socketreaper.model.TcpState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked, how often, and what is left behind; with a kernel that is imagined. {@code PeerProbeNetworkTest} has a real one. */
class PeerProbesTest {
    private static final Duration ONE_ASKING = Duration.ofSeconds(3);

    private final World world = new World("");
    private final FakeClock clock = world.clock;
    private final PeerProbes probes = new PeerProbes(clock, ProbeMode.AUTO);
    private final ImaginaryTcp tcp = new ImaginaryTcp(clock);
    private final ImaginarySocket socket = world.socket().with(tcp);
    private final Map<Option, Integer> own = tcp.options();

    private void run(Duration time) {
        run(probes, time);
    }

    /** As the reaper thread does. */
    private void run(PeerProbes them, Duration time) {
        long end = clock.nanoTime() + time.toNanos();
        them.tick();
        while (true) {
            long next = them.nanosToNext();
            if (next > end - clock.nanoTime()) {
                clock.advance(Duration.ofNanos(end - clock.nanoTime()));
                return;
            }
            // Not at once: the reaper thread sleeps at least that long.
            clock.advance(Duration.ofNanos(Math.max(next, 1_000_000)));
            them.tick();
        }
    }

    @Test
    void aPeerThatAcknowledgesAnswersAfterThreeProbes() {
        var probe = probes.ask(null, socket, true);
        run(Duration.ofMillis(2_900));
        assertEquals(PeerAnswer.PENDING, probe.answer());
        assertTrue(probe.isAsking());

        run(Duration.ofMillis(200));
        assertEquals(PeerAnswer.ANSWERS, probe.answer());
        assertEquals(own, tcp.options());
        assertEquals(3, tcp.probes());
        assertFalse(probe.isAsking());
    }

    @Test
    void aPeerThatResetsIsGoneAndIsNeverAskedAgain() {
        var probe = probes.ask(null, socket, true);
        tcp.peer(Peer.RESETS);
        run(Duration.ofSeconds(2));
        assertEquals(PeerAnswer.GONE, probe.answer());
        assertEquals(own, tcp.options());

        run(Duration.ofHours(1));
        assertEquals(1, tcp.probes());
        assertEquals(0, probes.waiting() + probes.asking());
        assertEquals(Long.MAX_VALUE, probes.nanosToNext());
    }

    @Test
    void aConnectionThatHasEndedIsGoneWithoutAProbe() {
        tcp.state(TcpState.CLOSE);
        var probe = probes.ask(null, socket, true);
        run(Duration.ofSeconds(1));
        assertEquals(PeerAnswer.GONE, probe.answer());
        assertEquals(0, tcp.probes());
    }

    @Test
    void aPeerThatClosesLaterIsAskedAgainAndAgain() {
        var probe = probes.ask(null, socket, true);
        run(Duration.ofSeconds(73));
        assertEquals(PeerAnswer.ANSWERS, probe.answer());
        assertEquals(4 * 3, tcp.probes());
        tcp.peer(Peer.RESETS);
        run(Duration.ofSeconds(60));
        assertEquals(PeerAnswer.GONE, probe.answer());
    }

    @Test
    void theDistanceGrowsToTenMinutes() {
        probes.ask(null, socket, true);
        run(Duration.ofHours(2));
        int before = tcp.probes();
        run(Duration.ofHours(10));
        assertEquals(60, (tcp.probes() - before) / 3, 1);
        assertEquals(0, tcp.probes() % 3);
    }

    @Nested
    class AnApplicationWithKeepaliveOfItsOwn {
        private Map<Option, Integer> theirs;

        private void sets(int idle, int interval, int count) {
            tcp.applicationSets(Option.KEEPALIVE, 1);
            tcp.applicationSets(Option.IDLE, idle);
            tcp.applicationSets(Option.INTERVAL, interval);
            tcp.applicationSets(Option.COUNT, count);
            theirs = tcp.options();
        }

        @Test
        void getsItsOptionsBack() {
            sets(7200, 10, 3);
            var probe = probes.ask(null, socket, true);
            run(ONE_ASKING.plusMillis(100));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertEquals(theirs, tcp.options());
        }

        @Test
        void losesNoConnectionEarlierThanWithoutUs() {
            sets(7200, 75, 4);
            tcp.peer(Peer.IS_CUT_OFF);
            var probe = probes.ask(null, socket, true);
            // Idle for ten minutes before; its own four probes begin after two hours.
            run(Duration.ofMinutes(110).plusSeconds(4 * 75 - 1));
            assertFalse(tcp.endedByKeepalive());
            assertEquals(PeerAnswer.SILENT, probe.answer());

            run(Duration.ofSeconds(75 + 2));
            assertTrue(tcp.endedByKeepalive(), "as it wanted");
        }

        @Test
        void getsItsCountBackOnceThePeerAnswers() {
            sets(7200, 75, 4);
            tcp.peer(Peer.IS_CUT_OFF);
            var probe = probes.ask(null, socket, true);
            run(Duration.ofSeconds(50));
            assertTrue(tcp.options().get(Option.COUNT) > 4 + 3, tcp.options()::toString);

            tcp.peer(Peer.ACKNOWLEDGES);
            run(Duration.ofSeconds(60));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertEquals(theirs, tcp.options());
        }

        @Test
        void keepsTheRaisedCountAfterADetachWhileProbesOfOursAreUnanswered() {
            sets(7200, 75, 4);
            tcp.peer(Peer.IS_CUT_OFF);
            probes.ask(null, socket, true);
            run(Duration.ofSeconds(10));
            probes.endAll();
            assertEquals(4 + 3 + 1, tcp.options().get(Option.COUNT));
            tcp.applicationSets(Option.COUNT, 4);
            assertEquals(theirs, tcp.options());
        }

        @Test
        void getsItsCountBackWhenTheProbeIsForgottenAfterThePeerHasAnswered() {
            sets(7200, 75, 4);
            tcp.peer(Peer.IS_CUT_OFF);
            var probe = probes.ask(null, socket, true);
            run(Duration.ofSeconds(10));
            tcp.peer(Peer.ACKNOWLEDGES);
            tcp.peerIsHeard();
            probes.forget(probe);
            assertEquals(theirs, tcp.options());
        }

        @Test
        void isAskedAgainAfterItWasForgottenInASilence() {
            sets(7200, 75, 4);
            tcp.peer(Peer.IS_CUT_OFF);
            var probe = probes.ask(null, socket, true);
            run(Duration.ofSeconds(10));
            probes.forget(probe);
            tcp.peer(Peer.ACKNOWLEDGES);
            probes.ask(probe, socket, true);
            run(Duration.ofSeconds(10));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertEquals(theirs, tcp.options());
        }

        @Test
        void isNotDisturbedWhileTheKernelAsksForIt() {
            tcp.peer(Peer.IS_CUT_OFF);
            sets(60, 10, 5);
            run(Duration.ofSeconds(5));
            int sent = tcp.probes();
            assertEquals(1, tcp.unanswered());
            var probe = probes.ask(null, socket, true);
            run(Duration.ofSeconds(4));
            assertEquals(PeerAnswer.SILENT, probe.answer());
            assertEquals(sent, tcp.probes());
            assertEquals(theirs, tcp.options());
        }
    }

    @Nested
    class ACutNetwork {
        private final PeerProbe probe;

        ACutNetwork() {
            tcp.peer(Peer.IS_CUT_OFF);
            probe = probes.ask(null, socket, true);
        }

        @Test
        void isSilence() {
            run(ONE_ASKING.plusMillis(100));
            assertEquals(PeerAnswer.SILENT, probe.answer());
            assertEquals(own, tcp.options());
        }

        @Test
        void neverEndsAConnectionHoweverLongItLasts() {
            run(Duration.ofDays(3));
            assertFalse(tcp.endedByKeepalive());
            assertEquals(own, tcp.options());
            assertEquals(PeerAnswer.SILENT, probe.answer());
            assertTrue(tcp.unanswered() < 127, () -> tcp.unanswered() + " unanswered");
        }

        @Test
        void neverEndsOneEvenIfTheReaperThreadNeverComesBack() {
            probes.tick();
            clock.advance(Duration.ofDays(3));
            assertFalse(tcp.endedByKeepalive());
            assertTrue(tcp.probes() < 10, () -> tcp.probes() + " probes");
        }

        @Test
        void thatComesBackIsAnAnswer() {
            run(Duration.ofMinutes(5));
            assertEquals(PeerAnswer.SILENT, probe.answer());
            tcp.peer(Peer.ACKNOWLEDGES);
            run(Duration.ofMinutes(6));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertEquals(0, tcp.unanswered());
        }

        @Test
        void isAskedWithTwoProbesOnceItIsSilent() {
            run(Duration.ofSeconds(10));
            assertEquals(3, tcp.probes());
            run(Duration.ofSeconds(15));
            assertEquals(5, tcp.probes());
        }
    }

    @Nested
    class NotAsked {
        @Test
        void isAConnectionWithAUserTimeoutWhichTheKernelWouldEndAtTheFirstSilence() {
            tcp.applicationSets(Option.USER_TIMEOUT, 20_000);
            expectNoProbe();
        }

        @Test
        void isOneWithOutputUnderWay() {
            tcp.retransmits(1);
            expectNoProbe();
        }

        @Test
        void isOneWhoseLastWordIsNotAcknowledged() {
            tcp.state(TcpState.FIN_WAIT1);
            expectNoProbe();
        }

        @ParameterizedTest
        @EnumSource(names = {"IDLE", "INTERVAL", "COUNT"})
        void isOneWhoseOptionsCouldNotBePutBack(Option option) {
            tcp.applicationSets(option, 40_000);
            expectNoProbe();
        }

        private void expectNoProbe() {
            var before = tcp.options();
            var probe = probes.ask(null, socket, true);
            run(Duration.ofMinutes(1));
            assertEquals(PeerAnswer.UNKNOWN, probe.answer());
            assertEquals(0, tcp.probes());
            assertEquals(before, tcp.options());
        }

        @Test
        void isASocketWithoutTcp() {
            var probe = probes.ask(null, world.socket(), true);
            run(Duration.ofMinutes(1));
            assertEquals(PeerAnswer.UNKNOWN, probe.answer());
        }
    }

    @Nested
    class WhatTheApplicationSetsMeanwhile {
        @ParameterizedTest
        @EnumSource(names = {"IDLE", "INTERVAL", "COUNT"})
        void isLeftAndItsKeepaliveToo(Option option) {
            tcp.applicationSets(Option.KEEPALIVE, 1);
            tcp.applicationSets(Option.KEEPALIVE, 0);
            probes.ask(null, socket, true);
            run(Duration.ofMillis(1_500));
            tcp.applicationSets(Option.KEEPALIVE, 1);
            tcp.applicationSets(option, 5);
            run(ONE_ASKING);
            for (Option each : List.of(Option.IDLE, Option.INTERVAL, Option.COUNT)) {
                assertEquals(each == option ? 5 : own.get(each), tcp.options().get(each), each::toString);
            }
            assertEquals(1, tcp.options().get(Option.KEEPALIVE));
        }

        @Test
        void isLeftIfItSwitchesKeepaliveOff() {
            tcp.applicationSets(Option.KEEPALIVE, 1);
            probes.ask(null, socket, true);
            run(Duration.ofMillis(1_500));
            tcp.applicationSets(Option.KEEPALIVE, 0);
            run(ONE_ASKING);
            assertEquals(own, tcp.options());
        }

        @Test
        void endsTheAskingIfItIsAUserTimeout() {
            tcp.peer(Peer.IS_CUT_OFF);
            probes.ask(null, socket, true);
            run(Duration.ofMillis(900));
            tcp.applicationSets(Option.USER_TIMEOUT, 1);
            run(Duration.ofDays(1));
            assertFalse(tcp.endedByKeepalive());
            assertEquals(0, tcp.options().get(Option.KEEPALIVE));
        }

        @Test
        void isTheCloseOfTheSocket() {
            var probe = probes.ask(null, socket, true);
            probes.tick();
            socket.applicationCloses();
            run(Duration.ofSeconds(2));
            assertFalse(probe.isAsking());
            assertEquals(0, probes.asking());
        }
    }

    @Nested
    class AMode {
        @Test
        void offAsksNobody() {
            assertNull(new PeerProbes(clock, ProbeMode.OFF).ask(null, socket, true));
        }

        @Test
        void autoAsksThoseWhoseReleaseDependsOnIt() {
            assertNotNull(probes.ask(null, socket, true));
            assertNull(probes.ask(null, socket, false));
        }

        @Test
        void onAsksAll() {
            assertNotNull(new PeerProbes(clock, ProbeMode.ON).ask(null, socket, false));
        }

        @Test
        void offAtRunTimePutsAllBack() {
            probes.ask(null, socket, true);
            run(Duration.ofSeconds(1));
            probes.mode(ProbeMode.OFF);
            assertEquals(own, tcp.options());
            assertEquals(Long.MAX_VALUE, probes.nanosToNext());
        }
    }

    @Nested
    class OnTheThreadOfTheSocketsOwner {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final ImaginarySocket socket = world.socket().with(tcp, tasks);
        private final PeerProbe probe = probes.ask(null, socket, true);

        private void ownerWorks(Duration time) {
            for (long end = clock.nanoTime() + time.toNanos(); clock.nanoTime() - end < 0; ) {
                run(Duration.ofMillis(10));
                runTasks();
            }
        }

        private void runTasks() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        @Test
        void thePeerIsAskedToo() {
            ownerWorks(Duration.ofMillis(3_300));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertEquals(own, tcp.options());
            assertEquals(3, tcp.probes());

            tcp.peer(Peer.RESETS);
            ownerWorks(Duration.ofSeconds(18));
            assertEquals(PeerAnswer.GONE, probe.answer());
            assertEquals(0, probes.asking() + probes.waiting());
        }

        @Test
        void anOwnerThatDoesNotComeToItHoldsUpNobodyElse() {
            var few = new PeerProbes(clock, ProbeMode.AUTO, 1);
            var stuck = few.ask(null, socket, true);
            var other = few.ask(null, world.socket().with(new ImaginaryTcp(clock)), true);
            run(few, Duration.ofSeconds(15));
            assertEquals(PeerAnswer.ANSWERS, other.answer());
            assertEquals(PeerAnswer.PENDING, stuck.answer());

            runTasks();
            assertEquals(0, tcp.probes(), "too late");
            for (int i = 0; i < 100; i++) {
                run(few, Duration.ofSeconds(1));
                runTasks();
            }
            assertEquals(own, tcp.options());
            assertTrue(tcp.probes() > 0);
        }

        @Test
        void anAskingThatIsNotWantedAnyMoreDoesNotBegin() {
            probes.tick();
            probes.endAll();
            runTasks();
            assertEquals(0, tcp.probes());
            assertEquals(own, tcp.options());
        }

        @Test
        void oneThatHasBegunIsEndedWhenTheOwnerComesToIt() {
            probes.tick();
            runTasks();
            assertEquals(1, tcp.options().get(Option.KEEPALIVE));
            probes.endAll();
            runTasks();
            assertEquals(own, tcp.options());
        }

        @Test
        void oneThatIsEndedInTheVeryMomentInWhichItBeginsPutsTheOptionsBackItself() {
            probes.tick();
            tcp.duringNextSet(probes::endAll);
            runTasks();
            assertEquals(own, tcp.options());
        }

        @Test
        void theSocketIsClosedMeanwhile() {
            probes.tick();
            socket.applicationCloses();
            ownerWorks(Duration.ofSeconds(2));
            assertEquals(0, probes.asking());
            assertEquals(PeerAnswer.UNKNOWN, probe.answer());
        }

        @Test
        void anAnswerOfBeforeItWasAskedAnewDoesNotCount() {
            ownerWorks(Duration.ofMillis(3_300));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            run(Duration.ofSeconds(17));
            assertTrue(probe.isAsking());
            probes.forget(probe);
            clock.advance(Duration.ofMillis(1));
            probes.ask(probe, socket, true);
            runTasks();
            run(Duration.ofMillis(100));
            assertEquals(PeerAnswer.PENDING, probe.answer());
            ownerWorks(Duration.ofMillis(3_300));
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 500, 1_500, 2_500, 5_000})
    void whoeverIsForgottenHasItsOptionsBackAtOnce(int millis) {
        var probe = probes.ask(null, socket, true);
        run(Duration.ofMillis(millis));
        probes.forget(probe);
        assertEquals(own, tcp.options());
        int sent = tcp.probes();
        run(Duration.ofHours(1));
        assertEquals(sent, tcp.probes());
        assertEquals(0, probes.asking() + probes.waiting());
    }

    @Test
    void whoeverIsAskedAnewBeginsWithoutAnAnswer() {
        var probe = probes.ask(null, socket, true);
        assertSame(probe, probes.ask(probe, socket, true));
        assertEquals(1, probes.waiting());
        run(Duration.ofSeconds(4));
        assertSame(probe, probes.ask(probe, socket, true));
        assertEquals(PeerAnswer.ANSWERS, probe.answer());
        probes.forget(probe);

        assertSame(probe, probes.ask(probe, socket, true));
        assertEquals(PeerAnswer.PENDING, probe.answer());
        run(Duration.ofSeconds(2));
        assertEquals(PeerAnswer.PENDING, probe.answer(), "it is being asked");
        run(Duration.ofSeconds(2));
        assertEquals(PeerAnswer.ANSWERS, probe.answer());
        assertEquals(6, tcp.probes());
    }

    @Test
    void noMoreThanSoManyAreAskedAtOnceAndAllHaveTheirTurn() {
        var few = new PeerProbes(clock, ProbeMode.AUTO, 8);
        var kernels = new ArrayList<ImaginaryTcp>();
        var all = new ArrayList<PeerProbe>();
        for (int i = 0; i < 100; i++) {
            var each = new ImaginaryTcp(clock);
            kernels.add(each);
            all.add(few.ask(null, world.socket().with(each), true));
        }
        int sent = 0;
        int seconds = 0;
        while (all.stream().anyMatch(probe -> probe.answer() == PeerAnswer.UNKNOWN)) {
            run(few, Duration.ofSeconds(1));
            assertTrue(few.asking() <= 8);
            int now = kernels.stream().mapToInt(ImaginaryTcp::probes).sum();
            assertTrue(now - sent <= 2 * 8, "in one second");
            sent = now;
            seconds++;
            assertTrue(seconds < 60);
        }
        run(few, Duration.ofMinutes(30));
        int least = all.stream().mapToInt(PeerProbe::rounds).min().orElseThrow();
        int most = all.stream().mapToInt(PeerProbe::rounds).max().orElseThrow();
        assertTrue(most - least <= 1, least + " to " + most);

        few.endAll();
        kernels.forEach(kernel -> assertEquals(own, kernel.options()));
        assertEquals(0, few.asking() + few.waiting());
    }

    @Test
    void aTickIsBoundedIfNobodyCanBeAsked() {
        var few = new PeerProbes(clock, ProbeMode.AUTO, 8);
        for (int i = 0; i < 100; i++) {
            few.ask(null, world.socket(), true);
        }
        few.tick();
        assertEquals(100, few.waiting());
        assertEquals(0, few.nanosToNext());
        for (int i = 0; i < 13; i++) {
            few.tick();
        }
        assertTrue(few.nanosToNext() > 0);
    }
}
