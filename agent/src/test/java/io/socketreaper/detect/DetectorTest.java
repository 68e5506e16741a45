package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.TcpState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectorTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** The window errs on the long side, by the time between two looks and once more for the first of them. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private static final Duration MILLI = Duration.ofMillis(1);

    private final World world = new World("timeout=10s");

    // -- When a suspect is a leak

    @Test
    void aSocketThatNobodyReadsIsALeakOnceTheTimeoutHasPassed() {
        ImaginarySocket socket = world.halfClosedSocket();

        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        world.pass(SLACK);

        assertEquals(new Outcome.Logged(), world.sink.outcome());
        var leak = world.sink.leak();
        assertEquals(socket.descriptor(), leak.descriptor());
        assertEquals(socket.link(), leak.link());
        assertEquals(socket.endpoints(), leak.endpoints());
        assertEquals(6, leak.snapshot().unreadBytes());
        assertEquals(Grade.WEAK, leak.grade());
        assertEquals(-1, leak.sinceReadMillis());
        assertEquals(Thread.currentThread().getName(), leak.thread());
        assertTrue(
                leak.ageMillis() >= TIMEOUT.toMillis()
                        && leak.ageMillis() <= TIMEOUT.plus(SLACK).toMillis(),
                leak::toString);
        assertTrue(leak.idleMillis() >= TIMEOUT.toMillis(), leak::toString);
        assertTrue(
                Stream.of(leak.stack()).anyMatch(frame -> frame.getClassName().equals(DetectorTest.class.getName())));
    }

    /** It strikes the application's thread when the suspect is in the table, and before the reaper thread is told of it. */
    @ParameterizedTest
    @ValueSource(strings = {"half-closed", "all"})
    void aHalfCloseThatAnErrorCutsShortIsFoundAllTheSame(String track) {
        var other = new World("timeout=10s,track=" + track);
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 3; i++) {
            ImaginarySocket socket = other.socket();
            socket.askingWhetherItIsKnownFails(i == 1 ? new StackOverflowError() : new OutOfMemoryError());
            assertThrows(Error.class, () -> other.events.halfClosed(socket));
            sockets.add(socket);
            other.pass(MILLI);
        }
        assertEquals(1, other.detector.suspects(), "the others are searched for together");

        other.pass(Duration.ofSeconds(1));
        assertEquals(3, other.detector.suspects());
        other.pass(TIMEOUT.plus(SLACK));
        assertEquals(3, other.sink.reports().size());
        sockets.forEach(other.events::closed);
        sockets.forEach(ImaginarySocket::applicationCloses);
        other.pass(SLACK);
        assertEquals(0, other.detector.suspects());
    }

    @Test
    void afterAnErrorOnlySuspectsThatAreNotScheduledAreScheduled() {
        world.halfClosedSocket();
        world.pass(MILLI);
        ImaginarySocket socket = world.socket();
        socket.askingWhetherItIsKnownFails(new OutOfMemoryError());
        assertThrows(OutOfMemoryError.class, () -> world.events.halfClosed(socket));
        world.halfClosedSocket();
        world.pass(Duration.ofSeconds(3));

        assertEquals(3, world.detector.suspects());
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(3, world.sink.reports().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"100ms", "1s", "3s", "60s", "1h", "24h"})
    void aLeakIsFoundSoonAfterTheTimeoutHoweverLongThatIs(String timeout) {
        long millis = World.settings("timeout=" + timeout).timeoutMillis();
        var other = new World("timeout=" + timeout);
        other.halfClosedSocket();

        other.pass(Duration.ofMillis(millis - 1));
        assertEquals(List.of(), other.sink.reports());
        // one look, at most a second, to see it first, and one for the deadline
        other.pass(Duration.ofMillis(1 + 2 * Math.min(1000, Math.max(10, millis / 10))));
        assertEquals(List.of(new Outcome.Logged()), other.sink.outcomes());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("activities")
    void theWindowBeginsAnewWith(String activity, BiConsumer<World, ImaginarySocket> action) {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofMillis(9_500));
        action.accept(world, socket);

        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        world.pass(SLACK);
        assertEquals(List.of(new Outcome.Logged()), world.sink.outcomes());
    }

    static Stream<Arguments> activities() {
        return Stream.of(
                activity("a second half-close", (world, socket) -> world.events.halfClosed(socket)),
                activity("a read", (world, socket) -> world.events.read(socket)),
                activity("a read without bytes", (world, socket) -> world.events.readNothing(socket)),
                activity("a read of what TLS has decrypted", (world, socket) -> world.events.layerDelivered(socket)),
                activity("available()", (world, socket) -> world.events.polledInput(socket)),
                activity("a change of interest", (world, socket) -> world.events.interestChanged(socket)),
                activity("more bytes from the peer", (world, socket) -> socket.peerSends("NOOP\r\n")),
                activity("the peer's FIN", (world, socket) -> socket.peerCloses()),
                activity("an end of input before the state tells", (world, socket) -> {
                    socket.endOfInput();
                    socket.peerSends("QUIT\r\n");
                }),
                activity("the peer's reset", (world, socket) -> socket.peerResets()),
                activity("the last byte of the reply acknowledged", (world, socket) -> {
                    socket.inState(TcpState.FIN_WAIT1);
                    world.pass(Duration.ofSeconds(2));
                    socket.inState(TcpState.FIN_WAIT2);
                }),
                activity("a reader that came and went", (world, socket) -> {
                    socket.reading(true);
                    world.pass(Duration.ofSeconds(2));
                    socket.reading(false);
                    world.events.read(socket);
                }),
                activity("OP_READ set for a while", (world, socket) -> {
                    socket.wantsToRead(true);
                    world.pass(Duration.ofSeconds(2));
                    socket.wantsToRead(false);
                    world.events.interestChanged(socket);
                }),
                activity("a stop of the whole JVM", (world, socket) -> {
                    world.stop(Duration.ofHours(1));
                    world.round();
                }));
    }

    private static Arguments activity(String name, BiConsumer<World, ImaginarySocket> action) {
        return arguments(name, action);
    }

    @Test
    void theReportTellsHowLongAgoTheLastReadWas() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofSeconds(5));
        world.events.read(socket);
        world.pass(TIMEOUT.plus(SLACK));

        long sinceRead = world.sink.leak().sinceReadMillis();
        assertTrue(sinceRead >= 10_000 && sinceRead <= 12_000, () -> "read " + sinceRead + " ms ago");
        assertEquals(sinceRead + 5_000, world.sink.leak().ageMillis());
    }

    // -- What is spared

    @Test
    void aSocketThatWasSparedIsReleasedWithinATimeoutAfterItsDuplicateIsClosed() {
        var world = new World("timeout=10s,action=drain");
        ImaginarySocket socket = world.halfClosedSocket();
        socket.peerCloses();
        world.descriptors.share(socket.descriptor());
        world.pass(TIMEOUT.multipliedBy(10));
        assertEquals(1, world.sink.outcomes().size(), () -> "told once: " + world.sink.outcomes());
        assertInstanceOf(Outcome.Spared.class, world.sink.outcome());

        world.descriptors.shareNoMore(socket.descriptor());
        world.pass(TIMEOUT.plus(SLACK));

        assertInstanceOf(Outcome.Drained.class, world.sink.outcomes().get(1));
        assertEquals(0, world.detector.suspects());
        assertEquals(1, world.sink.found().size());
        assertEquals(1, world.sites.all().iterator().next().released());
    }

    @Test
    void aSocketThatWasSparedIsNotReleasedWhileItsPeerIsStillSending() {
        var world = new World("timeout=10s,action=drain");
        ImaginarySocket socket = world.halfClosedSocket();
        world.descriptors.share(socket.descriptor());
        world.pass(TIMEOUT.plus(SLACK));
        world.descriptors.shareNoMore(socket.descriptor());
        for (int i = 0; i < 10; i++) {
            socket.peerSends("NOOP\r\n");
            world.pass(Duration.ofSeconds(7));
        }
        assertFalse(socket.condemned());
        world.pass(TIMEOUT.multipliedBy(2));
        assertTrue(socket.condemned());
    }

    // -- What is never one

    @ParameterizedTest
    @EnumSource(names = {"FIN_WAIT1", "CLOSING", "LAST_ACK"})
    void aResponseInFlightIsNeverALeakUntilItHasArrived(TcpState state) {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.inState(state);
        world.pass(Duration.ofHours(24));
        assertNoLeak();

        socket.inState(TcpState.FIN_WAIT2);
        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        world.pass(SLACK.plusSeconds(1));
        assertEquals(1, world.sink.reports().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReaderAtAnyLookIsActivityEvenIfNoEventTellsOfIt(boolean reading) {
        ImaginarySocket socket = world.halfClosedSocket();
        for (int i = 0; i < 20; i++) {
            socket.duringNextLook(() -> {
                socket.reading(reading);
                socket.wantsToRead(!reading);
            });
            world.passUntil(() -> socket.facts().reading() || socket.facts().readInterest(), SLACK);
            socket.reading(false);
            socket.wantsToRead(false);
            world.pass(TIMEOUT.minus(MILLI));
        }

        assertNoLeak();
    }

    @Test
    void aThreadBlockedInReadKeepsItsSocketForEver() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.reading(true);

        world.pass(Duration.ofHours(24));

        assertNoLeak();
    }

    @Test
    void aRegisteredReaderKeepsItsSocketForEver() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.wantsToRead(true);

        world.pass(Duration.ofHours(24));

        assertNoLeak();
    }

    @Test
    void aClientThatReadsItsAnswerKeepsItsSocketForEver() {
        ImaginarySocket blocked = world.halfClosedSocket();
        blocked.nothingUnread();
        blocked.reading(true);
        ImaginarySocket registered = world.halfClosedSocket();
        registered.nothingUnread();
        registered.wantsToRead(true);

        world.pass(Duration.ofHours(24));

        assertNoLeak();
    }

    @Test
    void aClientThatWaitsForItsAnswerWithoutReadingHasATimeoutOfItsOwn() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.nothingUnread();

        world.pass(Duration.ofMinutes(10).minus(MILLI));
        assertNoLeak();
        world.pass(Duration.ofMinutes(1));
        assertEquals(1, world.sink.reports().size());
    }

    @Test
    void aSlowConsumerThatPausesForLessThanTheTimeoutKeepsItsSocketForEver() {
        ImaginarySocket socket = world.halfClosedSocket();
        for (int i = 0; i < 1000; i++) {
            world.pass(TIMEOUT.minus(MILLI));
            world.events.read(socket);
        }

        assertNoLeak();
    }

    @Test
    void aPeerThatGoesOnSendingPutsTheLeakOff() {
        ImaginarySocket socket = world.halfClosedSocket();
        for (int i = 0; i < 100; i++) {
            world.pass(TIMEOUT.minusSeconds(1));
            socket.peerSends("x");
        }

        assertNoLeak();
    }

    /** With a full window no more arrives, which is no activity; and window-full is a kind of open outputs only. */
    @Test
    void aHalfClosedSocketWhoseWindowThePeerHasFilledIsAHalfClosedLeak() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.minusSeconds(1));
        socket.peerFillsWindow();
        world.pass(TIMEOUT.minusSeconds(1));
        assertNoLeak();
        world.pass(SLACK.plusSeconds(1));

        var leak = world.sink.leak();
        assertEquals(LeakKind.HALF_CLOSED, leak.kind());
        assertEquals(Grade.WEAK, leak.grade());
    }

    @Test
    void aSocketOfAClassWeDoNotKnowIsNotWatched() {
        world.events.halfClosed("not a socket");

        assertEquals(0, world.wakeUps());
        assertFalse(world.detector.hasArrivals());
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
    }

    @Test
    void eventsOfASocketThatIsNoSuspectAreForgotten() {
        ImaginarySocket healthy = world.socket();
        world.events.read(healthy);
        world.events.interestChanged(healthy);
        world.events.closed(healthy);

        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        assertEquals(0, healthy.looks());
    }

    // -- The whole JVM stopped

    @Test
    void afterAStopEverySuspectGetsItsWholeWindowAgain() {
        List<ImaginarySocket> sockets = sockets(100);
        world.pass(TIMEOUT.minus(MILLI));

        world.stop(Duration.ofHours(8));
        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();

        world.pass(SLACK);
        assertEquals(sockets.size(), world.sink.reports().size());
    }

    @Test
    void aStopInTheMiddleOfATickCountsForThoseThatComeAfterIt() {
        List<ImaginarySocket> sockets = sockets(100);
        world.pass(Duration.ofMillis(10_400));
        assertNoLeak();
        // At this round all are due; while it looks at the first one the JVM stops.
        sockets.get(0).duringNextLook(() -> world.stop(Duration.ofHours(8)));

        world.pass(Duration.ofSeconds(1));
        world.pass(TIMEOUT.minus(MILLI));
        assertTrue(world.sink.reports().size() <= 1, () -> world.sink.reports().size() + " leaks");

        world.pass(SLACK);
        assertEquals(sockets.size(), world.sink.reports().size());
    }

    /** Also one between two steps of a round, or after its last check. */
    @ParameterizedTest
    @ValueSource(strings = {"half-closed", "all"})
    void aStopCountsWhereverInARoundItIs(String track) {
        int look = 1;
        while (look < 1000 && aStopCounts("timeout=10s,track=" + track, look)) {
            look++;
        }
        assertTrue(look > 10, "only " + look + " looks at the clock until the leak was due");
        assertTrue(look < 1000, "the leak is never found");
    }

    /** Returns false if the leak is due before that look at the clock. */
    private static boolean aStopCounts(String settings, int look) {
        var stopped = new World(settings);
        stopped.halfClosedSocket();
        long due = stopped.clock.peek() + TIMEOUT.toNanos();
        stopped.pass(TIMEOUT.minus(Duration.ofMillis(150)));
        stopped.clock.stopsBefore(look, Duration.ofHours(8));
        while (!stopped.clock.hasStopped()) {
            if (stopped.clock.peek() - due >= 0) {
                return false;
            }
            stopped.pass(Duration.ofMillis(10));
        }
        assertEquals(List.of(), stopped.sink.reports(), "a stop before look " + look);
        stopped.pass(TIMEOUT.minus(Duration.ofMillis(20)));
        assertEquals(List.of(), stopped.sink.reports(), "after a stop before look " + look);
        stopped.pass(SLACK.plusMillis(20));
        assertEquals(1, stopped.sink.reports().size());
        return true;
    }

    @Test
    void aStopThatBeganBeforeTheFirstLookCountsToo() {
        world.halfClosedSocket();
        world.stop(Duration.ofHours(8));

        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        world.pass(SLACK);
        assertEquals(1, world.sink.reports().size());
    }

    @Test
    void aSocketIsNotClaimedRightAfterAStop() {
        var draining = new World("timeout=10s,action=drain");
        ImaginarySocket socket = draining.halfClosedSocket();
        draining.pass(Duration.ofMillis(9_900));
        draining.stop(Duration.ofHours(1));
        draining.pass(TIMEOUT.minus(MILLI));

        assertFalse(socket.condemned());
    }

    @Test
    void manyShortStopsAreNoIdleTimeButDoNotHideALeak() {
        world.halfClosedSocket();
        long worked = 0;
        while (world.sink.reports().isEmpty()
                && worked < TIMEOUT.multipliedBy(2).toNanos()) {
            long next = world.round() - world.clock.nanoTime();
            worked += next;
            world.stop(Duration.ofNanos(next).plusMillis(200));
        }

        assertEquals(1, world.sink.reports().size());
        assertTrue(worked >= TIMEOUT.minus(SLACK).toNanos(), "found after " + Duration.ofNanos(worked) + " of work");
        assertTrue(worked <= TIMEOUT.plus(SLACK).toNanos(), "found after " + Duration.ofNanos(worked) + " of work");
    }

    /** As Linux stops a process that may use a fifth of a processor: 20 ms on, 80 ms off; wherever in these 20 ms a round falls. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7, 11, 19})
    void theStopsOfACpuLimitAreNoIdleTime(int phase) {
        world.halfClosedSocket();
        long start = world.clock.nanoTime() - Duration.ofMillis(phase).toNanos();
        long cycle = Duration.ofMillis(100).toNanos();
        long on = Duration.ofMillis(20).toNanos();
        while (world.sink.reports().isEmpty()
                && world.clock.nanoTime() - start < TIMEOUT.multipliedBy(20).toNanos()) {
            long wake = Math.max(world.round(), world.clock.nanoTime() + MILLI.toNanos());
            long in = (wake - start) % cycle;
            world.stop(Duration.ofNanos((in < on ? wake : wake - in + cycle) - world.clock.nanoTime()));
        }
        long worked = (world.clock.nanoTime() - start) / 5;

        assertEquals(1, world.sink.reports().size());
        assertTrue(worked >= TIMEOUT.toNanos() * 6 / 10, "found after " + Duration.ofNanos(worked) + " of work");
    }

    @Test
    void delaysThatSchedulingBringsDoNotPutALeakOff() {
        world.halfClosedSocket();
        long start = world.clock.nanoTime();
        while (world.sink.reports().isEmpty()
                && world.clock.nanoTime() - start < TIMEOUT.multipliedBy(2).toNanos()) {
            long next = world.round();
            world.stop(Duration.ofNanos(next - world.clock.nanoTime()).plusMillis(25));
        }

        assertTrue(world.clock.nanoTime() - start <= TIMEOUT.plus(SLACK).toNanos());
    }

    // -- How a suspect leaves

    @Test
    void aClosedSuspectLeavesAtOnce() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofSeconds(3));
        int looks = socket.looks();
        socket.applicationCloses();
        world.events.closed(socket);

        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        world.pass(Duration.ofHours(1));
        assertEquals(looks, socket.looks());
        assertForgotten(world, socket);
        assertNoLeak();
        assertEquals(List.of(), world.sink.alive());
    }

    @Test
    void aSuspectClosedBeforeTheReaperThreadSawItLeavesToo() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.applicationCloses();
        world.events.closed(socket);

        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        assertEquals(0, socket.looks());
    }

    @Test
    void aSuspectThatWasCollectedLeavesAtTheNextLook() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofSeconds(3));
        socket.collected();

        world.pass(Duration.ofSeconds(3));

        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        assertNoLeak();
        assertForgotten(world, socket);
    }

    @Test
    void closingTwiceOrFromSeveralThreadsIsOneDeparture() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        world.events.closed(socket);
        world.events.closed(socket);
        world.pass(SLACK);
        world.events.closed(socket);
        world.pass(SLACK);

        assertEquals(1, world.sink.alive().size());
    }

    // -- Released after all

    @Test
    void aLoggedLeakThatIsClosedIsReleasedAfterAll() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        world.pass(Duration.ofSeconds(50));
        socket.applicationCloses();
        world.events.closed(socket);
        world.round();

        var alive = world.sink.alive();
        assertEquals(1, alive.size());
        assertTrue(alive.get(0).closed());
        assertEquals(world.sink.leak(), alive.get(0).leak());
        assertTrue(alive.get(0).afterMillis() >= 50_000 && alive.get(0).afterMillis() <= 52_000, alive::toString);
        assertEquals(1, alive.get(0).leak().site().releasedAfterAll());
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
    }

    @Test
    void aLoggedLeakThatIsReadAgainIsReleasedAfterAllAndReportedAgainIfItLeaksAgain() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, world.sink.reports().size());

        world.events.read(socket);
        world.pass(TIMEOUT.minus(MILLI));
        assertEquals(1, world.sink.reports().size());
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, world.sink.alive().size());
        assertFalse(world.sink.alive().get(0).closed());
        assertEquals(2, world.sink.reports().size());
        assertEquals(2, world.sink.reports().get(1).leak().site().found());

        world.events.closed(socket);
        world.round();
        assertEquals(2, world.sink.alive().size());
    }

    @Test
    void aLoggedLeakThatSomebodyWantsToReadAgainIsReleasedAfterAll() {
        ImaginarySocket reader = world.halfClosedSocket();
        ImaginarySocket interested = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(2, world.sink.reports().size());

        reader.reading(true);
        interested.wantsToRead(true);
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(2, world.sink.alive().size());
        assertEquals(2, world.sink.reports().size());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("doingsOfThePeer")
    void whatThePeerDoesToALoggedLeakIsNoLifeOfTheApplications(String name, BiConsumer<World, ImaginarySocket> action) {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, world.sink.reports().size());

        action.accept(world, socket);
        world.pass(Duration.ofHours(1));

        assertEquals(List.of(), world.sink.alive(), "nobody uses it again");
        assertEquals(1, world.sink.reports().size(), "one socket, one leak");
        assertEquals(1, world.sink.leak().site().found());
    }

    static Stream<Arguments> doingsOfThePeer() {
        return Stream.of(
                activity("its FIN", (world, socket) -> socket.peerCloses()),
                activity("its reset", (world, socket) -> socket.peerResets()),
                activity("more bytes", (world, socket) -> socket.peerSends("NOOP\r\n")));
    }

    @Test
    void aLeakReadAgainAfterThePeerSentMoreGetsItsWholeWindow() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        world.events.read(socket);
        world.pass(Duration.ofSeconds(5));
        socket.peerSends("NOOP\r\n");

        world.pass(TIMEOUT.minus(MILLI));

        assertEquals(1, world.sink.alive().size());
        assertEquals(1, world.sink.reports().size());
    }

    @Test
    void aLoggedLeakThatTheJdkHasClosedAfterItWasCollectedIsHeldNoLonger() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        var site = world.sink.leak().site();
        assertEquals(1, site.dryRun(world.sink.leak().grade()).reported());
        socket.collected();
        socket.freeDescriptor();

        world.pass(Duration.ofMinutes(5));

        assertEquals(List.of(world.sink.leak()), world.sink.collected());
        assertEquals(List.of(), world.sink.alive());
        assertEquals(1, site.releasedAfterAll());
        assertEquals(0, site.dryRun(world.sink.leak().grade()).reported(), "it says nothing about a release");
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
    }

    @Test
    void aLoggedLeakThatWasCollectedIsNotSaidToBeClosed() {
        // Nobody closes the descriptor of a SocketChannel that was dropped: it stays open for ever.
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        socket.collected();

        world.pass(Duration.ofMinutes(5));

        assertEquals(List.of(), world.sink.alive());
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
    }

    @Test
    void aLoggedLeakFoundClosedBeforeTheHookSaysSoIsReleasedAfterAll() {
        // isOpen turns false before the hook is called, and a look may fall in between
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        socket.duringNextLook(socket::applicationCloses);
        world.passUntil(() -> socket.facts().isGone(), TIMEOUT.plus(SLACK));
        assertEquals(List.of(), world.sink.alive());
        world.events.closed(socket);
        world.round();

        assertEquals(1, world.sink.alive().size());
        assertTrue(world.sink.alive().get(0).closed());
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
    }

    // -- What goes on to the release

    @Test
    void aClaimThatFailsIsTriedAgainSoon() {
        var draining = new World("timeout=10s,action=drain");
        ImaginarySocket socket = draining.halfClosedSocket();
        Runnable readerComesAndGoes = () -> socket.reading(true);
        socket.duringNextClaim(readerComesAndGoes);
        draining.passUntil(() -> socket.claims() == 1, TIMEOUT.plus(SLACK));
        assertFalse(socket.condemned());
        assertEquals(List.of(), draining.sink.reports());

        socket.reading(false);
        draining.passUntil(socket::condemned, SLACK);
        draining.passUntil(socket::descriptorIsGone, Duration.ofSeconds(6));
    }

    @Test
    void aSocketInReleaseIsNotLookedAtAndLeavesWhenItIsOver() {
        var draining = new World("timeout=10s,action=drain,drain-idle=5m,drain-time=10m");
        ImaginarySocket socket = draining.halfClosedSocket();
        draining.passUntil(socket::condemned, TIMEOUT.plus(SLACK));
        int looks = socket.looks();

        draining.pass(Duration.ofMinutes(4));
        assertEquals(looks, socket.looks());
        socket.peerCloses();
        draining.pass(SLACK);

        assertTrue(socket.descriptorIsGone());
        assertEquals(1, socket.claims());
        assertEquals(List.of(), draining.sink.alive());
        assertEquals(Detector.NOTHING_TO_DO, draining.detector.tick());
        assertForgotten(draining, socket);
    }

    @Test
    void theAgentsOwnCloseIsNotTakenForTheApplications() {
        var closing = new World("timeout=10s,action=close");
        ImaginarySocket socket = closing.halfClosedSocket();
        closing.passUntil(socket::descriptorIsGone, TIMEOUT.plus(SLACK));
        closing.events.closed(socket);
        closing.pass(SLACK);

        assertEquals(List.of(), closing.sink.alive());
        assertInstanceOf(Outcome.Closed.class, closing.sink.outcome());
        assertEquals(Detector.NOTHING_TO_DO, closing.detector.tick());
    }

    @Test
    void anExcludedSocketIsCountedAndNeverTouched() {
        var excluding = new World("timeout=10s,action=drain,exclude=remote:192.0.2.20");
        ImaginarySocket socket = excluding.halfClosedSocket();

        excluding.pass(Duration.ofHours(1));

        assertEquals(new Outcome.Excluded("remote:192.0.2.20"), excluding.sink.outcome());
        assertEquals(1, excluding.sink.leak().site().excluded());
        assertEquals(0, socket.claims());
    }

    @Test
    void aSocketIsExcludedByAClassOnTheStackOfItsHalfClose() {
        var excluding = new World("timeout=10s,action=close,exclude=stack:" + DetectorTest.class.getName());
        ImaginarySocket socket = excluding.halfClosedSocket();

        excluding.pass(Duration.ofHours(1));

        assertInstanceOf(Outcome.Excluded.class, excluding.sink.outcome());
        assertEquals(0, socket.claims());
    }

    // -- What it costs

    @Test
    void withNothingToWatchThereIsNothingToDo() {
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        world.stop(Duration.ofHours(1));
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        assertEquals(0, world.wakeUps());
    }

    @Test
    void anArrivalWakesTheReaperThreadAndADoubleHalfCloseDoesNot() {
        ImaginarySocket socket = world.halfClosedSocket();
        assertEquals(1, world.wakeUps());
        assertTrue(world.detector.hasArrivals());
        world.events.halfClosed(socket);
        world.events.halfClosed(socket);

        assertEquals(1, world.wakeUps());
        world.round();
        assertFalse(world.detector.hasArrivals());
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, world.sink.reports().size());
    }

    @Test
    void twoThreadsThatHalfCloseAtOnceMakeOneSuspect() {
        ImaginarySocket socket = world.socket();
        world.duringNextArrival(() -> world.events.halfClosed(socket));
        world.events.halfClosed(socket);
        assertEquals(1, world.wakeUps());

        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, world.sink.reports().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"100ms", "10s", "60s", "24h"})
    void aSuspectCostsAboutTenLooksPerTimeout(String timeout) {
        var other = new World("timeout=" + timeout);
        ImaginarySocket waiting = other.halfClosedSocket();
        waiting.nothingUnread();
        Duration window = Duration.ofMillis(World.settings("timeout=" + timeout).timeoutMillis());

        other.pass(window.multipliedBy(10));

        assertTrue(waiting.looks() <= 115, () -> waiting.looks() + " looks in ten windows");
    }

    @Test
    void aLoggedLeakCostsOneLookPerTimeout() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        int before = socket.looks();

        world.pass(TIMEOUT.multipliedBy(100));

        assertTrue(socket.looks() - before <= 100, () -> socket.looks() + " looks");
    }

    @Test
    void aHundredThousandSuspectsAreEachFoundAfterABoundedNumberOfLooks() throws Exception {
        int count = 100_000;
        var sockets = new ArrayList<ImaginarySocket>(count);
        // from a thread of its own, whose stack is short: as many of JUnit's would fill the heap
        var application = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                sockets.add(world.halfClosedSocket());
                if (i % SocketEvents.MOST_ARRIVALS == 0) {
                    world.detector.tick();
                }
            }
        });
        application.start();
        application.join();

        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(count, world.sink.reports().size());
        assertEquals(1, world.sites.all().size());
        assertEquals(count, world.sites.all().iterator().next().found());
        int most = sockets.stream().mapToInt(ImaginarySocket::looks).max().orElseThrow();
        assertTrue(most <= 12, () -> most + " looks at one socket");

        for (ImaginarySocket socket : sockets) {
            world.events.closed(socket);
        }
        assertEquals(Detector.NOTHING_TO_DO, world.detector.tick());
        assertEquals(count, world.sink.alive().size());
    }

    // -- When the agent itself fails

    @Test
    void aFailureCostsOneLookAndNoSuspect() {
        world.halfClosedSocket();
        world.halfClosedSocket();
        world.pass(TIMEOUT);
        world.descriptors.failOnce(new IllegalStateException("out of something"));

        world.pass(SLACK);
        assertEquals("out of something", world.failures().get(0).getMessage());
        world.pass(SLACK);

        assertEquals(2, world.sink.reports().size());
    }

    /** Nor must the time between its failures count as a stop of the JVM, after which all windows begin anew. */
    @ParameterizedTest
    @ValueSource(strings = {"1s", "10s"})
    void aSuspectThatFailsAgainAndAgainKeepsNoOtherFromBeingFound(String timeout) {
        var other = new World("timeout=" + timeout);
        for (int i = 0; i < 50; i++) {
            other.halfClosedSocket().looksFail(new IllegalStateException("every time"));
        }
        other.halfClosedSocket();
        other.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, other.sink.reports().size());
        assertTrue(other.failures().size() >= 50);
    }

    /** However long the reaper thread would sleep, it begins on them before any must be turned away. */
    @Test
    void theReaperThreadIsWokenWhenManyHaveArrived() {
        sockets(SocketEvents.MANY_ARRIVALS - 1);
        assertEquals(0, world.crowds());
        sockets(1);
        assertEquals(1, world.crowds());
        sockets(SocketEvents.MANY_ARRIVALS);
        assertEquals(1, world.crowds(), "once is enough");
        world.detector.tick();
        sockets(SocketEvents.MANY_ARRIVALS);
        assertEquals(2, world.crowds());
    }

    @Test
    void halfClosedSocketsDoNotPileUpWithoutBoundWhileNobodyTakesThem() {
        sockets(SocketEvents.MOST_ARRIVALS + 5);
        world.round();
        assertEquals(SocketEvents.MOST_ARRIVALS, world.detector.suspects());
        assertTrue(
                world.failures().get(0).getMessage().startsWith("5 half-closed sockets"), world.failures()::toString);

        world.halfClosedSocket();
        world.round();
        assertEquals(SocketEvents.MOST_ARRIVALS + 1, world.detector.suspects());
    }

    @Test
    void whatIsDroppedAgainAndAgainIsSaidEveryTenSecondsAndNoneOfItIsForgotten() {
        for (int i = 0; i < 4; i++) {
            sockets(SocketEvents.MOST_ARRIVALS + 5);
            world.round();
            world.stop(Duration.ofSeconds(4));
        }
        assertEquals(
                List.of("5", "15"),
                world.failures().stream()
                        .map(said -> said.getMessage().replaceFirst(" half-closed .*", ""))
                        .toList());
    }

    @Test
    void socketsThatAreNotKnownYetAreHeldInABoundedNumber() {
        for (int i = 0; i < UnidentifiedSockets.CAPACITY + 7; i++) {
            world.events.halfClosed(world.socket().known(false));
        }
        assertEquals(UnidentifiedSockets.CAPACITY, world.detector.held());
        world.detector.identifyArrivals();
        assertEquals(UnidentifiedSockets.CAPACITY, world.detector.held(), "still not known");
        world.round();
        assertTrue(
                world.failures()
                        .get(0)
                        .getMessage()
                        .startsWith("7 sockets were opened or half-closed while " + UnidentifiedSockets.CAPACITY),
                world.failures()::toString);
    }

    @Test
    void whatIsOverTakesNobodysPlaceAmongThoseThatAreNotKnownYet() {
        for (int i = 0; i < 3 * UnidentifiedSockets.CAPACITY; i++) {
            ImaginarySocket socket = world.socket().known(false);
            world.events.halfClosed(socket);
            world.events.closed(socket);
            if (i % UnidentifiedSockets.CAPACITY == 0) {
                world.round();
            }
        }
        assertTrue(world.detector.held() <= UnidentifiedSockets.CAPACITY);
        world.detector.identifyArrivals();
        assertEquals(0, world.detector.held());
        world.round();
        assertEquals(List.of(), world.failures());
    }

    @Test
    void manySuspectsShareTheStacksOfTheirHalfCloses() {
        sockets(4 * SuspectCheck.MOST_OWN_STACKS);
        for (int i = 0; i < 20; i++) {
            world.pass(TIMEOUT.dividedBy(10));
        }
        var stacks = new IdentityHashMap<StackTraceElement[], Boolean>();
        for (SuspectSnapshot listed : world.detector.list()) {
            stacks.put(listed.candidate().originStack(), true);
        }
        assertTrue(stacks.size() <= SuspectCheck.MOST_OWN_STACKS, () -> stacks.size() + " stacks");
        assertEquals(1, world.sites.all().size());
    }

    @Test
    void whatBecomesKnownIsHeldNoLonger() {
        ImaginarySocket first = world.socket().known(false);
        ImaginarySocket second = world.socket().known(false);
        world.events.halfClosed(first);
        world.events.halfClosed(second);
        first.known(true);
        world.detector.identifyArrivals();
        assertEquals(1, world.detector.held());
        second.known(true);
        world.detector.identifyArrivals();
        assertEquals(0, world.detector.held());
    }

    private List<ImaginarySocket> sockets(int count) {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < count; i++) {
            sockets.add(world.halfClosedSocket());
        }
        return sockets;
    }

    /** Nothing of the suspect is kept: were it half-closed now, it would be a new one. */
    private static void assertForgotten(World world, ImaginarySocket socket) {
        int before = world.wakeUps();
        world.events.halfClosed(socket);
        assertEquals(before + 1, world.wakeUps());
    }

    private void assertNoLeak() {
        assertEquals(List.of(), world.sink.outcomes());
    }
}
