package io.socketreaper.detect;

import static io.socketreaper.detect.SuspectState.ENDED;
import static io.socketreaper.detect.SuspectState.IDLE;
import static io.socketreaper.detect.SuspectState.IN_USE;
import static io.socketreaper.detect.SuspectState.RELEASING;
import static io.socketreaper.detect.SuspectState.REPORTED;
import static io.socketreaper.detect.SuspectState.UNCHECKED;
import static io.socketreaper.detect.SuspectState.VANISHED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.Action;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** From the first sign to the end, a suspect is in one state, and only some follow each other. */
class SuspectStatesTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SLACK = Duration.ofSeconds(2);
    private static final Duration ROUND = Duration.ofMillis(1);

    private final World world = new World("timeout=10s");
    private final ImaginarySocket socket = world.halfClosedSocket();
    private final Suspect suspect = suspectOf(world);

    private static Suspect suspectOf(World world) {
        world.pass(ROUND);
        return world.detector.list().get(0).suspect();
    }

    @Test
    void aNewSuspectIsUncheckedAndThenIdleOrInUse() {
        assertEquals(UNCHECKED, suspect.state());
        world.pass(SLACK);
        assertEquals(IDLE, suspect.state());
        socket.reading(true);
        world.pass(SLACK);
        assertEquals(IN_USE, suspect.state());
        socket.reading(false);
        world.pass(SLACK);
        assertEquals(IDLE, suspect.state());
    }

    @Test
    void aLeakIsReportedUntilItsSocketIsUsedAgain() {
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(REPORTED, suspect.state());

        world.events.read(socket);
        world.pass(TIMEOUT.minus(ROUND));
        assertEquals(IDLE, suspect.state());
        world.pass(SLACK);
        assertEquals(REPORTED, suspect.state());
    }

    @Test
    void aReportedLeakWhoseDescriptorIsGoneWaitsOnceForTheCloseToBeTold() {
        world.pass(TIMEOUT.plus(SLACK));
        socket.collected();
        world.passUntil(() -> suspect.state() != REPORTED, TIMEOUT.plus(SLACK));
        assertEquals(VANISHED, suspect.state());

        world.pass(SLACK);
        assertEquals(ENDED, suspect.state());
        assertEquals(0, world.detector.suspects());
    }

    @Test
    void aReportedLeakIsReleasedOnDemandAndEndsWithTheRelease() {
        socket.peerCloses();
        world.pass(TIMEOUT.plus(TIMEOUT).plus(SLACK));
        assertEquals(REPORTED, suspect.state());
        world.closers.getStuck();
        assertEquals(
                ReleaseReply.BEGUN, world.detector.release(world.detector.list().get(0), Action.CLOSE, false));
        assertEquals(RELEASING, suspect.state());

        world.closers.closeWhatWaits();
        world.pass(SLACK);
        assertEquals(ENDED, suspect.state());
    }

    @Test
    void aReleaseThatTheOwnerRefusesMakesASuspectOfIt() {
        var closing = new World("timeout=10s,action=close");
        ImaginarySocket owned = closing.halfClosedSocket();
        owned.peerCloses();
        owned.claimMustBeAskedFor();
        Suspect asked = suspectOf(closing);
        closing.passUntil(() -> asked.state() == RELEASING, TIMEOUT.plus(SLACK));

        owned.ownerAnswers(false);
        closing.passUntil(() -> asked.state() != RELEASING, SLACK);
        assertEquals(UNCHECKED, asked.state());
        closing.pass(SLACK);
        assertEquals(IDLE, asked.state());
    }

    @Test
    void aSuspectThatIsClosedEndsInAnyState() {
        world.pass(TIMEOUT.plus(SLACK));
        socket.applicationCloses();
        world.events.closed(socket);
        world.pass(ROUND);
        assertEquals(ENDED, suspect.state());
    }

    @Test
    void onlyAReportedLeakCanVanishAndAnEndIsFinal() {
        for (SuspectState state : SuspectState.values()) {
            assertEquals(state == REPORTED || state == VANISHED, state.mayBecome(VANISHED), state.name());
            assertEquals(state != ENDED, state.mayBecome(ENDED), state.name());
            assertFalse(ENDED.mayBecome(state), state.name());
            assertEquals(state == UNCHECKED || state == ENDED, RELEASING.mayBecome(state), state.name());
        }
        for (SuspectState noLeak : EnumSet.of(UNCHECKED, IN_USE, IDLE)) {
            assertTrue(noLeak.mayBecome(REPORTED) && noLeak.mayBecome(RELEASING), noLeak.name());
            assertFalse(noLeak.isReported(), noLeak.name());
        }
    }
}
