package io.socketreaper.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is sent on connections that only are idle, and what is left behind; with a kernel that is imagined. */
class IdleProbesTest {
    /** An imaginary connection was not used for ten minutes when it is made. */
    private static final int IDLE = 600;

    private final World world = new World("");
    private final FakeClock clock = world.clock;
    private final IdleProbes probes = new IdleProbes(clock);
    private final ImaginaryTcp tcp = new ImaginaryTcp(clock);
    private final ImaginarySocket socket = world.socket().with(tcp);
    private final Map<Option, Integer> own = tcp.options();
    private final List<PeerAnswer> answers = new ArrayList<>();

    @BeforeEach
    void isOpenOnBothSides() {
        tcp.state(TcpState.ESTABLISHED);
    }

    private void ask() {
        ask(IDLE);
    }

    private void ask(int idle) {
        probes.ask(socket, idle, (answer, unanswered) -> {
            if (answer == PeerAnswer.SILENT) {
                assertEquals(tcp.unanswered(), unanswered);
            }
            answers.add(answer);
        });
    }

    private void run(Duration time) {
        run(() -> {}, time);
    }

    /** As the reaper thread does. */
    private void run(Runnable meanwhile, Duration time) {
        long end = clock.nanoTime() + time.toNanos();
        while (true) {
            probes.tick();
            meanwhile.run();
            long next = Math.max(probes.nanosToNext(), 1_000_000);
            if (next > end - clock.nanoTime()) {
                clock.advance(Duration.ofNanos(end - clock.nanoTime()));
                return;
            }
            clock.advance(Duration.ofNanos(next));
        }
    }

    @Test
    void aPeerThatAnswersCostsOneSegment() {
        ask();
        assertEquals(List.of(), answers);
        run(Duration.ofMillis(1_100));
        assertEquals(List.of(PeerAnswer.ANSWERS), answers);
        assertEquals(1, tcp.probes());
        assertEquals(own, tcp.options());
        assertEquals(Long.MAX_VALUE, probes.nanosToNext());
    }

    @Test
    void aConnectionOnWhichThePeerWasHeardMeanwhileCostsNone() {
        ask(IDLE + 100);
        run(Duration.ofMinutes(1));
        assertEquals(List.of(PeerAnswer.ANSWERS), answers);
        assertEquals(0, tcp.probes());
        assertEquals(own, tcp.options());
    }

    @Test
    void aPeerThatResetsIsGone() {
        tcp.peer(Peer.RESETS);
        ask();
        run(Duration.ofMinutes(1));
        assertEquals(List.of(PeerAnswer.GONE), answers);
        assertEquals(1, tcp.probes());
        assertEquals(own, tcp.options());
    }

    @Test
    void aResetThatCameBeforeThePeerWasAskedIsNoAnswer() {
        tcp.state(TcpState.CLOSE);
        ask();
        run(Duration.ofMinutes(1));
        assertEquals(List.of(PeerAnswer.UNKNOWN), answers);
        assertEquals(0, tcp.probes());
    }

    @Test
    void aCutNetworkIsSilenceAndCostsThreeSegmentsThenOne() {
        tcp.peer(Peer.IS_CUT_OFF);
        ask();
        run(Duration.ofMinutes(1));
        assertEquals(List.of(PeerAnswer.SILENT), answers);
        assertEquals(3, tcp.probes());
        assertEquals(own, tcp.options());
        ask();
        run(Duration.ofMinutes(1));
        assertEquals(List.of(PeerAnswer.SILENT, PeerAnswer.SILENT), answers);
        assertEquals(4, tcp.probes());
        assertEquals(own, tcp.options());
    }

    @Test
    void aCutNetworkNeverEndsAConnectionAndIsNotAskedForEver() {
        tcp.peer(Peer.IS_CUT_OFF);
        for (int i = 0; i < 1_000; i++) {
            ask();
            run(Duration.ofMinutes(10));
        }
        assertFalse(tcp.endedByKeepalive());
        assertEquals(10, tcp.probes());
        assertEquals(own, tcp.options());

        tcp.peer(Peer.ACKNOWLEDGES);
        tcp.peerIsHeard();
        run(Duration.ofMinutes(10));
        ask();
        run(Duration.ofMinutes(1));
        assertEquals(PeerAnswer.ANSWERS, answers.get(answers.size() - 1));
        assertEquals(11, tcp.probes());
    }

    @Test
    void aCutNetworkNeverEndsOneEvenIfTheReaperThreadNeverComesBack() {
        tcp.peer(Peer.IS_CUT_OFF);
        ask();
        clock.advance(Duration.ofDays(3));
        assertFalse(tcp.endedByKeepalive());
        assertTrue(tcp.probes() < 10, () -> tcp.probes() + " probes");
    }

    @Test
    void aPeerThatComesBackAnswersAtTheFirstProbe() {
        tcp.peer(Peer.IS_CUT_OFF);
        ask();
        run(Duration.ofMinutes(10));
        tcp.peer(Peer.ACKNOWLEDGES);
        ask();
        run(Duration.ofMinutes(10));
        assertEquals(List.of(PeerAnswer.SILENT, PeerAnswer.ANSWERS), answers);
        assertEquals(4, tcp.probes());
    }

    @Nested
    class NotAsked {
        @Test
        void isAConnectionWithKeepaliveOfItsOwn() {
            tcp.applicationSets(Option.KEEPALIVE, 1);
            expectNoProbe();
        }

        @Test
        void isOneWithAUserTimeout() {
            tcp.applicationSets(Option.USER_TIMEOUT, 20_000);
            expectNoProbe();
        }

        @Test
        void isOneWithOutputUnderWay() {
            tcp.retransmits(1);
            expectNoProbe();
        }

        @Test
        void isOneWhoseOptionsCouldNotBePutBack() {
            tcp.applicationSets(Option.IDLE, 40_000);
            expectNoProbe();
        }

        private void expectNoProbe() {
            tcp.duringNextSet(() -> {
                throw new AssertionError("an option was set");
            });
            var before = tcp.options();
            ask();
            run(Duration.ofMinutes(1));
            assertEquals(List.of(PeerAnswer.UNKNOWN), answers);
            assertEquals(0, tcp.probes());
            assertEquals(before, tcp.options());
        }

        @Test
        void isASocketThatTheApplicationHasClosed() {
            socket.applicationCloses();
            ask();
            assertEquals(List.of(PeerAnswer.UNKNOWN), answers);
        }
    }

    @Nested
    class WhatTheApplicationDoesMeanwhile {
        @Test
        void ifItSetsAnOptionThatStays() {
            ask();
            tcp.applicationSets(Option.KEEPALIVE, 1);
            tcp.applicationSets(Option.IDLE, 60);
            run(Duration.ofMinutes(1));
            assertEquals(1, tcp.options().get(Option.KEEPALIVE));
            assertEquals(60, tcp.options().get(Option.IDLE));
            assertEquals(own.get(Option.COUNT), tcp.options().get(Option.COUNT));
            assertEquals(List.of(PeerAnswer.UNKNOWN), answers);
        }

        @Test
        void ifItClosesTheSocketTheAskingIsOver() {
            ask();
            socket.applicationCloses();
            run(Duration.ofSeconds(2));
            assertEquals(0, probes.asking());
        }
    }

    @Nested
    class Withdrawn {
        @Test
        void anAskingPutsTheOptionsBackAtOnceAndTellsNoAnswer() {
            ask();
            run(Duration.ofMillis(300));
            PeerProbe probe = probes.withdraw(socket);
            assertEquals(own, tcp.options());
            assertTrue(probe.isUnwanted());
            run(Duration.ofMinutes(1));
            assertEquals(List.of(), answers);
            assertNull(probes.withdraw(socket));
        }

        /** With probe=off no other asking of the suspect would repeat it. */
        @Test
        void optionsThatCouldNotBePutBackAtOnceAreLater() {
            ask();
            run(Duration.ofMillis(300));
            socket.optionsAreRefused(true);
            PeerProbe probe = probes.withdraw(socket);
            assertTrue(probe.isAsking());
            assertNotEquals(own, tcp.options());
            run(Duration.ofSeconds(2));
            socket.optionsAreRefused(false);
            run(Duration.ofSeconds(2));
            assertEquals(own, tcp.options());
            assertEquals(1, tcp.probes());
            assertEquals(List.of(), answers);
            assertEquals(Long.MAX_VALUE, probes.nanosToNext());
        }

        @Test
        void optionsThatTheOwnersThreadDidNotPutBackAreLater() {
            Queue<Runnable> tasks = new ArrayDeque<>();
            socket.with(tcp, tasks);
            ask();
            tasks.remove().run();
            probes.tick();
            PeerProbe probe = probes.withdraw(socket);
            tasks.clear();
            probe.notDone();
            run(
                    () -> {
                        while (!tasks.isEmpty()) {
                            tasks.remove().run();
                        }
                    },
                    Duration.ofSeconds(5));
            assertEquals(own, tcp.options());
            assertEquals(Long.MAX_VALUE, probes.nanosToNext());
        }

        /** Two must not drive one probe. */
        @Test
        void oneThatCouldNotBeEndedIsLeftToTheSuspectThatTakesItOver() {
            ask();
            socket.optionsAreRefused(true);
            PeerProbe probe = probes.withdraw(socket);
            var suspects = new PeerProbes(clock, ProbeMode.AUTO);
            assertSame(probe, suspects.ask(probe, socket, true));
            probes.tick();
            assertEquals(Long.MAX_VALUE, probes.nanosToNext());
            socket.optionsAreRefused(false);
            for (int i = 0; i < 100; i++) {
                suspects.tick();
                clock.advance(Duration.ofMillis(100));
            }
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertEquals(own, tcp.options());
        }

        @Test
        void itsProbeServesASuspect() {
            ask();
            PeerProbe probe = probes.withdraw(socket);
            int before = tcp.probes();
            var suspects = new PeerProbes(clock, ProbeMode.AUTO);
            assertSame(probe, suspects.ask(probe, socket, true));
            for (int i = 0; i < 50; i++) {
                suspects.tick();
                clock.advance(Duration.ofMillis(100));
            }
            assertEquals(PeerAnswer.ANSWERS, probe.answer());
            assertTrue(tcp.probes() > before);
            assertEquals(own, tcp.options());
        }

        @Test
        void allAreWithTheEnd() {
            ask();
            probes.endAll();
            assertEquals(own, tcp.options());
            assertEquals(0, probes.asking());
            assertEquals(Long.MAX_VALUE, probes.nanosToNext());
        }
    }

    @Nested
    class OnTheThreadOfTheSocketsOwner {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final ImaginarySocket owned = world.socket().with(tcp, tasks);

        private void ask() {
            probes.ask(owned, IDLE, (answer, unanswered) -> answers.add(answer));
        }

        private void runTasks() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        @Test
        void thePeerIsAskedToo() {
            ask();
            run(this::runTasks, Duration.ofSeconds(2));
            assertEquals(List.of(PeerAnswer.ANSWERS), answers);
            assertEquals(1, tcp.probes());
            assertEquals(own, tcp.options());
        }

        @Test
        void nothingIsSentIfItNeverComesToIt() {
            ask();
            run(Duration.ofSeconds(10));
            assertEquals(0, probes.asking());
            runTasks();
            assertEquals(0, tcp.probes());
            assertEquals(own, tcp.options());
        }

        @Test
        void theOptionsArePutBackHoweverLateItComesToIt() {
            ask();
            runTasks();
            run(Duration.ofSeconds(10));
            assertEquals(0, probes.asking());
            runTasks();
            assertEquals(own, tcp.options());
        }

        @Test
        void theEndWaitsForItWithoutSpinning() {
            ask();
            runTasks();
            run(Duration.ofMillis(1_001));
            probes.endAll();
            assertEquals(1, probes.asking());
            probes.tick();
            assertTrue(probes.nanosToNext() > 0);
            runTasks();
            run(Duration.ofSeconds(1));
            assertEquals(own, tcp.options());
            assertEquals(0, probes.asking());
            assertEquals(List.of(), answers);
        }
    }

    @Test
    void noMoreThanTheBoundAreAskedAtOnce() {
        for (int i = 0; i < IdleProbes.AT_ONCE; i++) {
            assertTrue(probes.hasRoom());
            var each = new ImaginaryTcp(clock);
            each.state(TcpState.ESTABLISHED);
            probes.ask(world.socket().with(each), IDLE, (answer, unanswered) -> answers.add(answer));
        }
        assertFalse(probes.hasRoom());
        run(Duration.ofMillis(1_100));
        assertTrue(probes.hasRoom());
        assertEquals(IdleProbes.AT_ONCE, answers.size());
    }
}
