package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.LeakKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a test is told about the sockets it has opened, whatever the timeouts of the agent itself. */
class InspectionTest {
    private static final Set<String> PEER_CLOSED = Set.of(LeakKind.PEER_CLOSED.toString());
    private static final int TIMEOUT_MILLIS = 1000;
    private static final int STACKS_A_SECOND = 200;

    private final World world = new World("track=all,action=log,timeout=24h");
    private final long from = now();

    private long now() {
        return world.clock.nanoTime();
    }

    private Inspection inspection(Set<String> kinds) {
        return new Inspection(from, now(), TIMEOUT_MILLIS, kinds, null);
    }

    private void passLooking(Inspection inspection, int millis) {
        for (int i = 0; i < millis; i += 20) {
            world.pass(Duration.ofMillis(20));
            world.detector.inspect(inspection);
        }
    }

    private static List<LeakKind> kinds(Inspection inspection) {
        return inspection.lost().stream().map(lost -> lost.evidence().kind()).toList();
    }

    @Test
    void anOpenSocketIsNotLostAndNothingToWaitFor() {
        world.openedSocket();
        var inspection = inspection(PEER_CLOSED);

        passLooking(inspection, 2 * TIMEOUT_MILLIS);

        assertEquals(1, inspection.open());
        assertEquals(0, inspection.waiting());
        assertEquals(List.of(), kinds(inspection));
    }

    @Test
    void aSocketThatShowsASignIsLostWhenItHasBeenIdleSinceTheFirstLook() {
        ImaginarySocket socket = world.openedSocket();
        socket.peerCloses();
        var inspection = inspection(PEER_CLOSED);

        world.detector.inspect(inspection);
        passLooking(inspection, TIMEOUT_MILLIS - 100);
        assertEquals(List.of(), kinds(inspection));
        assertEquals(1, inspection.waiting());

        passLooking(inspection, 200);
        assertEquals(List.of(LeakKind.PEER_CLOSED), kinds(inspection));
        assertEquals(0, inspection.waiting());
    }

    @Test
    void whatIsClosedWhileItIsWaitedForIsNotLost() {
        ImaginarySocket socket = world.openedSocket();
        socket.peerCloses();
        var inspection = inspection(PEER_CLOSED);
        passLooking(inspection, TIMEOUT_MILLIS / 2);

        socket.applicationCloses();
        world.events.closed(socket);
        world.events.released(socket);
        passLooking(inspection, TIMEOUT_MILLIS);

        assertEquals(0, inspection.open());
        assertEquals(List.of(), kinds(inspection));
    }

    @Test
    void timeInWhichNobodyLookedCountsForNothing() {
        world.openedSocket().peerCloses();
        var inspection = inspection(PEER_CLOSED);
        world.detector.inspect(inspection);

        world.stop(Duration.ofMillis(2 * TIMEOUT_MILLIS));
        world.detector.inspect(inspection);

        assertEquals(List.of(), kinds(inspection));
        assertEquals(1, inspection.waiting());
    }

    @Test
    void whatNobodyCanReachIsLostAtOnce() {
        world.openedSocket().unreachable();
        var inspection = inspection(Set.of(LeakKind.UNREACHABLE.toString()));

        world.detector.inspect(inspection);

        assertEquals(List.of(LeakKind.UNREACHABLE), kinds(inspection));
    }

    @Test
    void onlyWhatWasOpenedInItsTimeIsLookedAt() {
        world.clock.advance(Duration.ofMillis(1));
        var mine = world.openedSocket();
        world.clock.advance(Duration.ofMillis(1));
        var inspection = new Inspection(now(), now(), TIMEOUT_MILLIS, PEER_CLOSED, null);
        var mineToo = new Inspection(from, now(), TIMEOUT_MILLIS, PEER_CLOSED, null);
        world.clock.advance(Duration.ofMillis(1));
        world.openedSocket();
        mine.peerCloses();

        world.detector.inspect(inspection);
        world.detector.inspect(mineToo);

        assertEquals(0, inspection.open());
        assertEquals(1, mineToo.open());
    }

    @Test
    void otherKindsDoNotCount() {
        world.openedSocket().peerCloses();
        var inspection = inspection(Set.of(LeakKind.HALF_CLOSED.toString()));

        passLooking(inspection, 2 * TIMEOUT_MILLIS);

        assertEquals(0, inspection.waiting());
        assertEquals(List.of(), kinds(inspection));
    }

    @Test
    void ofWhatStackWasNotTakenNobodyKnowsWhenItWasOpened() {
        for (int i = 0; i < 2 * STACKS_A_SECOND; i++) {
            world.openedSocket().peerCloses();
        }
        var inspection = inspection(PEER_CLOSED);

        passLooking(inspection, 2 * TIMEOUT_MILLIS);

        assertTrue(
                inspection.lost().size() <= STACKS_A_SECOND + STACKS_A_SECOND / 16,
                inspection.lost().size() + " lost");
        assertTrue(
                inspection.lost().size() >= STACKS_A_SECOND, inspection.lost().size() + " lost");
    }

    @Test
    void ofVeryManyThatTheJdkHasClosedTheFirstAreKept() {
        var inspection = new Inspection(
                from,
                from + Duration.ofHours(1).toNanos(),
                TIMEOUT_MILLIS,
                Set.of(LeakKind.UNREACHABLE.toString()),
                null);
        int opened = 0;
        while (opened < 2 * Inspection.MOST_RECLAIMED) {
            var batch = new ArrayList<ImaginarySocket>();
            for (int i = 0; i < STACKS_A_SECOND / 2; i++, opened++) {
                batch.add(world.openedSocket());
            }
            world.detector.inspect(inspection);
            batch.forEach(ImaginarySocket::collected);
            world.detector.inspect(inspection);
            world.pass(Duration.ofSeconds(1));
        }

        assertEquals(Inspection.MOST_RECLAIMED, inspection.lost().size());
        assertEquals(0, inspection.open());
    }

    @Test
    void theAgentItselfReportsNothingEarlierForIt() {
        world.openedSocket().peerCloses();
        var inspection = inspection(PEER_CLOSED);

        passLooking(inspection, 2 * TIMEOUT_MILLIS);

        assertEquals(1, inspection.lost().size());
        assertEquals(0, world.sink.reports().size());
    }
}
