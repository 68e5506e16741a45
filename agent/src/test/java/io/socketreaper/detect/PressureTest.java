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

/** When descriptors run short, what is surely lost is released sooner. */
class PressureTest {
    private static final Duration PRESSURE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SLACK = Duration.ofSeconds(2);
    private static final Duration MILLI = Duration.ofMillis(1);

    private World world = new World("track=all,timeout=60s,action=close");

    @Test
    void withoutPressureTheNormalTimeoutsHold() {
        ImaginarySocket strong = strong();
        world.detector.setPressure(false);
        world.pass(Duration.ofSeconds(59));

        assertFalse(strong.condemned());
    }

    @Test
    void strongAndProvenLeaksAreReleasedAfterThePressureTimeoutAndWeakOnesAfterTheirOwn() {
        world.detector.setPressure(true);
        ImaginarySocket strong = strong();
        ImaginarySocket closed = world.openedSocket();
        closed.applicationClosesButKeepsDescriptor();
        ImaginarySocket unreachable = world.openedSocket();
        unreachable.unreachable();
        ImaginarySocket weak = world.halfClosedSocket();
        ImaginarySocket peerClosed = world.openedSocket();
        peerClosed.peerCloses();
        world.pass(PRESSURE_TIMEOUT.minus(MILLI));
        assertEquals(List.of(), world.sink.reports());

        // what no event tells of is found by a sweep, six seconds later at most
        world.pass(SLACK.plusSeconds(6));
        assertTrue(strong.descriptorIsGone());
        assertTrue(closed.descriptorIsGone());
        assertTrue(unreachable.descriptorIsGone());
        world.pass(Duration.ofSeconds(45));
        assertFalse(weak.condemned());
        assertFalse(peerClosed.condemned());
        world.pass(Duration.ofSeconds(20));
        assertTrue(weak.descriptorIsGone());
        assertTrue(peerClosed.descriptorIsGone());
    }

    @Test
    void whatHasWaitedLongEnoughIsReleasedInTheNextRoundOldestFirst() {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 20; i++) {
            sockets.add(strong());
            world.pass(Duration.ofMillis(700));
        }
        world.pass(PRESSURE_TIMEOUT.plus(SLACK));
        assertEquals(List.of(), world.sink.reports());
        world.detector.setPressure(true);
        world.round();
        world.pass(Duration.ofMillis(1));

        assertEquals(
                sockets.stream().map(ImaginarySocket::descriptor).toList(),
                world.sink.reports().stream()
                        .map(report -> report.leak().descriptor())
                        .toList());
        assertFalse(world.detector.hasSuspects() && sockets.stream().anyMatch(socket -> !socket.descriptorIsGone()));
    }

    @Test
    void oneOfVeryManyIsNotOldEnoughBeforeItsFirstSweepIs() {
        world.pass(MILLI);
        for (int i = 0; i < 500; i++) {
            world.openedSocket();
        }
        ImaginarySocket dropped = world.openedSocket();
        dropped.unreachable();
        world.pass(Duration.ofMillis(5_100));
        world.detector.setPressure(true);
        world.round();
        assertFalse(dropped.descriptorIsGone(), "nobody knows how long ago that was");

        world.pass(PRESSURE_TIMEOUT.plus(SLACK));
        assertTrue(dropped.descriptorIsGone());
    }

    @Test
    void aKindWhoseActionIsLogIsNotTouched() {
        world = new World("track=all,timeout=60s,action=close,half-closed.action=log");
        ImaginarySocket logged = strong();
        ImaginarySocket closed = world.openedSocket();
        closed.applicationClosesButKeepsDescriptor();
        world.detector.setPressure(true);
        world.pass(Duration.ofMinutes(5));

        assertTrue(closed.descriptorIsGone());
        assertEquals(0, logged.claims());
    }

    @Test
    void withoutPressureAgainTheNormalTimeoutsHoldAgain() {
        world.detector.setPressure(true);
        ImaginarySocket socket = strong();
        world.pass(Duration.ofSeconds(4));
        world.detector.setPressure(false);
        world.pass(Duration.ofSeconds(55));
        assertFalse(socket.condemned());

        world.pass(Duration.ofSeconds(10));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aTimeoutThatIsShorterAnywayStays() {
        world = new World("timeout=2s,action=close,pressure.timeout=1h");
        world.detector.setPressure(true);
        ImaginarySocket socket = strong();
        world.pass(Duration.ofSeconds(3));

        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void theSameTwiceChangesNothing() {
        ImaginarySocket socket = strong();
        world.pass(SLACK);
        world.detector.setPressure(true);
        world.round();
        int looks = socket.looks();
        for (int i = 0; i < 10; i++) {
            world.detector.setPressure(true);
            world.round();
        }

        assertEquals(looks, socket.looks());
    }

    @Test
    void aReaderIsAVetoUnderPressureToo() {
        ImaginarySocket socket = strong();
        socket.reading(true);
        world.detector.setPressure(true);
        world.pass(Duration.ofMinutes(5));

        assertFalse(socket.condemned());
    }

    /** Four seconds are no stop with a timeout of a minute, but nearly the whole timeout under pressure. */
    @Test
    void aStopThatIsLongForThePressureTimeoutBeginsEveryWindowAnew() {
        world.detector.setPressure(true);
        ImaginarySocket socket = strong();
        world.pass(Duration.ofMillis(1_100));
        world.stop(Duration.ofSeconds(4));
        world.pass(PRESSURE_TIMEOUT.minus(MILLI));
        assertFalse(socket.condemned());

        world.pass(SLACK);
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void thereAreSuspectsWhileSomethingWaits() {
        assertFalse(world.detector.hasSuspects());
        ImaginarySocket socket = strong();
        world.round();
        assertTrue(world.detector.hasSuspects());
        socket.applicationCloses();
        world.events.closed(socket);
        world.round();

        assertFalse(world.detector.hasSuspects());
    }

    private ImaginarySocket strong() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.peerCloses();
        return socket;
    }
}
