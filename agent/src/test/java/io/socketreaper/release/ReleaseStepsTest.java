package io.socketreaper.release;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.ToldOwner;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.Claim.Back;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The steps of a release, each of which is given its time and none of which makes a thread wait. */
class ReleaseStepsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int JDK = Claim.AS_THE_JDK;

    private World world = new World("action=close,timeout=10s");
    private long claimedAt;

    private ImaginarySocket socket() {
        return world.halfClosedSocket();
    }

    private void untilClaimed() {
        world.passUntil(() -> world.release.isReleasing(), TIMEOUT.multipliedBy(2));
        claimedAt = world.clock.nanoTime();
    }

    private void passMillis(long millis) {
        world.pass(Duration.ofMillis(millis));
    }

    private long millisSinceClaim() {
        return Duration.ofNanos(world.clock.nanoTime() - claimedAt).toMillis();
    }

    private ToldOwner told() {
        return assertInstanceOf(Outcome.Closed.class, world.sink.outcome())
                .told()
                .owner();
    }

    // -- Handing back

    @Test
    void anOwnerThatClosesAfterItsOwnReadFailedIsLeftToItselfAndTheReportSaysSo() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        assertTrue(socket.isHandedBack());
        socket.ownerCloses();
        passMillis(50);

        assertEquals(ToldOwner.BY_ITS_READ, told());
        assertEquals(List.of(), socket.waysTried());
        assertFalse(socket.isHandedBack());
    }

    /** At the end of the JVM. */
    @Test
    void whatHasEndedBetweenTwoStepsIsReportedWhenAllAreLookedAt() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        passMillis(200);
        world.release.lookAtAll();
        assertTrue(world.sink.outcomes().isEmpty(), "it has not ended");
        socket.ownerCloses();
        world.release.lookAtAll();

        assertEquals(ToldOwner.BY_ITS_READ, told());
    }

    @Test
    void anOwnerThatIgnoresItIsNotWaitedForLongAndWhatItWasOfferedIsTakenBack() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        socket.back(Back.TOLD);
        world.passUntil(() -> !socket.waysTried().isEmpty(), Duration.ofSeconds(5));

        assertTrue(millisSinceClaim() >= 300 && millisSinceClaim() <= 310, () -> millisSinceClaim() + " ms");
        assertFalse(socket.isHandedBack());
        passMillis(50);
        assertEquals(ToldOwner.IN_VAIN, told());
    }

    @Test
    void anOwnerWhoseThreadIsToldAtTheLastMomentHasTimeToReact() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        passMillis(200);
        socket.back(Back.UNDER_WAY);
        passMillis(300);
        assertTrue(socket.isHandedBack());
        socket.back(Back.TOLD);
        passMillis(90);
        assertEquals(List.of(), socket.waysTried());
        socket.ownerCloses();
        passMillis(50);
        assertEquals(ToldOwner.BY_ITS_READ, told());
    }

    @ParameterizedTest
    @EnumSource(names = {"BUSY", "REPORTED"})
    void aChannelOfAThreadThatIsAtWorkForLongIsLeftToItsNextSelection(Back busy) {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        passMillis(200);
        socket.back(busy);
        passMillis(290);
        assertTrue(socket.isHandedBack());
        socket.back(Back.UNDER_WAY);
        passMillis(200);
        socket.back(busy);
        passMillis(250);
        assertTrue(socket.isHandedBack(), "it has selected meanwhile");
        passMillis(250);
        assertFalse(socket.isHandedBack());
        passMillis(50);
        assertEquals(busy == Back.REPORTED ? ToldOwner.IN_VAIN : ToldOwner.NOT_IN_TIME, told());
    }

    @Test
    void anOwnerThatCanCloseItIsWaitedForAlsoIfItIsAtWorkForLong() {
        ImaginarySocket socket = socket();
        socket.ownerHasWays(1, 1);
        socket.back(Back.ASKED);
        untilClaimed();
        socket.back(Back.REPORTED);
        passMillis(1_400);
        assertTrue(socket.isHandedBack());
        passMillis(300);
        assertFalse(socket.isHandedBack());
    }

    @Test
    void anOwnerWhoseThreadDoesNotComeToItIsNotWaitedForLong() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        passMillis(350);

        assertEquals(List.of(JDK), socket.waysTried());
        assertEquals(ToldOwner.NOT_IN_TIME, told());
    }

    @Test
    void anOwnerThatCannotBeToldIsNotWaitedForAndTheReportSaysWhy() {
        ImaginarySocket socket = socket();
        socket.back(Back.IMPOSSIBLE);
        untilClaimed();
        passMillis(20);

        var closed = assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertEquals(ToldOwner.NOT_AT_ALL, closed.told().owner());
        assertEquals("it is imaginary", closed.told().why());
    }

    @Test
    void soIsOneOfWhichThatIsFoundOutInItsSelection() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        socket.back(Back.IMPOSSIBLE);
        passMillis(200);

        assertEquals(ToldOwner.NOT_AT_ALL, told());
        assertFalse(socket.isHandedBack());
    }

    @Test
    void oneThatIsClosedForTheNextThreadIsNotClosedByItsOwner() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        untilClaimed();
        socket.back(Back.IMPOSSIBLE);
        socket.ownerCloses();
        passMillis(200);

        assertEquals(ToldOwner.NOT_AT_ALL, told());
    }

    @Test
    void aStepThatFailsAgainAndAgainKeepsNoSocketFromBeingClosed() {
        ImaginarySocket socket = socket();
        socket.handingBackFails(new IllegalStateException("imaginary"));
        assertThrows(IllegalStateException.class, this::untilClaimed);
        assertTrue(world.release.isReleasing());
        assertDoesNotThrow(world.release::tick, "it is not tried again at once");

        for (int i = 0; i < 50; i++) {
            world.clock.advance(Duration.ofMillis(100));
            try {
                world.release.tick();
            } catch (IllegalStateException again) {
                // counted by the reaper thread
            }
        }
        assertEquals(List.of(JDK), socket.waysTried());
        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertFalse(world.release.isReleasing());
    }

    // -- The owner's ways

    @Test
    void anOwnersWaysAreTriedOneAfterTheOtherAndThenTheJdks() {
        ImaginarySocket socket = socket();
        socket.ownerHasWays(2, 0);
        untilClaimed();
        passMillis(20);
        assertEquals(List.of(1), socket.waysTried());
        passMillis(900);
        assertEquals(List.of(1), socket.waysTried());
        passMillis(200);
        assertEquals(List.of(1, 2), socket.waysTried());
        assertEquals(List.of(), world.sink.reports(), "there is more to try");
        passMillis(1100);

        assertEquals(List.of(1, 2, JDK), socket.waysTried());
        assertEquals(ToldOwner.BY_CLOSE, told());
    }

    /** As where the process may begin no more threads. */
    @Test
    void aWayThatFoundNoThreadIsTriedAgain() {
        ImaginarySocket socket = socket();
        socket.ownerHasWays(1, 1);
        world.closers.refuseOnce(new IllegalStateException("no more threads"));
        assertThrows(IllegalStateException.class, this::untilClaimed);
        passMillis(200);

        assertEquals(List.of(1), socket.waysTried());
        assertEquals(ToldOwner.BY_CLOSE, told());
    }

    @Test
    void soIsALaterCloseAsTheJdks() {
        ImaginarySocket socket = socket();
        socket.closeFreesNothing();
        untilClaimed();
        passMillis(500);
        world.closers.refuseOnce(new IllegalStateException("no more threads"));
        assertThrows(IllegalStateException.class, () -> passMillis(1000));
        passMillis(200);

        assertEquals(List.of(JDK, JDK), socket.waysTried());
        assertEquals(1, world.sites.all().iterator().next().stillHeld());
    }

    @Test
    void theWayThatWorksIsTheLastOneTried() {
        ImaginarySocket socket = socket();
        socket.ownerHasWays(2, 2);
        untilClaimed();
        passMillis(3000);

        assertEquals(List.of(1, 2), socket.waysTried());
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void anOwnerWhoseThreadHasNotComeToTheCloseIsNotForcedYetButNotForEverEither() {
        ImaginarySocket socket = socket();
        socket.ownerHasWays(2, 0);
        socket.ownerHasBegun(false);
        untilClaimed();
        passMillis(5_000);
        assertEquals(List.of(1), socket.waysTried());
        socket.ownerHasBegun(true);
        passMillis(1_100);
        assertEquals(List.of(1, 2), socket.waysTried());
        socket.ownerHasBegun(false);
        passMillis(12_000);
        assertEquals(List.of(1, 2, JDK), socket.waysTried());
    }

    @Test
    void aCloseThatWaitsForAThreadHasNotFailed() {
        ImaginarySocket socket = socket();
        world.closers.getStuck();
        untilClaimed();
        passMillis(60_000);
        assertEquals(List.of(), world.sink.reports());
        assertEquals(1, world.closers.waiting(), "no second attempt is queued behind one that has not begun");

        world.closers.closeWhatWaits();
        passMillis(200);
        assertEquals(List.of(JDK), socket.waysTried());
        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
    }

    // -- The close in a selection

    @Test
    void aSelectorThatSelectsDoesItAll() {
        ImaginarySocket socket = socket();
        socket.heldBySelector();
        untilClaimed();
        passMillis(500);
        assertTrue(socket.waitsForSelection());
        assertEquals(List.of(), socket.waysTried());
        socket.selection();
        passMillis(200);

        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertEquals(List.of(), socket.waysTried());
    }

    @Test
    void aSelectorThatDoesNotIsNotWaitedForLongerThanTheBoundAllows() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        socket.heldBySelector();
        untilClaimed();
        world.passUntil(() -> !socket.waysTried().isEmpty(), Duration.ofSeconds(5));

        assertEquals(1_500, millisSinceClaim(), 10);
        assertEquals(List.of(JDK), socket.waysTried());
    }

    @Test
    void aThreadThatMayBeWalkingThroughItsKeysIsWaitedForTenSecondsAndNotLonger() {
        ImaginarySocket other = socket();
        ImaginarySocket socket = busy();
        passMillis(9_000);
        assertEquals(List.of(), socket.waysTried());
        assertTrue(other.descriptorIsGone(), "the other is not held up");
        world.passUntil(() -> !socket.waysTried().isEmpty(), Duration.ofSeconds(5));

        assertEquals(10_000, millisSinceClaim(), 250);
    }

    @Test
    void aThreadThatIsBusyNoLongerIsNotWaitedForEither() {
        ImaginarySocket socket = busy();
        passMillis(4_000);
        socket.selectorsThreadIsBusy(false);
        world.passUntil(() -> !socket.waysTried().isEmpty(), Duration.ofSeconds(5));

        assertEquals(4_000, millisSinceClaim(), 250);
    }

    @Test
    void aBusyThreadIsNotWaitedForOnceFewDescriptorsAreLeft() {
        ImaginarySocket socket = busy();
        passMillis(4_000);
        world.release.setPressure(true);
        world.passUntil(() -> !socket.waysTried().isEmpty(), Duration.ofSeconds(5));

        assertEquals(4_000, millisSinceClaim(), 250);
    }

    private ImaginarySocket busy() {
        ImaginarySocket socket = socket();
        socket.back(Back.ASKED);
        socket.heldBySelector();
        socket.selectorsThreadIsBusy(true);
        untilClaimed();
        return socket;
    }

    /** Its key was cancelled by the application, so the thread that selects may meet that in any case. */
    @Test
    void forAChannelThatTheApplicationHasClosedASelectionIsWaitedForOnlyAMoment() {
        ImaginarySocket socket = socket();
        socket.heldBySelector();
        socket.applicationClosesButKeepsDescriptor();
        untilClaimed();
        world.passUntil(() -> !socket.waysTried().isEmpty(), Duration.ofSeconds(5));

        assertEquals(300, millisSinceClaim(), 10);
        assertEquals(List.of(JDK), socket.waysTried());
    }

    @Test
    void theEndOfTheAgentCutsAllWaitingShort() {
        ImaginarySocket offered = socket();
        offered.back(Back.ASKED);
        ImaginarySocket waiting = socket();
        waiting.heldBySelector();
        ImaginarySocket asked = socket();
        asked.claimMustBeAskedFor();
        untilClaimed();
        passMillis(100);
        world.release.endDrainsAt(world.clock.nanoTime());
        world.release.tick();

        assertTrue(offered.descriptorIsGone());
        assertTrue(waiting.descriptorIsGone());
        assertFalse(asked.descriptorIsGone(), "nothing was done to it");
        assertTrue(world.sink.outcomes().contains(new Outcome.Spared("the agent is about to end")));
    }

    @Test
    void whatAnEventLoopHasNotBegunIsWithdrawnAtTheEndOfTheAgent() {
        ImaginarySocket socket = socket();
        socket.closeWaitsForLoop();
        ImaginarySocket held = socket();
        held.closeFreesNothing();
        untilClaimed();
        passMillis(100);
        world.release.endDrainsAt(world.clock.nanoTime());
        world.release.tick();
        assertEquals(2, world.release.releasing());

        world.release.abandon();
        assertEquals(1, world.release.releasing(), "the other is closed");
        assertEquals(List.of(new Outcome.Spared("the agent is about to end")), world.sink.outcomes());
    }

    // -- What comes between the claim and the first step

    @Test
    void aSocketThatIsCondemnedIsClosedAlthoughItsReleaseCannotBegin() {
        ImaginarySocket socket = socket();
        socket.holderFails(new IllegalStateException("out of something"));
        world.passUntil(socket::condemned, TIMEOUT.multipliedBy(2));
        assertTrue(socket.descriptorIsGone());
        assertEquals(1, world.failures().size());
        assertFalse(world.release.isReleasing());
    }

    @Test
    void oneThatItsEventLoopWasAskedAboutIsNotTouchedThen() {
        ImaginarySocket socket = socket();
        socket.claimMustBeAskedFor();
        socket.holderFails(new IllegalStateException("out of something"));
        world.passUntil(() -> !world.failures().isEmpty(), TIMEOUT.multipliedBy(2));
        assertFalse(socket.descriptorIsGone());
    }

    // -- A claim that the owner's event loop makes

    @Test
    void nothingIsDoneUntilTheEventLoopHasClaimedIt() {
        ImaginarySocket socket = socket();
        socket.claimMustBeAskedFor();
        socket.ownerHasWays(1, 1);
        untilClaimed();
        passMillis(5_000);
        assertEquals(List.of(), socket.waysTried());
        socket.ownerAnswers(true);
        passMillis(200);

        assertEquals(List.of(1), socket.waysTried());
        var closed = assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertTrue(closed.tookMillis() <= 200, closed::toString);
    }

    @Test
    void aSocketThatItsEventLoopFindsInUseIsSpared() {
        ImaginarySocket socket = socket();
        socket.claimMustBeAskedFor();
        untilClaimed();
        passMillis(100);
        socket.ownerAnswers(false);
        passMillis(200);

        assertInstanceOf(Outcome.Spared.class, world.sink.outcome());
        assertEquals(0, socket.closes());
    }

    @Test
    void anEventLoopThatDoesNotAnswerCountsAsAlive() {
        ImaginarySocket socket = socket();
        socket.claimMustBeAskedFor();
        untilClaimed();
        passMillis(10_200);

        assertTrue(assertInstanceOf(Outcome.Spared.class, world.sink.outcome())
                .reason()
                .contains("not responded for 10 s"));
        assertEquals(0, socket.closes());
    }

    // -- Many of them

    @Test
    void manyOfOneSelectorAreAllGoneInTimeWhetherItSelectsOrNot() {
        var sockets = new ArrayList<ImaginarySocket>();
        IntStream.range(0, 9_000).forEach(i -> {
            ImaginarySocket socket = socket();
            socket.back(Back.ASKED);
            socket.heldBySelector();
            sockets.add(socket);
        });
        untilClaimed();
        passMillis(500);
        sockets.stream().limit(4_500).forEach(ImaginarySocket::selection);
        passMillis(1_300);

        assertTrue(sockets.stream().allMatch(ImaginarySocket::descriptorIsGone));
        assertEquals(
                0,
                world.sink.outcomes().stream()
                        .filter(Outcome.StillHeld.class::isInstance)
                        .count());
    }
}
