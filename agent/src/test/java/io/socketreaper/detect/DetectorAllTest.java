package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.TcpState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code track=all}: sockets of which no event tells that they are lost, those that tell their number and those that do not. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class DetectorAllTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Two sweeps a second find the sign. */
    private static final Duration SWEEP = Duration.ofMillis(500);
    /** A suspect is looked at ten times per timeout. */
    private static final Duration LOOK = TIMEOUT.dividedBy(10);
    /** In one second more than stacks are taken. */
    private static final int MANY = 500;
    /** More than may pass until the look that ends the window. */
    private static final Duration SLACK = Duration.ofSeconds(3);

    private static final Duration MILLI = Duration.ofMillis(1);

    private final World world;

    DetectorAllTest(boolean numbersAreKnown) {
        world = new World("track=all,timeout=10s").numbersAreKnown(numbersAreKnown);
    }

    // -- What is looked at, and what it costs

    /** A short look that fails again and again must cost neither the looks at others nor what comes after the sweep. */
    @Test
    void aShortLookThatFailsHoldsUpNobodyElse() {
        var world = new World("track=all,timeout=10s");
        ImaginarySocket broken = world.openedSocket();
        ImaginarySocket leaked = world.openedSocket();
        ImaginarySocket halfClosed = world.halfClosedSocket();
        leaked.peerCloses();
        broken.duringEachLook(() -> {
            throw new IllegalStateException("out of something");
        });
        halfClosed.peerCloses();
        world.pass(Duration.ofSeconds(15));

        assertEquals(2, world.sink.outcomes().size());
        assertFalse(world.failures().isEmpty());
        broken.duringEachLook(null);
        broken.peerCloses();
        world.pass(Duration.ofSeconds(15));
        assertEquals(3, world.sink.outcomes().size());
    }

    @Test
    void openedSocketsCostAShortLookPerSweepAndNoEventUntilTheyShowASign() {
        List<ImaginarySocket> sockets = openedSockets(100);

        world.pass(Duration.ofMinutes(10));

        for (ImaginarySocket socket : sockets) {
            assertEquals(0, socket.looks());
            assertTrue(
                    socket.quickChecks() >= 1190 && socket.quickChecks() <= 1201,
                    () -> socket.quickChecks() + " short looks");
        }
        assertEquals(0, world.wakeUps(), "the application wakes nobody");
        assertFalse(world.trafficWanted());
        assertFalse(world.detector.hasSuspects());
        assertNoLeak();
    }

    /** Opened and closed while the reaper thread is held up, some of them beside a socket that stays. */
    @Test
    void socketsThatComeAndGoLeaveNothingBehindThoughTheReaperThreadIsHeldUp() {
        ImaginarySocket stays = world.openedSocket();
        ImaginarySocket last = null;
        for (int i = 0; i < 3 * UnidentifiedSockets.CAPACITY; i++) {
            ImaginarySocket socket = world.socket().established().known(false);
            world.events.opened(socket);
            if (last != null) {
                last.applicationCloses();
                world.events.released(last);
            }
            last = socket;
        }
        assertTrue(world.detector.held() <= UnidentifiedSockets.CAPACITY);
        world.detector.identifyArrivals();
        assertEquals(1, world.detector.held(), "the one that is open");
        world.pass(SWEEP);
        assertEquals(List.of(), world.failures());
        assertFalse(world.detector.knownInodes().isEmpty());
        assertTrue(stays.quickChecks() > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"100ms", "1s", "60s", "24h"})
    void sweepsComeTenTimesPerTimeoutButNotMoreThanTenTimesASecondNorLessThanTwice(String timeout) {
        var other = new World("track=all,timeout=" + timeout);
        ImaginarySocket socket = other.openedSocket();
        long between =
                Math.max(100, Math.min(500, World.settings("timeout=" + timeout).timeoutMillis() / 10));

        other.pass(Duration.ofMillis(100 * between));

        assertTrue(Math.abs(socket.quickChecks() - 100) <= 1, () -> socket.quickChecks() + " short looks");
    }

    @Test
    void sweepsThatTakeLongAreMadeMoreSeldom() {
        List<ImaginarySocket> sockets = openedSockets(MANY);
        // One look at the clock for each chain of the table.
        world.clock.runsBy(Duration.ofMillis(1));
        world.pass(Duration.ofMinutes(10));

        long swept = (long) sockets.get(0).quickChecks() * MANY;
        assertTrue(
                swept > 6_000 && swept <= 600_000 / 50 + 2 * MANY, () -> swept + " of 600 000 ms were spent on sweeps");
    }

    @Test
    void aSweepThatWasHeldUpOnceIsFollowedByTheNextInTime() {
        ImaginarySocket socket = world.openedSocket();
        world.pass(SWEEP);
        socket.duringNextQuickCheck(() -> world.stop(Duration.ofMillis(400)));
        world.pass(SWEEP);
        int before = socket.quickChecks();
        world.pass(SWEEP.multipliedBy(10));

        assertTrue(socket.quickChecks() >= before + 9, () -> socket.quickChecks() - before + " short looks");
    }

    @Test
    void aSocketThatIsReleasedVanishesWithoutALook() {
        List<ImaginarySocket> sockets = openedSockets(3);
        world.pass(SWEEP);
        assertEquals(inodes(sockets), world.detector.knownInodes());
        int before = sockets.get(1).quickChecks();
        sockets.get(1).applicationCloses();
        world.events.released(sockets.get(1));

        world.pass(SWEEP.multipliedBy(5));

        assertEquals(inodes(List.of(sockets.get(0), sockets.get(2))), world.detector.knownInodes());
        assertEquals(before, sockets.get(1).quickChecks());
    }

    /** Opened before its stack was proven, it did not tell its number; it does when it is half-closed and released. */
    @Test
    void aSocketWhoseNumberIsKnownOnlyLaterIsTheSameSocketStill() {
        world.numbersAreKnown(false);
        ImaginarySocket socket = world.openedSocket();
        world.numbersAreKnown(true);
        socket.peerCloses();
        world.pass(TIMEOUT.minus(MILLI));
        world.events.halfClosed(socket);
        world.events.heldThrough(socket, "front");
        assertEquals(inodes(List.of(socket)), world.detector.knownInodes());
        assertEquals(1, world.detector.suspects());
        assertNothingIsLeftOnceItIsReleased(socket);
    }

    /** The close was not told, because of an Error in the hook, and the object is collected before anybody has looked at it. */
    @Test
    void whatIsCollectedHasNoClaimToADescriptorThatAnotherWasGivenSince() {
        var closing = new World("track=all,timeout=10s,action=close");
        ImaginarySocket lost = closing.openedSocket();
        ImaginarySocket stranger = closing.socketInPlaceOf(lost);
        closing.events.opened(stranger);
        lost.unreachable();

        closing.pass(TIMEOUT.plus(SLACK).multipliedBy(2));

        assertEquals(0, lost.claims());
        assertEquals(List.of(), closing.sink.reports());
        assertEquals(inodes(List.of(stranger)), closing.detector.knownInodes());
    }

    /** The same, if the other one does not tell its number when it is opened, as an asynchronous channel. */
    @Test
    void whatIsCollectedHasNoClaimToADescriptorOfAnotherWhoseNumberIsNotTold() {
        var closing = new World("track=all,timeout=10s,action=close");
        ImaginarySocket lost = closing.openedSocket();
        ImaginarySocket stranger = closing.socketInPlaceOf(lost);
        closing.numbersAreKnown(false);
        closing.events.opened(stranger);
        lost.unreachable();

        closing.pass(TIMEOUT.plus(SLACK).multipliedBy(2));

        assertEquals(0, lost.claims());
        assertEquals(List.of(), closing.sink.reports());
        assertEquals(inodes(List.of(stranger)), closing.detector.knownInodes());
        assertFalse(closing.detector.hasSuspects());
    }

    /** One thread closes it while another half-closes it, and between both a sweep has found it closed. */
    @Test
    void aCloseThatIsToldWhileASuspectIsBeingAddedEndsThat() {
        var closing = new World("track=all,timeout=10s,action=close");
        ImaginarySocket closed = closing.openedSocket();
        closed.duringNextHalfClose(() -> {
            closed.applicationCloses();
            closing.pass(SWEEP);
            closing.events.released(closed);
        });
        closing.events.halfClosed(closed);
        closing.socketInPlaceOf(closed);
        closed.unreachable();

        closing.pass(TIMEOUT.plus(SLACK).multipliedBy(2));

        assertEquals(0, closed.claims());
        assertEquals(List.of(), closing.sink.reports());
        assertFalse(closing.detector.hasSuspects());
    }

    /** The number of its descriptor may be somebody else's by now: what the quick check has seen is not this socket's. */
    @Test
    void aCloseThatIsToldDuringAQuickCheckMakesNoSuspectOfWhatTheCheckSaw() {
        ImaginarySocket socket = world.openedSocket();
        socket.duringNextQuickCheck(() -> {
            world.events.released(socket);
            socket.unreachable();
        });

        world.pass(TIMEOUT.plus(SLACK));

        assertFalse(world.detector.hasSuspects());
        assertNoLeak();
    }

    @Test
    void aCloseThatIsToldDuringALookCountsMoreThanWhatTheLookSaw() {
        ImaginarySocket socket = world.openedSocket();
        socket.peerCloses();
        world.passUntil(() -> socket.looks() == 1, TIMEOUT);
        socket.duringNextLook(() -> {
            world.events.released(socket);
            socket.unreachable();
        });

        world.pass(TIMEOUT.plus(SLACK).multipliedBy(2));

        assertFalse(world.detector.hasSuspects());
        assertNoLeak();
    }

    @Test
    void aSocketThatIsGoneWithoutAnEventVanishesToo() {
        List<ImaginarySocket> sockets = openedSockets(3);
        sockets.get(0).applicationCloses();
        sockets.get(1).collected();

        world.pass(SWEEP.multipliedBy(2));

        assertEquals(inodes(List.of(sockets.get(2))), world.detector.knownInodes());
        assertFalse(world.detector.hasSuspects());
    }

    @Test
    void aSuspectThatIsReleasedVanishesWithTheRestOfIt() {
        ImaginarySocket socket = world.openedSocket();
        socket.peerCloses();
        world.pass(TIMEOUT.minus(MILLI));
        assertTrue(world.detector.hasSuspects());
        assertNothingIsLeftOnceItIsReleased(socket);
        assertEquals(List.of(), world.sink.alive());
    }

    @Test
    void withoutTrackAllNobodyIsLookedAtUnlessItIsHalfClosed() {
        var halfClosedOnly = new World("timeout=10s");

        assertEquals(Detector.NOTHING_TO_DO, halfClosedOnly.detector.tick());
        halfClosedOnly.halfClosedSocket();
        halfClosedOnly.pass(TIMEOUT.plus(SLACK));
        assertFalse(halfClosedOnly.trafficWanted());
        assertEquals(1, halfClosedOnly.sink.reports().size());
    }

    // -- Each kind, its timeout and its action

    @ParameterizedTest
    @EnumSource
    void aLeakOfEachKindIsFoundOnceItsTimeoutHasPassed(LeakKind kind) {
        ImaginarySocket socket = lose(world, kind);

        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        world.pass(SLACK.plus(SWEEP));

        var leak = world.sink.leak();
        assertEquals(new Outcome.Logged(), world.sink.outcome());
        assertEquals(kind, leak.kind());
        assertEquals(kind, leak.site().kind());
        assertEquals(socket.descriptor(), leak.descriptor());
        assertTrue(leak.openMillis() >= leak.ageMillis(), leak::toString);
        assertTrue(leak.idleMillis() >= 10_000 && leak.idleMillis() <= leak.ageMillis(), leak::toString);
        assertTrue(Stream.of(leak.stack())
                .anyMatch(frame -> frame.getClassName().equals(getClass().getName())));
        assertEquals(kind == LeakKind.HALF_CLOSED ? StackOrigin.HALF_CLOSED : StackOrigin.OPENED, leak.stackOrigin());
    }

    /** Whatever its moment between two sweeps, and among many that are well. */
    @ParameterizedTest
    @MethodSource("kindsAndTimeouts")
    void aLeakIsFoundWithinASecondAfterItsTimeout(LeakKind kind, Duration timeout) {
        var other = new World("track=all,timeout=" + timeout.toMillis() + "ms");
        for (int i = 0; i < 200; i++) {
            other.openedSocket();
        }
        other.pass(timeout);
        for (int i = 1; i <= 4; i++) {
            other.pass(Duration.ofMillis(137));
            lose(other, kind);
            other.pass(timeout.minus(MILLI));
            assertEquals(i - 1, other.sink.reports().size());
            other.pass(Duration.ofMillis(700));
            assertEquals(i, other.sink.reports().size(), "a part of the second is for the release");
        }
    }

    static Stream<Arguments> kindsAndTimeouts() {
        return Stream.of(LeakKind.values())
                .flatMap(kind -> Stream.of("1s", "10s", "60s", "5m")
                        .map(timeout -> arguments(
                                kind,
                                Duration.ofMillis(
                                        World.settings("timeout=" + timeout).timeoutMillis()))));
    }

    @ParameterizedTest
    @EnumSource
    void eachKindHasATimeoutOfItsOwn(LeakKind kind) {
        var other = new World("track=all,timeout=10s," + kind + ".timeout=40s");
        lose(other, kind);
        other.pass(Duration.ofSeconds(40).minus(MILLI));
        assertEquals(List.of(), other.sink.reports());
        other.pass(Duration.ofSeconds(6));
        assertEquals(1, other.sink.reports().size());

        for (LeakKind another : LeakKind.values()) {
            if (another != kind) {
                var untouched = new World("track=all,timeout=10s," + kind + ".timeout=40s");
                lose(untouched, another);
                untouched.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
                assertEquals(another, untouched.sink.leak().kind());
            }
        }
    }

    /** A leak of the kind window-full is always doubtful. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NEVER_CONNECTED", "WINDOW_FULL"})
    void eachKindHasAnActionOfItsOwn(LeakKind kind) {
        for (LeakKind lost : LeakKind.values()) {
            var one = new World("track=all,timeout=10s," + kind + ".action=close");
            ImaginarySocket socket = lose(one, lost);
            one.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
            assertEquals(lost == kind, socket.descriptorIsGone(), lost + " with " + kind + ".action=close");

            if (lost != LeakKind.NEVER_CONNECTED && lost != LeakKind.WINDOW_FULL) {
                var allButOne = new World("track=all,timeout=10s,action=close," + kind + ".action=log");
                socket = lose(allButOne, lost);
                allButOne.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
                assertEquals(lost != kind, socket.descriptorIsGone(), lost + " with " + kind + ".action=log");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain", "close"})
    void aSocketThatWasNeverConnectedIsOnlyEverReported(String action) {
        var other = new World("track=all,timeout=10s,action=" + action);
        ImaginarySocket socket = lose(other, LeakKind.NEVER_CONNECTED);

        other.pass(Duration.ofMinutes(10));

        assertEquals(new Outcome.Logged(), other.sink.outcome());
        assertEquals(0, socket.claims());
    }

    @Test
    void aReleasedSocketOfEveryKindIsForgotten() {
        var closing = new World("track=all,timeout=10s,action=close,doubtful.action=close");
        for (LeakKind kind : LeakKind.values()) {
            if (kind != LeakKind.NEVER_CONNECTED) {
                lose(closing, kind);
            }
        }
        closing.pass(TIMEOUT.plus(SLACK).plus(SLACK));

        assertEquals(5, closing.sink.reports().size());
        assertEquals(Set.of(), closing.detector.knownInodes());
        assertFalse(closing.detector.hasSuspects());
        assertTrue(closing.trafficWanted(), "lines to blame are missed");
        closing.pass(Duration.ofNanos(UseSampler.WANTED));
        assertFalse(closing.trafficWanted());
        assertEquals(List.of(), closing.sink.alive());
    }

    @Test
    void weakLeaksMayHaveALongerTimeout() {
        var careful = new World("track=all,timeout=10s,weak.timeout=1m");
        ImaginarySocket peerStillThere = careful.halfClosedSocket();
        ImaginarySocket peerGone = careful.halfClosedSocket();
        peerGone.peerCloses();
        careful.pass(TIMEOUT.plus(SLACK));
        assertEquals(peerGone.descriptor(), careful.sink.leak().descriptor());
        assertEquals(Grade.STRONG, careful.sink.leak().grade());

        careful.pass(Duration.ofSeconds(46));
        assertEquals(1, careful.sink.reports().size());
        careful.pass(Duration.ofSeconds(10));
        assertEquals(
                peerStillThere.descriptor(),
                careful.sink.reports().get(1).leak().descriptor());
        assertEquals(Grade.WEAK, careful.sink.reports().get(1).leak().grade());
    }

    // -- peer-closed

    @ParameterizedTest(name = "{0}")
    @MethodSource("doings")
    void whatTheApplicationDoesWithASocketThatItsPeerHasClosedBeginsTheWindowAnew(
            String doing, BiConsumer<World, ImaginarySocket> action) {
        ImaginarySocket socket = lose(world, LeakKind.PEER_CLOSED);
        for (int i = 0; i < 20; i++) {
            world.pass(Duration.ofSeconds(9));
            action.accept(world, socket);
        }
        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();

        world.pass(SLACK);
        assertEquals(LeakKind.PEER_CLOSED, world.sink.leak().kind());
    }

    static Stream<Arguments> doings() {
        return Stream.of(
                doing("a read", World::reads),
                doing("a write", World::writes),
                doing("a reader that a look sees", (world, socket) -> {
                    socket.reading(true);
                    world.pass(LOOK);
                    socket.reading(false);
                }),
                doing("read interest that a look sees", (world, socket) -> {
                    socket.wantsToRead(true);
                    world.pass(LOOK);
                    socket.wantsToRead(false);
                }),
                doing("a writer that a look sees", (world, socket) -> {
                    socket.writing(true);
                    world.pass(LOOK);
                    socket.writing(false);
                }));
    }

    private static Arguments doing(String name, BiConsumer<World, ImaginarySocket> action) {
        return arguments(name, action);
    }

    @Test
    void aSocketThatIsStillWrittenAfterThePeersEndIsNeverALeak() {
        ImaginarySocket socket = lose(world, LeakKind.PEER_CLOSED);
        socket.writing(true);

        world.pass(Duration.ofMinutes(10));

        assertNoLeak();
    }

    @Test
    void readsAndWritesAreToldOnlyWhileSomethingIsObserved() {
        assertFalse(world.trafficWanted());
        ImaginarySocket first = lose(world, LeakKind.PEER_CLOSED);
        ImaginarySocket second = lose(world, LeakKind.PEER_CLOSED);
        world.pass(SWEEP);
        assertTrue(world.trafficWanted(), "from the sweep on, before the first look");

        first.applicationCloses();
        world.events.released(first);
        world.pass(SLACK);
        assertTrue(world.trafficWanted(), "for the second");

        second.shutsOutput();
        world.events.halfClosed(second);
        world.pass(SLACK);
        assertFalse(world.trafficWanted(), "of a half-closed socket the hook tells anyway");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"PEER_CLOSED", "WINDOW_FULL"})
    void noOtherKindNeedsToldReadsAndWrites(LeakKind kind) {
        lose(world, kind);
        world.pass(SLACK);

        assertTrue(world.detector.hasSuspects());
        assertFalse(world.trafficWanted());
    }

    @Test
    void aReportedSocketIsObservedOnAndAClaimedOneIsNot() {
        lose(world, LeakKind.PEER_CLOSED);
        world.pass(TIMEOUT.multipliedBy(3));
        assertEquals(1, world.sink.reports().size());
        assertTrue(world.trafficWanted());

        var draining = new World("track=all,timeout=10s,action=drain,drain-idle=5m,drain-time=10m");
        ImaginarySocket socket = draining.openedSocket();
        // So that the line to blame is known, and no last use is sampled.
        draining.events.endOfInput(socket);
        socket.peerCloses();
        socket.busyForReads(Integer.MAX_VALUE);
        draining.passUntil(socket::condemned, TIMEOUT.plus(SLACK).plus(SWEEP));
        draining.pass(SWEEP);
        assertFalse(draining.trafficWanted());
    }

    @Test
    void aReadOfAReportedSocketBringsItBackToLife() {
        ImaginarySocket socket = lose(world, LeakKind.PEER_CLOSED);
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        assertEquals(1, world.sink.reports().size());
        world.reads(socket);
        world.pass(TIMEOUT);

        assertEquals(1, world.sink.alive().size());
        assertFalse(world.sink.alive().get(0).closed());
    }

    @Test
    void aReportedSocketThatIsReleasedIsClosedAfterAll() {
        ImaginarySocket socket = lose(world, LeakKind.PEER_CLOSED);
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        socket.applicationCloses();
        world.events.released(socket);
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(1, world.sink.alive().size());
        assertTrue(world.sink.alive().get(0).closed());
    }

    @Test
    void aResetWithoutAReaderIsAStrongLeak() {
        ImaginarySocket socket = world.openedSocket();
        socket.peerResets();
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));

        assertEquals(LeakKind.PEER_CLOSED, world.sink.leak().kind());
        assertEquals(Grade.STRONG, world.sink.leak().grade());
    }

    @Test
    void theStackOfAHalfCloseIsABetterSignThanThePeersEnd() {
        ImaginarySocket socket = lose(world, LeakKind.PEER_CLOSED);
        socket.peerSends("QUIT\r\n");
        world.pass(Duration.ofSeconds(5));
        halfClose(world, socket);
        world.pass(TIMEOUT.plus(SLACK));

        var leak = world.sink.leak();
        assertEquals(LeakKind.HALF_CLOSED, leak.kind());
        assertEquals(StackOrigin.HALF_CLOSED, leak.stackOrigin());
        assertEquals(Thread.currentThread().getName(), leak.thread());
        assertTrue(
                Stream.of(leak.stack()).anyMatch(frame -> frame.getMethodName().equals("halfClose")));
        assertTrue(leak.ageMillis() >= 10_000 && leak.ageMillis() < 13_000, leak::toString);
        assertTrue(leak.openMillis() >= 15_000, leak::toString);
    }

    @Test
    void howLongAHalfClosedSocketWasOpenIsKnownFromItsOpening() {
        ImaginarySocket socket = world.openedSocket();
        socket.peerSends("QUIT\r\n");
        world.pass(Duration.ofMinutes(1));
        halfClose(world, socket);
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(60_000, world.sink.leak().openMillis() - world.sink.leak().ageMillis());
    }

    @Test
    void oneOfVeryManyIsKnownFromItsFirstSweepOn() {
        world.pass(MILLI);
        openedSockets(MANY);
        ImaginarySocket socket = world.openedSocket();
        world.pass(Duration.ofMinutes(1));
        assertEquals(Duration.ofMinutes(1).plus(MILLI).minus(SWEEP).toMillis(), openMillisAtHalfClose(socket));
    }

    @Test
    void oneOfVeryManyThatIsHalfClosedBeforeAnySweepIsKnownFromThenOn() {
        world.pass(MILLI);
        openedSockets(MANY);
        assertEquals(0, openMillisAtHalfClose(world.openedSocket()));
    }

    private long openMillisAtHalfClose(ImaginarySocket socket) {
        socket.peerSends("QUIT\r\n");
        halfClose(world, socket);
        world.pass(TIMEOUT.plus(SLACK));
        return world.sink.leak().openMillis() - world.sink.leak().ageMillis();
    }

    @Test
    void mostOfVeryManyCostNoLookAtTheClock() {
        openedSockets(MANY);
        long before = world.clock.looks();
        openedSockets(MANY);
        assertTrue(world.clock.looks() - before <= MANY / 10, () -> world.clock.looks() - before + " looks");
    }

    @Test
    void afterVeryManyTheReaperThreadSeesToItThatStacksAreTakenAgain() {
        openedSockets(MANY);
        world.pass(SWEEP.multipliedBy(3));
        ImaginarySocket socket = lose(world, LeakKind.UNREACHABLE);
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));

        assertEquals(socket.descriptor(), world.sink.leak().descriptor());
        assertEquals(StackOrigin.OPENED, world.sink.leak().stackOrigin());
    }

    // -- closed-not-released

    @Test
    void aSocketThatWasClosedBeforeTheFirstSweepIsFound() {
        world.pass(SWEEP);
        ImaginarySocket socket = world.openedSocket();
        socket.applicationClosesButKeepsDescriptor();
        world.events.closed(socket);
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));

        assertEquals(LeakKind.CLOSED_NOT_RELEASED, world.sink.leak().kind());
        assertEquals(Grade.PROVEN, world.sink.leak().grade());
    }

    @ParameterizedTest
    @ValueSource(strings = {"log", "drain", "close"})
    void aSocketThatAStuckReaderKeepsIsReportedOnceAndNeverTouched(String action) {
        var touching = new World("track=all,timeout=10s,action=" + action);
        ImaginarySocket socket = touching.openedSocket();
        socket.applicationClosesUnderAStuckReader();
        touching.events.closed(socket);
        touching.pass(TIMEOUT.multipliedBy(10));

        assertEquals(LeakKind.CLOSED_NOT_RELEASED, touching.sink.leak().kind());
        assertTrue(
                touching.sink.outcome() instanceof Outcome.Spared spared
                        && spared.reason().contains("has been inside a read or write"),
                () -> touching.sink.outcome().toString());
        assertEquals(0, socket.claims());
        socket.freeDescriptor();
        touching.events.released(socket);
        touching.pass(TIMEOUT.plus(SLACK));
        assertEquals(0, touching.detector.suspects());
    }

    @Test
    void aHalfClosedSocketThatIsClosedAndKeepsItsDescriptorIsFound() {
        ImaginarySocket socket = lose(world, LeakKind.HALF_CLOSED);
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(1, world.sink.reports().size());
        socket.applicationClosesButKeepsDescriptor();
        world.events.closed(socket);
        world.pass(TIMEOUT.minus(MILLI));
        assertEquals(1, world.sink.reports().size());
        world.pass(SLACK.plus(SWEEP));

        assertEquals(
                LeakKind.CLOSED_NOT_RELEASED, world.sink.reports().get(1).leak().kind());
    }

    @Test
    void aSocketWhoseSelectorComesInTimeIsNoLeak() {
        ImaginarySocket socket = lose(world, LeakKind.CLOSED_NOT_RELEASED);
        world.pass(TIMEOUT.minus(MILLI));
        socket.freeDescriptor();
        world.events.released(socket);
        world.pass(Duration.ofMinutes(1));

        assertNoLeak();
        assertFalse(world.detector.hasSuspects());
    }

    // -- unreachable

    @Test
    void aSocketIsNotLostWhileAFinalizerMayStillRun() {
        ImaginarySocket socket = world.openedSocket();
        socket.collecting();
        world.pass(Duration.ofMinutes(10));
        assertNoLeak();

        socket.unreachable();
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        assertEquals(Grade.PROVEN, world.sink.leak().grade());
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain", "close"})
    void aDroppedListenerMayHoldItsPortOnPurposeAndIsOnlyReported(String action) {
        var other = new World("track=all,timeout=10s,action=" + action);
        ImaginarySocket socket = lose(other, LeakKind.UNREACHABLE);
        socket.inState(TcpState.LISTEN);
        other.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        other.detector.setPressure(true);
        other.pass(Duration.ofMinutes(5));

        assertEquals(List.of(new Outcome.Logged()), other.sink.outcomes());
        assertEquals(
                ReleaseReply.SPARED,
                other.detector.release(other.detector.list().get(0), Action.CLOSE, true));
        assertEquals(1, other.sink.reports().size());
        assertFalse(socket.descriptorIsGone());
    }

    @Test
    void aReportedHalfCloseThatIsCollectedIsReleasedIfItsNewKindsActionSaysSo() {
        var other = new World("track=all,timeout=10s,half-closed.action=log,unreachable.action=close");
        ImaginarySocket socket = lose(other, LeakKind.HALF_CLOSED);
        other.pass(Duration.ofMinutes(1));
        assertEquals(List.of(new Outcome.Logged()), other.sink.outcomes());
        socket.collecting();
        other.pass(Duration.ofSeconds(30));
        assertFalse(socket.descriptorIsGone());
        socket.unreachable();
        other.pass(SLACK);

        assertTrue(socket.descriptorIsGone(), "being collected is no activity, so there is nothing to wait for");
        assertEquals(2, other.sink.reports().size());
        assertEquals(LeakKind.UNREACHABLE, other.sink.reports().get(1).leak().kind());
        assertEquals(StackOrigin.HALF_CLOSED, other.sink.reports().get(1).leak().stackOrigin());
        assertEquals(List.of(), other.sink.alive(), "the collector is no sign of life");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNREACHABLE")
    void aReportedLeakThatIsCollectedIsReleasedWithinASecondAfterTheTimeoutFromThen(LeakKind kind) {
        var other = new World("track=all,timeout=60s,unreachable.action=close");
        ImaginarySocket socket = lose(other, kind);
        other.pass(Duration.ofSeconds(63));
        assertEquals(List.of(new Outcome.Logged()), other.sink.outcomes());
        int looks = socket.looks();
        other.pass(Duration.ofSeconds(20));
        assertEquals(looks, socket.looks(), "of a leak that was reported nobody is in a hurry to hear");

        socket.unreachable();
        other.pass(Duration.ofSeconds(61));
        assertTrue(socket.descriptorIsGone());
    }

    // -- window-full

    @Test
    void aFullReceiveWindowThatIsNotReadIsADoubtfulLeakAndOnlyReported() {
        var other = new World("track=all,timeout=10s,action=close,window-full.action=close");
        ImaginarySocket socket = lose(other, LeakKind.WINDOW_FULL);
        other.pass(TIMEOUT.minus(MILLI));
        assertEquals(List.of(), other.sink.reports());
        other.pass(SLACK.plus(SWEEP));

        assertEquals(LeakKind.WINDOW_FULL, other.sink.leak().kind());
        assertEquals(Grade.DOUBTFUL, other.sink.leak().grade());
        assertEquals(new Outcome.Logged(), other.sink.outcome());
        other.pass(Duration.ofHours(1));
        assertEquals(1, other.sink.reports().size());
        assertEquals(0, socket.claims());
    }

    @ParameterizedTest
    @CsvSource({
        "doubtful.action=drain, true",
        "doubtful.action=close, true",
        "'doubtful.action=close,window-full.action=log', false"
    })
    void onlyTheActionOfDoubtfulLeaksReleasesAFullReceiveWindow(String settings, boolean released) {
        var other = new World("track=all,timeout=10s," + settings);
        ImaginarySocket socket = lose(other, LeakKind.WINDOW_FULL);
        // Of an imaginary socket more may come, so a drain ends with drain-idle.
        other.pass(TIMEOUT.plus(SLACK).plus(SWEEP).plusSeconds(6));

        assertEquals(released, socket.descriptorIsGone());
        assertEquals(released ? 96 : 0, socket.discarded());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("doings")
    void whatTheApplicationDoesWithASocketWhoseWindowIsFullBeginsTheTimeoutAnew(
            String doing, BiConsumer<World, ImaginarySocket> action) {
        ImaginarySocket socket = lose(world, LeakKind.WINDOW_FULL);
        for (int i = 0; i < 20; i++) {
            world.pass(Duration.ofSeconds(9));
            action.accept(world, socket);
        }
        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();

        world.pass(SLACK);
        assertEquals(LeakKind.WINDOW_FULL, world.sink.leak().kind());
    }

    @Test
    void aPausedConsumerThatReadsOnIsNoSuspectOrComesBackToLife() {
        ImaginarySocket brief = lose(world, LeakKind.WINDOW_FULL);
        world.pass(Duration.ofSeconds(9));
        brief.readsSome();
        world.pass(TIMEOUT.multipliedBy(2));
        assertNoLeak();
        assertFalse(world.detector.hasSuspects());

        brief.peerFillsWindow();
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        assertEquals(LeakKind.WINDOW_FULL, world.sink.leak().kind());
        brief.readsSome();
        world.pass(TIMEOUT);
        assertEquals(1, world.sink.alive().size());
        assertFalse(world.sink.alive().get(0).closed());
        assertFalse(world.detector.hasSuspects());
    }

    @Test
    void aFullReceiveWindowWhoseConnectionIsResetIsPeerClosed() {
        ImaginarySocket socket = lose(world, LeakKind.WINDOW_FULL);
        world.pass(Duration.ofSeconds(9));
        socket.peerResets();
        world.pass(TIMEOUT.minus(SWEEP));
        assertNoLeak();
        world.pass(SLACK.plus(SWEEP));

        assertEquals(LeakKind.PEER_CLOSED, world.sink.leak().kind());
        assertEquals(Grade.DOUBTFUL, world.sink.leak().grade());
    }

    // -- never-connected

    @Test
    void aSocketThatConnectsAtLastIsNoSuspectAnyMore() {
        ImaginarySocket socket = lose(world, LeakKind.NEVER_CONNECTED);
        world.pass(TIMEOUT.minus(MILLI));
        assertTrue(world.detector.hasSuspects());
        socket.established();
        world.pass(Duration.ofMinutes(1));

        assertFalse(world.detector.hasSuspects());
        assertNoLeak();
        assertEquals(Set.of(socket.inode()), world.detector.knownInodes());
    }

    @Test
    void aReportedSocketThatConnectsAtLastIsReleasedAfterAll() {
        ImaginarySocket socket = lose(world, LeakKind.NEVER_CONNECTED);
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        assertEquals(1, world.sink.reports().size());
        socket.established();
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(1, world.sink.alive().size());
        assertFalse(world.sink.alive().get(0).closed());
        assertFalse(world.detector.hasSuspects());
    }

    // -- Found by an agent that came late

    @Test
    void aSocketThatIsDiscoveredIsWatchedLikeAnyOther() {
        ImaginarySocket socket = world.socket().established();
        world.detector.discovered(socket);
        world.detector.discovered(socket);
        world.pass(Duration.ofMinutes(1));
        assertEquals(0, socket.looks());
        assertTrue(socket.quickChecks() <= 121, () -> socket.quickChecks() + " short looks: it is there once");

        socket.peerCloses();
        world.pass(TIMEOUT.plus(SLACK).plus(SWEEP));
        assertEquals(LeakKind.PEER_CLOSED, world.sink.leak().kind());
        assertEquals(StackOrigin.BEFORE_ATTACH, world.sink.leak().stackOrigin());
        assertEquals(0, world.sink.leak().stack().length);
    }

    @Test
    void aSocketThatIsKnownIsNotDiscoveredAgain() {
        ImaginarySocket opened = world.openedSocket();
        world.detector.discovered(opened);
        world.pass(Duration.ofSeconds(10));
        assertTrue(opened.quickChecks() <= 21, () -> opened.quickChecks() + " short looks: it is there once");

        var halfClosedOnly = new World("timeout=10s");
        ImaginarySocket known = halfClosedOnly.halfClosedSocket();
        halfClosedOnly.detector.discovered(known);
        halfClosedOnly.pass(TIMEOUT.plus(SLACK));
        assertEquals(StackOrigin.HALF_CLOSED, halfClosedOnly.sink.leak().stackOrigin());
    }

    @Test
    void withTrackHalfClosedOnlyHalfClosedSocketsAreTakenWhenDiscovered() {
        var other = new World("timeout=10s");
        ImaginarySocket healthy = other.socket().established();
        ImaginarySocket peerClosed = other.socket().established();
        peerClosed.peerCloses();
        ImaginarySocket unused = other.socket().unused();
        ImaginarySocket halfClosed = other.socket();
        for (ImaginarySocket socket : List.of(healthy, peerClosed, unused, halfClosed)) {
            other.detector.discovered(socket);
        }
        other.detector.discovered("not a socket");
        other.pass(TIMEOUT.plus(SLACK));

        assertEquals(halfClosed.descriptor(), other.sink.leak().descriptor());
        assertEquals(StackOrigin.BEFORE_ATTACH, other.sink.leak().stackOrigin());
        assertEquals(Set.of(halfClosed.inode()), other.detector.knownInodes());
        assertFalse(other.trafficWanted());
    }

    // -- The whole JVM stopped

    @ParameterizedTest
    @EnumSource
    void afterAStopEveryKindGetsItsWholeWindowAgain(LeakKind kind) {
        lose(world, kind);
        world.pass(TIMEOUT.minus(MILLI));
        world.stop(Duration.ofHours(8));

        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        world.pass(SLACK.plus(SWEEP));
        assertEquals(1, world.sink.reports().size());
    }

    @Test
    void aStopInTheMiddleOfASweepCountsForAllSuspects() {
        ImaginarySocket healthy = world.openedSocket();
        List<ImaginarySocket> lost = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lost.add(lose(world, LeakKind.PEER_CLOSED));
        }
        world.pass(TIMEOUT.minus(MILLI));
        assertNoLeak();
        healthy.duringNextQuickCheck(() -> world.stop(Duration.ofHours(8)));
        world.pass(SWEEP);
        assertTrue(healthy.quickChecks() > 0
                && world.clock.nanoTime() > Duration.ofHours(7).toNanos());

        world.pass(TIMEOUT.minus(SWEEP));
        assertNoLeak();
        world.pass(SLACK);
        assertEquals(lost.size(), world.sink.reports().size());
    }

    @Test
    void nothingIsClaimedRightAfterAStopInTheMiddleOfASweep() {
        var closing = new World("track=all,timeout=10s,action=close");
        ImaginarySocket healthy = closing.openedSocket();
        ImaginarySocket socket = lose(closing, LeakKind.PEER_CLOSED);
        closing.pass(Duration.ofSeconds(5));
        healthy.duringNextQuickCheck(() -> closing.stop(Duration.ofMinutes(5)));
        closing.pass(SWEEP);

        closing.pass(TIMEOUT.minus(SWEEP));

        assertFalse(socket.condemned());
    }

    // -- A key that nobody uses any more

    @Test
    void interestInWritingIsNoLifeOfASocketThatCannotBeWrittenAnyMore() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.writing(true);
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(1, world.sink.reports().size());
    }

    private static ImaginarySocket lose(World world, LeakKind kind) {
        ImaginarySocket socket = world.openedSocket();
        switch (kind) {
            case HALF_CLOSED -> {
                socket.peerSends("RSET\r\n");
                halfClose(world, socket);
            }
            case PEER_CLOSED -> socket.peerCloses();
            case WINDOW_FULL -> socket.peerFillsWindow();
            case CLOSED_NOT_RELEASED -> socket.applicationClosesButKeepsDescriptor();
            case UNREACHABLE -> socket.unreachable();
            case NEVER_CONNECTED -> socket.unused();
            default -> throw new AssertionError(kind);
        }
        return socket;
    }

    private static void halfClose(World world, ImaginarySocket socket) {
        socket.shutsOutput();
        world.events.halfClosed(socket);
    }

    private void assertNothingIsLeftOnceItIsReleased(ImaginarySocket socket) {
        socket.applicationCloses();
        world.events.released(socket);
        world.pass(SLACK);
        assertFalse(world.detector.hasSuspects());
        assertEquals(Set.of(), world.detector.knownInodes());
        assertNoLeak();
    }

    private List<ImaginarySocket> openedSockets(int count) {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < count; i++) {
            sockets.add(world.openedSocket());
        }
        return sockets;
    }

    private static Set<Long> inodes(List<ImaginarySocket> sockets) {
        return Set.copyOf(sockets.stream().map(ImaginarySocket::inode).toList());
    }

    private void assertNoLeak() {
        assertEquals(List.of(), world.sink.outcomes());
    }
}
