package io.socketreaper.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcomes;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim.Back;
import io.socketreaper.stack.SocketHandle;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReleaseTest {
    private static final long TIMEOUT = 10_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Longer than everything that a release waits for by default. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private World world = new World("action=drain");

    // -- What is done

    @Test
    void logTouchesNothing() {
        world = new World("action=log");
        ImaginarySocket socket = world.socket();
        LeakCase found = leakFound(socket);
        world.pass(LONG);

        assertFalse(found.inRelease());
        assertEquals(new Outcome.Logged(), world.sink.outcome());
        assertEquals(0, socket.claims());
        assertFalse(socket.readsOfTheApplicationFail());
    }

    @Test
    void drainDiscardsToTheEndOfInputThenCloses() {
        ImaginarySocket socket = world.socket();
        socket.peerCloses();
        LeakCase found = leakFound(socket);
        assertTrue(found.inRelease());
        assertTrue(socket.condemned(), "before the first byte is discarded");
        assertEquals(0, socket.discarded());

        world.pass(SECOND);

        assertEquals(Outcomes.drained(6, DrainEnd.END_OF_INPUT, "", ImaginarySocket.OWNER, 1), world.sink.outcome());
        assertEquals(Grade.STRONG, world.sink.leak().grade());
        assertEquals(1, socket.closes());
        assertTrue(socket.descriptorIsGone());
        assertTrue(found.isOver());
        assertEquals(1, world.sink.leak().site().found());
        assertEquals(1, world.sink.leak().site().released());
        assertEquals(Release.NOTHING_TO_DO, world.release.tick());
    }

    @Test
    void drainTakesWhatStillComesUntilThePeerHasEndedItsSide() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(Duration.ofSeconds(3));
        socket.peerSends("QUIT\r\n");
        world.pass(Duration.ofSeconds(3));
        assertFalse(socket.descriptorIsGone());
        socket.peerCloses();
        world.pass(SECOND);

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(12, drained.bytes());
        assertEquals(DrainEnd.END_OF_INPUT, drained.end());
        assertEquals(Grade.WEAK, world.sink.leak().grade(), "as it was found");
    }

    @Test
    void whatIsBeingDrainedWhenTheAgentHasToEndIsClosed() {
        world = new World("action=drain,drain-time=10m,drain-idle=10m");
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.release.endDrainsAt(
                world.clock.nanoTime() + Duration.ofSeconds(35).toNanos());
        world.pass(Duration.ofSeconds(34));
        assertFalse(socket.descriptorIsGone());
        assertEquals(0, socket.closes());

        world.pass(Duration.ofSeconds(2));
        assertTrue(socket.descriptorIsGone());
        assertFalse(world.release.isReleasing());
        assertEquals(
                DrainEnd.TIME,
                assertInstanceOf(Outcome.Drained.class, world.sink.outcome()).end());
    }

    @Test
    void closeReadsNothing() {
        world = new World("action=close");
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(SECOND);

        assertEquals(Outcomes.closed(ImaginarySocket.OWNER, 1), world.sink.outcome());
        assertEquals(0, socket.discarded());
        assertTrue(socket.descriptorIsGone());
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain", "close"})
    void aSocketThatThePeerHasClosedIsEmptiedBeforeItIsClosed(String action) {
        world = new World("doubtful.action=" + action);
        ImaginarySocket socket = world.socket().established();
        socket.peerSends("QUIT\r\n");
        socket.peerCloses();
        leakFound(socket);
        world.pass(SECOND);

        assertEquals(Outcomes.drained(6, DrainEnd.END_OF_INPUT, "", ImaginarySocket.OWNER, 1), world.sink.outcome());
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void thatEndsAtTheBoundsOfADrainToo() {
        world = new World("action=close,drain-bytes=100");
        ImaginarySocket socket = world.socket().established();
        socket.peerCloses();
        socket.peerSendsWithoutEnd();
        leakFound(socket);
        world.pass(SECOND);

        assertEquals(
                DrainEnd.BYTES,
                assertInstanceOf(Outcome.Drained.class, world.sink.outcome()).end());
        assertEquals(100, socket.discarded());
    }

    @Test
    void aSocketThatTheApplicationHasClosedIsNotRead() {
        ImaginarySocket socket = world.socket();
        socket.applicationClosesButKeepsDescriptor();
        socket.beforeEachRead(() -> {
            throw new AssertionError("read");
        });
        leakFound(socket);
        world.pass(SECOND);

        assertEquals(Outcomes.closed(ImaginarySocket.OWNER, 1), world.sink.outcome());
        assertEquals(Grade.PROVEN, world.sink.leak().grade());
    }

    @ParameterizedTest
    @CsvSource({
        "drain, ESTABLISHED, true",
        "drain, CLOSE_WAIT, true",
        "drain, CLOSE, true",
        "close, ESTABLISHED, false",
        "close, CLOSE_WAIT, false",
        "close, CLOSE, false"
    })
    void aDroppedSocketIsReadIfTheActionSaysSoAndItCanBe(String action, TcpState state, boolean read) {
        world = new World("action=" + action);
        ImaginarySocket socket = world.socket();
        socket.inState(state);
        socket.unreachable();
        leakFound(socket);
        world.pass(LONG);

        assertEquals(
                read ? Outcome.Drained.class : Outcome.Closed.class,
                world.sink.outcome().getClass());
        assertEquals(read ? 6 : 0, socket.discarded());
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aDroppedSocketIsNotReadIfItsConnectionIsOverAndAllWasRead() {
        ImaginarySocket socket = world.socket();
        socket.inState(TcpState.CLOSE);
        socket.nothingUnread();
        socket.unreachable();
        leakFound(socket);
        world.pass(SECOND);

        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
    }

    @Test
    void aWriterRefusesTheClaimOfASocketThatCanStillBeWritten() {
        ImaginarySocket socket = world.socket().established();
        socket.peerCloses();
        socket.duringNextClaim(() -> socket.writing(true));

        assertNull(leakFound(socket));
        assertFalse(socket.condemned());
    }

    @Test
    void aClosedSocketThatTheReleaseOfAnotherHasFreedIsNotSaidToBeClosedByTheApplicationMeanwhile() {
        ImaginarySocket socket = world.socket();
        socket.applicationClosesButKeepsDescriptor();
        leakFound(socket);
        socket.freeDescriptor();
        world.pass(LONG);

        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertEquals(1, world.sink.leak().site().released());
    }

    @Test
    void aSharedDescriptorIsSparedOfEveryKindThatIsReleased() {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 3; i++) {
            sockets.add(world.socket().established());
            world.descriptors.share(sockets.get(i).descriptor());
        }
        sockets.get(0).peerCloses();
        sockets.get(1).unreachable();
        sockets.get(2).shutsOutput();
        sockets.get(2).peerSends("x");
        for (ImaginarySocket socket : sockets) {
            leakFound(socket);
        }
        world.pass(LONG);

        assertEquals(
                3,
                world.sink.outcomes().stream()
                        .filter(Outcome.Spared.class::isInstance)
                        .count());
        assertTrue(sockets.stream().noneMatch(ImaginarySocket::descriptorIsGone));
    }

    @ParameterizedTest
    @ValueSource(strings = {"log", "drain", "close"})
    void anExcludedSocketIsNeverTouched(String action) {
        world = new World("action=" + action + ",exclude=local::25");
        ImaginarySocket socket = world.socket();
        LeakCase found = leakFound(socket);
        world.pass(LONG);

        assertFalse(found.inRelease());
        assertEquals(new Outcome.Excluded("local::25"), world.sink.outcome());
        assertEquals(0, socket.claims());
        assertEquals(1, world.sink.leak().site().excluded());
        assertEquals(1, world.sink.leak().site().found());
    }

    @ParameterizedTest
    @ValueSource(strings = {"drain", "close"})
    void aSocketThatAnotherDescriptorSharesIsSpared(String action) {
        world = new World("action=" + action);
        ImaginarySocket socket = world.socket();
        world.descriptors.share(socket.descriptor());
        LeakCase found = leakFound(socket);
        world.pass(LONG);

        assertFalse(found.inRelease());
        assertInstanceOf(Outcome.Spared.class, world.sink.outcome());
        assertEquals(0, socket.claims());
    }

    @Test
    void exclusionsAreAskedWithBothEndsAndTheWholeStack() {
        for (String rule : List.of(
                "local:192.0.2.10",
                "local::25",
                "remote:192.0.2.0/24",
                "stack:" + getClass().getName())) {
            world = new World("exclude=" + rule);
            leakFound(world.socket());
            assertEquals(new Outcome.Excluded(rule), world.sink.outcome());
        }
        for (String rule : List.of("local:192.0.2.20", "remote::25", "stack:com.example.*", "none")) {
            world = new World("exclude=" + rule);
            leakFound(world.socket());
            assertEquals(new Outcome.Logged(), world.sink.outcome());
        }
    }

    // -- The bounds of a drain

    @Test
    void aSilentPeerEndsTheDrainAfterDrainIdle() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(Duration.ofMillis(4_999));
        assertFalse(socket.descriptorIsGone());
        world.pass(Duration.ofMillis(300));

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.IDLE, drained.end());
        assertEquals(6, drained.bytes());
        assertTrue(drained.tookMillis() >= 5_000 && drained.tookMillis() < 5_300, drained::toString);
    }

    /** The peer has said its last word, and whatever else it sends nobody could read. */
    @Test
    void aDrainBelowATlsSessionThatIsOverWaitsForNothing() {
        ImaginarySocket socket = world.socket();
        socket.tlsIsOver();
        leakFound(socket);
        world.pass(Duration.ofMillis(300));

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.TLS_OVER, drained.end());
        assertEquals(6, drained.bytes());
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void suchADrainTakesAllInputHoweverMuchFitsIntoOneRead() {
        ImaginarySocket socket = world.socket();
        socket.peerSends(new byte[100_000]);
        socket.tlsIsOver();
        leakFound(socket);
        world.pass(Duration.ofMillis(300));

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.TLS_OVER, drained.end());
        assertEquals(100_006, drained.bytes());
    }

    @Test
    void everyByteStartsDrainIdleAnew() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        for (int i = 0; i < 5; i++) {
            world.pass(Duration.ofMillis(4_500));
            assertFalse(socket.descriptorIsGone());
            socket.peerSends("x");
        }
        world.pass(Duration.ofSeconds(6));

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.IDLE, drained.end());
        assertEquals(11, drained.bytes());
    }

    @Test
    void aPeerThatTricklesEndsTheDrainAfterDrainTime() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        for (int i = 0; i < 29; i++) {
            world.pass(SECOND);
            assertFalse(socket.descriptorIsGone(), "after " + i + " s");
            socket.peerSends("x");
        }
        world.pass(Duration.ofMillis(1_200));

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.TIME, drained.end());
        assertEquals(35, drained.bytes());
        assertTrue(drained.tookMillis() >= 30_000 && drained.tookMillis() < 30_200, drained::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "5, 5",
        "6, 6",
        "100, 100",
        "65536, 65536",
        "65537, 65537",
        "2MiB, 2097152",
        "3000001, 3000001"
    })
    void aPeerThatSendsWithoutEndIsReadToTheByteOfDrainBytes(String setting, long bytes) {
        world = new World("action=drain,drain-bytes=" + setting);
        ImaginarySocket socket = world.socket();
        socket.peerSendsWithoutEnd();
        leakFound(socket);
        world.pass(SECOND);

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.BYTES, drained.end());
        assertEquals(bytes, drained.bytes());
        assertEquals(bytes, socket.discarded(), "never more than was allowed");
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aFastPeerDoesNotKeepTheReaperThreadFromTheOthers() {
        world = new World("action=drain,drain-bytes=1GiB");
        ImaginarySocket fast = world.socket();
        fast.peerSendsWithoutEnd();
        ImaginarySocket other = world.socket();
        other.peerCloses();
        leakFound(fast);
        leakFound(other);

        world.release.tick();
        assertTrue(fast.discarded() > 0 && fast.discarded() < 2 << 20, () -> fast.discarded() + " bytes in one step");
        assertTrue(other.descriptorIsGone());
    }

    @Test
    void aResetEndsTheDrain() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(SECOND);
        socket.peerSends("QUIT\r\n");
        socket.peerResets();
        world.pass(SECOND);

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(DrainEnd.RESET, drained.end());
        assertEquals(12, drained.bytes());
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aBusyReadLockIsTriedAgain() {
        ImaginarySocket socket = world.socket();
        socket.peerCloses();
        socket.busyForReads(5);
        leakFound(socket);
        world.release.tick();
        assertEquals(0, socket.discarded());
        world.pass(SECOND);

        var drained = assertInstanceOf(Outcome.Drained.class, world.sink.outcome());
        assertEquals(6, drained.bytes());
    }

    @Test
    void aPeerThatSendsIsReadAgainSoonAndASilentOneSeldom() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(Duration.ofSeconds(2));
        // time goes on between two looks at the clock, as it really does
        world.clock.runsBy(Duration.ofNanos(100));
        long silent = world.release.tick() - world.clock.nanoTime();
        socket.peerSends("x");
        world.stop(Duration.ofNanos(silent));
        long sending = world.release.tick() - world.clock.nanoTime();

        assertTrue(silent > Duration.ofMillis(20).toNanos(), () -> "a silent peer is read in " + silent + " ns");
        assertTrue(sending <= Duration.ofMillis(2).toNanos(), () -> "a sending peer is read in " + sending + " ns");
    }

    // -- The application meanwhile

    @Test
    void theApplicationClosesDuringTheDrain() {
        ImaginarySocket socket = world.socket();
        LeakCase found = leakFound(socket);
        world.pass(SECOND);
        socket.applicationCloses();
        world.pass(SECOND);

        var closed = assertInstanceOf(Outcome.ClosedByApplication.class, world.sink.outcome());
        assertEquals(6, closed.bytes());
        assertEquals(0, socket.closes());
        assertTrue(found.isOver());
    }

    @Test
    void whatItHasClosedDuringTheDrainIsNotHandedBackToIt() {
        ImaginarySocket socket = world.socket();
        socket.back(Back.ASKED);
        leakFound(socket);
        world.pass(SECOND);
        socket.applicationCloses();
        world.pass(SECOND);

        assertInstanceOf(Outcome.ClosedByApplication.class, world.sink.outcome());
    }

    @Test
    void theApplicationClosesBetweenClaimAndClose() {
        world = new World("action=close");
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        socket.applicationCloses();
        world.pass(SECOND);

        var closed = assertInstanceOf(Outcome.ClosedByApplication.class, world.sink.outcome());
        assertEquals(0, closed.bytes());
        assertEquals(0, socket.closes());
    }

    @Test
    void aCloseOfTheApplicationsThatFreesNothingIsFollowedByOurs() {
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(Duration.ofMillis(100));
        socket.applicationClosesButKeepsDescriptor();
        world.pass(Duration.ofMillis(900));
        assertEquals(0, socket.closes(), "its selector may still come");
        world.pass(Duration.ofSeconds(2));

        assertEquals(1, socket.closes());
        assertInstanceOf(Outcome.ClosedByApplication.class, world.sink.outcome());
        assertTrue(socket.descriptorIsGone());
    }

    // -- The preview

    @ParameterizedTest
    @CsvSource({"0, ''", "4, RSET", "5, 'RSET\\r'", "256, 'RSET\\r\\n'"})
    void thePreviewShowsAsManyBytesAsItMay(int preview, String text) {
        world = new World("action=drain,preview=" + preview);
        ImaginarySocket socket = world.socket();
        socket.peerCloses();
        leakFound(socket);
        world.pass(SECOND);

        assertEquals(
                text,
                assertInstanceOf(Outcome.Drained.class, world.sink.outcome()).preview());
    }

    @Test
    void thePreviewIsTheBeginningHoweverManyReadsItTook() {
        world = new World("action=drain,preview=8");
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(SECOND);
        socket.peerSends("QUIT\r\n");
        world.pass(SECOND);
        socket.peerSends("MORE");
        socket.peerCloses();
        world.pass(SECOND);

        assertEquals(
                "RSET\\r\\nQU",
                assertInstanceOf(Outcome.Drained.class, world.sink.outcome()).preview());
    }

    @Test
    void everyPossibleByteIsSafeToPrint() {
        var bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        world = new World("action=drain,preview=256");
        ImaginarySocket socket = world.socket();
        socket.nothingUnread();
        socket.peerSends(bytes);
        socket.peerCloses();
        leakFound(socket);
        world.pass(SECOND);

        String preview =
                assertInstanceOf(Outcome.Drained.class, world.sink.outcome()).preview();
        assertTrue(preview.chars().allMatch(c -> c >= 0x20 && c < 0x7f), preview);
        assertTrue(preview.startsWith("\\x00\\x01"), preview);
        assertTrue(preview.contains("\\x08\\t\\n\\x0b\\x0c\\r\\x0e"), preview);
        assertTrue(preview.contains(" !\\\"#"), preview);
        assertTrue(preview.contains("[\\\\]"), preview);
        assertTrue(preview.endsWith("}~\\x7f" + preview.substring(preview.indexOf("\\x80"))), preview);
        assertTrue(preview.endsWith("\\xfe\\xff"), preview);
    }

    // -- Released means that the descriptor is gone

    @Test
    void aStuckCloseHoldsUpNobodyElse() {
        ImaginarySocket stuck = world.socket();
        stuck.peerCloses();
        world.closers.getStuck();
        leakFound(stuck);
        world.pass(SECOND);
        assertFalse(stuck.descriptorIsGone());

        ImaginarySocket other = world.socket();
        other.peerCloses();
        leakFound(other);
        world.pass(Duration.ofMillis(100));
        assertEquals(6, other.discarded(), "drained beside the stuck one");
        world.closers.closeWhatWaits();
        world.pass(LONG);

        assertTrue(stuck.descriptorIsGone());
        assertTrue(other.descriptorIsGone());
        assertEquals(
                2,
                world.sink.outcomes().stream()
                        .filter(Outcome.Drained.class::isInstance)
                        .count());
    }

    @Test
    void aDescriptorThatIsStillHeldIsReportedOnceAndTriedAgainWithGrowingPatienceUntilItIsGivenUp() {
        ImaginarySocket socket = world.socket();
        socket.peerCloses();
        socket.closeFreesNothing();
        LeakCase found = leakFound(socket);
        var closesAfter = new ArrayList<Integer>();
        for (int second = 0; second < 1200; second++) {
            world.pass(SECOND);
            closesAfter.add(socket.closes());
            if (second == 5) {
                assertEquals(
                        List.of(new Outcome.StillHeld(ImaginarySocket.OWNER, 1, false, 1_000)),
                        world.sink.outcomes().stream()
                                .map(ReleaseTest::toTheSecond)
                                .toList());
            }
        }

        assertEquals(1, closesAfter.get(0));
        assertTrue(closesAfter.get(9) <= 4, "patience grows: " + closesAfter.get(9));
        assertTrue(closesAfter.get(59) <= 6, "patience grows: " + closesAfter.get(59));
        assertEquals(closesAfter.get(700), closesAfter.get(1199), "it ends");
        assertTrue(found.isOver());
        assertEquals(0, world.sink.reports().get(0).leak().site().released());
        assertEquals(2, world.sink.reports().size());
        var last =
                assertInstanceOf(Outcome.StillHeld.class, world.sink.outcomes().get(1));
        assertTrue(last.givenUp());
        assertEquals(15, last.attempts());
        assertEquals(1, world.sink.reports().get(0).leak().site().stillHeld());
        assertEquals(socket.closes(), last.attempts());
        assertTrue(last.tookMillis() > 500_000 && last.tookMillis() < 700_000, last::toString);
        assertEquals(Release.NOTHING_TO_DO, world.release.tick());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20, 500})
    void aDescriptorThatGoesLaterIsReportedReleasedThen(int seconds) {
        ImaginarySocket socket = world.socket();
        socket.peerCloses();
        socket.closeFreesNothing();
        leakFound(socket);
        world.pass(Duration.ofSeconds(seconds));
        socket.freeDescriptor();
        world.pass(SECOND);

        assertEquals(2, world.sink.reports().size());
        var drained =
                assertInstanceOf(Outcome.Drained.class, world.sink.outcomes().get(1));
        assertEquals(seconds, drained.tookMillis() / 1000);
        assertEquals(1, world.sink.reports().get(1).leak().site().released());
    }

    @Test
    void aCloseThatFailsIsNotTakenForARelease() {
        ImaginarySocket socket = world.socket();
        socket.peerCloses();
        socket.closeFails(new IOException("Bad file descriptor"));
        leakFound(socket);
        world.pass(Duration.ofSeconds(5));

        assertInstanceOf(Outcome.StillHeld.class, world.sink.outcome());
        assertFalse(socket.descriptorIsGone());
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket:[999999]", "pipe:[17]", "/var/log/app.log"})
    void aNumberThatBelongsToSomebodyElseNowIsGone(String newLink) {
        world = new World("action=close");
        ImaginarySocket socket = world.socket();
        socket.closeFreesNothing();
        leakFound(socket);
        world.release.tick();
        world.descriptors.open(socket.descriptor(), newLink);
        world.pass(Duration.ofMillis(500));

        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertTrue(world.descriptors.isOpen(socket.descriptor()), "and it is not ours to close");
    }

    @Test
    void whatCannotBeToldIsNotTakenForGone() {
        world = new World("action=close");
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.descriptors.unreadable(true);
        world.pass(Duration.ofMillis(900));
        assertEquals(1, socket.closes());
        assertEquals(List.of(), world.sink.reports(), "nothing is said before it is known");

        world.descriptors.unreadable(false);
        world.pass(SECOND);
        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
    }

    @ParameterizedTest
    @ValueSource(strings = {"log", "drain", "close"})
    void aSocketWhoseDescriptorIsGoneAlreadyIsNoLeak(String action) {
        world = new World("action=" + action);
        ImaginarySocket socket = world.socket();
        world.descriptors.close(socket.descriptor());

        assertNull(leakFound(socket));
        assertEquals(0, socket.claims());
        assertEquals(List.of(), world.sink.reports());
        assertEquals(0, world.sites.all().size());
    }

    // -- The claim

    @Test
    void aReaderRefusesTheClaim() {
        assertRefused(socket -> socket.reading(true));
    }

    @Test
    void interestRefusesTheClaim() {
        assertRefused(socket -> socket.wantsToRead(true));
    }

    @Test
    void oneMoreByteRefusesTheClaim() {
        assertRefused(socket -> socket.peerSends("x"));
    }

    @Test
    void aByteLessRefusesTheClaim() {
        assertRefused(ImaginarySocket::nothingUnread);
    }

    @Test
    void thePeersFinRefusesTheClaim() {
        assertRefused(ImaginarySocket::peerCloses);
    }

    @Test
    void thePeersResetRefusesTheClaim() {
        assertRefused(ImaginarySocket::peerResets);
    }

    @Test
    void aReplyThatIsInFlightAgainRefusesTheClaim() {
        assertRefused(socket -> socket.inState(TcpState.FIN_WAIT1));
    }

    @Test
    void aCloseRefusesTheClaim() {
        assertRefused(ImaginarySocket::applicationCloses);
    }

    @Test
    void anEventDuringTheClaimRefusesIt() {
        ImaginarySocket socket = world.socket();
        var finding = new ImaginaryFinding(socket);
        socket.duringNextClaim(() -> finding.lastActivity = world.clock.nanoTime());

        assertNull(leakFound(finding));
        assertFalse(socket.condemned());
    }

    @Test
    void anEventBetweenEvidenceAndClaimRefusesItEvenIfItIsOlderThanTheTick() {
        ImaginarySocket socket = world.socket();
        var finding = new ImaginaryFinding(socket);
        Evidence evidence = finding.evidence();
        // an application thread looked at the clock before the reaper did and wrote the time after it
        finding.lastActivity = world.clock.nanoTime() - 1000;

        assertNull(leakFound(finding, evidence));
        assertFalse(socket.condemned());

        finding.lastActivity = world.clock.nanoTime() + 1000;
        assertNull(leakFound(finding, evidence));
        assertFalse(socket.condemned());
    }

    @Test
    void aRefusedClaimCountsNothing() {
        ImaginarySocket socket = world.socket();
        socket.reading(true);

        assertNull(leakFound(socket));
        assertEquals(
                0, world.sites.all().stream().mapToLong(site -> site.found()).sum());
        assertEquals(Release.NOTHING_TO_DO, world.release.tick());
    }

    private void assertRefused(Consumer<ImaginarySocket> change) {
        ImaginarySocket socket = world.socket();
        socket.duringNextClaim(() -> change.accept(socket));

        assertNull(leakFound(socket));
        world.pass(LONG);
        assertFalse(socket.condemned());
        assertEquals(0, socket.discarded());
        assertEquals(0, socket.closes());
        assertEquals(List.of(), world.sink.reports());
    }

    @Test
    void aSocketIsCondemnedOnceItIsClaimedAndNotBefore() {
        assertTrue(leakFound(world.socket()).isCondemned(), "no event loop has to be asked");

        ImaginarySocket socket = world.socket();
        socket.claimMustBeAskedFor();
        LeakCase found = leakFound(socket);
        world.pass(SECOND);
        assertTrue(found.inRelease());
        assertFalse(found.isCondemned(), "the application may still use it");
        socket.ownerAnswers(true);
        world.pass(SECOND);
        assertTrue(found.isCondemned());
        assertFalse(found.isRefused());
    }

    @Test
    void oneThatItsEventLoopFoundInUseIsRefused() {
        ImaginarySocket socket = world.socket();
        socket.claimMustBeAskedFor();
        LeakCase found = leakFound(socket);
        assertFalse(found.isOver());
        socket.ownerAnswers(false);
        world.pass(SECOND);

        assertTrue(found.isRefused());
        assertTrue(found.isOver());
        assertFalse(found.isCondemned());
    }

    // -- The report

    @Test
    void aReportTellsHowLongAgoItShowedASignAndWasOpened() {
        var finding = new ImaginaryFinding(world.socket());
        finding.openedAt -= Duration.ofSeconds(3).toNanos();
        leakFound(finding);
        world.pass(LONG);

        assertEquals(TIMEOUT, world.sink.leak().ageMillis());
        assertEquals(TIMEOUT + 3_000, world.sink.leak().openMillis());
    }

    @Test
    void aLeakThatIsReportedAgainIsCountedOnce() {
        world = new World("exclude=local::25");
        var finding = new ImaginaryFinding(world.socket());
        leakFound(finding);
        leakFound(finding);

        assertEquals(2, world.sink.reports().size());
        LeakSite site = world.sink.reports().get(0).leak().site();
        assertEquals(1, site.found());
        assertEquals(1, site.excluded());
    }

    // -- The census

    @Test
    void aClaimRestsOnACensusThatIsYoungerThanTheLastActivity() {
        assertNotNull(leakFound(world.socket()));
        assertEquals(1, world.descriptors.censuses());
        assertNotNull(leakFound(world.socket()));
        assertEquals(1, world.descriptors.censuses(), "one census serves all whose last activity is older");

        ImaginarySocket later = world.socket();
        var finding = new ImaginaryFinding(later);
        finding.lastActivity = world.clock.nanoTime();
        world.stop(Duration.ofMillis(500));
        world.descriptors.share(later.descriptor());
        var evidence = new Evidence(later.facts(), 500, 100, false);
        leakFound(finding, evidence);
        assertEquals(2, world.descriptors.censuses(), "however young the first one is");
        assertFalse(later.condemned(), "the dup came after the first census");
    }

    @Test
    void aClaimRestsOnACensusOfTheSameSecondHoweverLongAgoTheLastActivityIs() {
        leakFound(world.socket());
        ImaginarySocket later = world.socket();
        world.descriptors.share(later.descriptor());
        var finding = new ImaginaryFinding(later);
        world.stop(SECOND);

        leakFound(finding);
        assertFalse(later.condemned(), "the dup came after the first census");
        leakFound(world.socket());
        assertEquals(2, world.descriptors.censuses(), "one census serves all of a tick");
    }

    @Test
    void aSecondDescriptorThatWasMadeATenthOfASecondBeforeTheClaimIsSeen() {
        leakFound(world.socket());
        ImaginarySocket later = world.socket();
        world.descriptors.share(later.descriptor());
        var finding = new ImaginaryFinding(later);
        world.stop(Duration.ofMillis(100));

        leakFound(finding);
        assertFalse(later.condemned(), "the dup came after the first census");
    }

    @Test
    void aReportRestsOnACensusOfTheSameSecond() {
        world = new World("action=log");
        for (int i = 0; i < 100; i++) {
            leakFound(world.socket());
        }
        assertEquals(1, world.descriptors.censuses());
        world.stop(SECOND);
        leakFound(world.socket());

        assertEquals(2, world.descriptors.censuses());
        assertEquals(101, world.sink.reports().get(100).leak().census().open());
    }

    // -- Many at once, and failures

    @Test
    void aThousandSilentPeersAreDrainedBesideEachOther() {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 1000; i++) {
            sockets.add(world.socket());
            leakFound(sockets.get(i));
        }
        world.pass(Duration.ofMillis(5_300));

        assertTrue(sockets.stream().allMatch(ImaginarySocket::descriptorIsGone));
        assertEquals(1000, world.sink.reports().size());
        assertEquals(Release.NOTHING_TO_DO, world.release.tick());
    }

    /** A program that closes very many sockets and ends: each of its releases is reported. */
    @Test
    void aLookAtAllReachesEachHoweverLongTheyTake() {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 64; i++) {
            ImaginarySocket socket = world.socket();
            leakFound(socket);
            sockets.add(socket);
        }
        sockets.forEach(ImaginarySocket::applicationCloses);
        world.clock.runsBy(Duration.ofNanos(500_000));

        world.release.lookAtAll();

        assertEquals(64, world.sink.outcomes().size());
    }

    /** A command to the reaper thread waits for no more. */
    @Test
    void aRoundThatTakesLongLeavesTheRestToTheNextOneWhichBeginsWithIt() {
        var readFirst = new LinkedHashSet<Integer>();
        var inOrder = new ArrayList<Integer>();
        for (int i = 0; i < 64; i++) {
            int number = i;
            ImaginarySocket socket = world.socket();
            socket.beforeEachRead(() -> {
                world.clock.advance(Duration.ofMillis(2));
                readFirst.add(number);
            });
            leakFound(socket);
            inOrder.add(i);
        }

        long next = world.release.tick();
        assertTrue(readFirst.size() < 20, () -> readFirst.size() + " sockets in a round");
        assertTrue(next - world.clock.nanoTime() <= 0, "the next round is due at once");
        for (int round = 1; round < 5; round++) {
            world.release.tick();
        }
        assertEquals(inOrder, List.copyOf(readFirst));
    }

    @Test
    void theNextStepIsTheEarliestOfAll() {
        ImaginarySocket silent = world.socket();
        leakFound(silent);
        world.pass(Duration.ofSeconds(2));
        leakFound(world.socket());

        assertTrue(world.release.tick() - world.clock.nanoTime()
                <= Duration.ofMillis(2).toNanos());
    }

    @Test
    void soItIsIfALaterOneFollows() {
        ImaginarySocket sending = world.socket();
        leakFound(sending);
        leakFound(world.socket());
        world.pass(Duration.ofSeconds(2));
        sending.peerSends("x");
        world.stop(Duration.ofMillis(100));

        assertTrue(world.release.tick() - world.clock.nanoTime()
                <= Duration.ofMillis(2).toNanos());
    }

    @Test
    void aStepThatFailsHoldsUpNobodyElseAndIsTriedAgain() {
        ImaginarySocket first = world.socket();
        ImaginarySocket second = world.socket();
        ImaginarySocket third = world.socket();
        for (ImaginarySocket socket : List.of(first, second, third)) {
            socket.peerCloses();
            leakFound(socket);
        }
        world.closers.refuseOnce(new IllegalStateException("no more threads"));

        var failure = assertThrows(IllegalStateException.class, () -> world.release.tick());
        assertEquals("no more threads", failure.getCause().getMessage());
        assertEquals(
                2,
                List.of(first, second, third).stream()
                        .filter(ImaginarySocket::descriptorIsGone)
                        .count());

        world.pass(Duration.ofSeconds(5));
        assertTrue(List.of(first, second, third).stream().allMatch(ImaginarySocket::descriptorIsGone));
        assertEquals(
                3,
                world.sink.outcomes().stream()
                        .filter(Outcome.Drained.class::isInstance)
                        .count());
    }

    // -- When no direct memory is left

    /** Each request that is refused costs a collection of all garbage and half a second. */
    @ParameterizedTest
    @ValueSource(strings = {"drain", "close"})
    void socketsAreReleasedWithoutADrainIfThereIsNoMemoryForOneAndItIsNotAskedForAgainAndAgain(String action) {
        world = new World("track=all,action=" + action);
        world.memory.exhausted(true);
        world.release.prepare();
        for (int i = 0; i < 100; i++) {
            ImaginarySocket socket = world.socket();
            socket.peerCloses();
            leakFound(socket);
        }
        world.pass(SECOND);

        assertEquals(
                100,
                world.sink.outcomes().stream()
                        .filter(Outcome.Closed.class::isInstance)
                        .count());
        assertEquals(1, world.memory.requests());
        assertEquals(
                action.equals("drain"),
                ((Outcome.Closed) world.sink.outcomes().get(0)).owner().contains("no direct memory"));
    }

    @Test
    void memoryForDrainsIsAskedForAgainAMinuteLater() {
        world.memory.exhausted(true);
        leakFound(world.socket());
        world.pass(SECOND);
        world.memory.exhausted(false);
        world.pass(LONG);
        ImaginarySocket socket = world.socket();
        leakFound(socket);
        world.pass(LONG);
        assertEquals(6, socket.discarded());
    }

    @Test
    void memoryForDrainsIsThereBeforeTheFirstLeakIfSomethingIsToBeReleasedAndElseNotAtAll() {
        world = new World("action=log");
        world.release.prepare();
        leakFound(world.socket());
        assertEquals(0, world.memory.requests());
        world.release.settings(World.settings("action=log,unreachable.action=close"));
        assertEquals(1, world.memory.requests());
    }

    @Test
    void manyDrainsTogetherTakeNoMoreDirectMemoryThanOne() {
        var buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findAny()
                .orElseThrow();
        long before = buffers.getMemoryUsed();
        for (int i = 0; i < 100; i++) {
            leakFound(world.socket());
        }
        world.pass(SECOND);

        assertTrue(buffers.getMemoryUsed() - before <= 128 * 1024, () -> buffers.getMemoryUsed() - before + " bytes");
    }

    private LeakCase leakFound(ImaginarySocket socket) {
        return leakFound(new ImaginaryFinding(socket));
    }

    private LeakCase leakFound(ImaginaryFinding finding) {
        return leakFound(finding, finding.evidence());
    }

    private LeakCase leakFound(ImaginaryFinding finding, Evidence evidence) {
        var action = world.settings.action(evidence.kind(), evidence.grade());
        return world.release.leakFound(finding, evidence, action, world.clock.nanoTime());
    }

    private static Outcome toTheSecond(Outcome outcome) {
        return outcome instanceof Outcome.StillHeld held
                ? new Outcome.StillHeld(held.owner(), held.attempts(), held.givenUp(), held.tookMillis() / 1000 * 1000)
                : outcome;
    }

    /** A suspect whose timeout has just passed. */
    private final class ImaginaryFinding implements LeakCandidate {
        private LeakSite countedAt;
        private final ImaginarySocket socket;
        private final long signAt =
                world.clock.nanoTime() - Duration.ofMillis(TIMEOUT).toNanos();
        private long openedAt = signAt;
        private long lastActivity = signAt;

        ImaginaryFinding(ImaginarySocket socket) {
            this.socket = socket;
        }

        Evidence evidence() {
            long idle = Duration.ofNanos(world.clock.nanoTime() - lastActivity).toMillis();
            return new Evidence(socket.facts(), idle, TIMEOUT, false);
        }

        @Override
        public SocketHandle socket() {
            return socket;
        }

        @Override
        public long signAt() {
            return signAt;
        }

        @Override
        public long openedAt() {
            return openedAt;
        }

        @Override
        public StackOrigin stackOrigin() {
            return StackOrigin.HALF_CLOSED;
        }

        @Override
        public String signThread() {
            return "smtp-1";
        }

        @Override
        public StackTraceElement[] originStack() {
            return new StackTraceElement[] {
                new StackTraceElement("sun.nio.ch.SocketChannelImpl", "shutdownOutput", "SocketChannelImpl.java", 1090),
                new StackTraceElement(ReleaseTest.class.getName(), "reject", "Smtp.java", 7)
            };
        }

        @Override
        public void shareStack(StackTraceElement[] same) {
            assertArrayEquals(originStack(), same);
        }

        @Override
        public boolean countsAt(LeakSite site) {
            boolean first = countedAt != site;
            countedAt = site;
            return first;
        }

        @Override
        public long lastActivity() {
            return lastActivity;
        }

        @Override
        public long millisSinceRead(long now) {
            return -1;
        }
    }
}
