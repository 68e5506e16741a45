package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the detector does when the process has run out of descriptors. */
class RescueTest {
    private static final Duration PRESSURE_TIMEOUT = Duration.ofSeconds(5);
    private static final int MANY = 200;

    private final World world = new World("track=all,timeout=1h,action=close");

    @Test
    void whatIsOldEnoughIsReleasedInTheSameRound() {
        ImaginarySocket strong = strong();
        world.pass(Duration.ofMinutes(10));
        world.detector.setPressure(true);
        world.detector.lookAtAll();
        world.round();

        assertTrue(strong.condemned());
    }

    @Test
    void whatACollectionHasProvenIsReleasedInTheSameRoundIfTheSocketIsOldEnough() {
        List<ImaginarySocket> dropped = dropped(MANY);
        world.pass(PRESSURE_TIMEOUT);
        world.detector.setPressure(true);
        world.round();
        dropped.forEach(ImaginarySocket::unreachable);
        world.clock.runsBy(Duration.ofNanos(1000));
        int censuses = world.descriptors.censuses();
        world.detector.lookAtAll();
        world.round();
        world.pass(Duration.ofMillis(10));

        assertEquals(
                MANY, dropped.stream().filter(ImaginarySocket::descriptorIsGone).count());
        assertTrue(world.descriptors.censuses() <= censuses + 1, "each census looks at every descriptor");
    }

    @Test
    void aDroppedSocketThatIsYoungWaits() {
        world.detector.setPressure(true);
        ImaginarySocket socket = dropped(1).get(0);
        socket.unreachable();
        world.pass(PRESSURE_TIMEOUT.minusSeconds(1));
        assertFalse(socket.condemned());

        world.pass(Duration.ofSeconds(8));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aDroppedSocketWhosePeerMightLoseSomethingWaits() {
        ImaginarySocket socket = dropped(1).get(0);
        world.pass(Duration.ofMinutes(1));
        world.detector.setPressure(true);
        socket.peerSends("hello\n");
        socket.unreachable();
        world.detector.lookAtAll();
        world.pass(PRESSURE_TIMEOUT.minusMillis(1));
        assertFalse(socket.condemned());

        world.pass(Duration.ofSeconds(2));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void withoutPressureADroppedSocketHasItsWholeTimeout() {
        ImaginarySocket socket = dropped(1).get(0);
        world.pass(Duration.ofMinutes(30));
        socket.unreachable();
        world.detector.lookAtAll();
        world.pass(Duration.ofMinutes(59));

        assertFalse(socket.condemned());
    }

    /** A million claims before the first close would help nobody. */
    @Test
    void theFirstAreReleasedBeforeTheLastAreClaimed() {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < MANY; i++) {
            sockets.add(strong());
        }
        world.pass(Duration.ofMinutes(10));
        world.clock.runsBy(Duration.ofNanos(500_000));
        world.detector.setPressure(true);
        world.round();
        assertTrue(sockets.get(0).condemned());
        assertFalse(sockets.get(MANY - 1).condemned());
        assertTrue(world.detector.isBusy());

        world.passUntil(() -> sockets.stream().allMatch(ImaginarySocket::descriptorIsGone), Duration.ofSeconds(2));
        world.pass(Duration.ofSeconds(1));
        assertFalse(world.detector.isBusy());
    }

    @Test
    void timeThatIsExcusedIsNoIdleTimeButBeginsNoWindowAnew() {
        world.detector.setPressure(true);
        ImaginarySocket socket = strong();
        world.pass(Duration.ofSeconds(3));
        world.detector.excuseLateness();
        world.stop(Duration.ofSeconds(4));
        world.pass(Duration.ofSeconds(1));
        assertFalse(socket.condemned());

        world.pass(Duration.ofMillis(2500));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void anExcuseHoldsForOneTickOnly() {
        world.detector.setPressure(true);
        ImaginarySocket socket = strong();
        world.pass(Duration.ofSeconds(3));
        world.detector.excuseLateness();
        world.round();
        world.stop(Duration.ofSeconds(4));
        world.pass(PRESSURE_TIMEOUT.minusMillis(1));
        assertFalse(socket.condemned());

        world.pass(Duration.ofSeconds(2));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void excusesAddUp() {
        world.detector.setPressure(true);
        ImaginarySocket socket = strong();
        world.pass(Duration.ofSeconds(1));
        for (int i = 0; i < 3; i++) {
            world.detector.excuseLateness();
            world.stop(Duration.ofSeconds(4));
            world.pass(Duration.ofMillis(1));
        }
        // of each four seconds half a one was the pause that the reaper thread had meant to make
        world.pass(Duration.ofSeconds(2));
        assertFalse(socket.condemned());

        world.pass(Duration.ofSeconds(3));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aSocketThatComesAfterAnExcuseHasNothingToLose() {
        world.detector.setPressure(true);
        strong();
        world.detector.excuseLateness();
        world.stop(Duration.ofMinutes(10));
        world.round();
        ImaginarySocket socket = strong();
        world.pass(PRESSURE_TIMEOUT.plusSeconds(2));

        assertTrue(socket.descriptorIsGone());
    }

    private ImaginarySocket strong() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.peerCloses();
        return socket;
    }

    private List<ImaginarySocket> dropped(int count) {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < count; i++) {
            sockets.add(world.openedSocket());
        }
        return sockets;
    }
}
