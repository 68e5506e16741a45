package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.release.LeakCandidate;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** When and where an application was told that its peer has closed. */
class EndOfInputTest {
    private static final int STACKS_A_SECOND = 200;

    private final World all = new World("track=all,timeout=10s");
    private final World world = new World("timeout=10s");

    @Test
    void ofASocketThatIsLostLaterTheReadThatWasToldIsKnown() {
        ImaginarySocket socket = all.openedSocket();
        all.pass(Duration.ofSeconds(1));
        all.events.endOfInput(socket);
        all.pass(Duration.ofSeconds(3));
        socket.peerCloses();
        all.pass(Duration.ofSeconds(1));

        LeakCandidate finding = only(all);
        assertEquals(4000, finding.millisSinceEndOfInput(all.clock.nanoTime()));
        assertTrue(isHere(finding.endOfInputStack()));
        assertEquals(Thread.currentThread().getName(), finding.endOfInputThread());
    }

    @Test
    void ofASuspectItIsKnownToo() {
        ImaginarySocket socket = all.openedSocket();
        socket.peerCloses();
        all.pass(Duration.ofSeconds(1));
        assertEquals(-1, only(all).millisSinceEndOfInput(all.clock.nanoTime()));
        assertEquals(0, only(all).endOfInputStack().length);
        assertEquals("", only(all).endOfInputThread());
        all.events.endOfInput(socket);

        assertEquals(0, only(all).millisSinceEndOfInput(all.clock.nanoTime()));
        assertTrue(isHere(only(all).endOfInputStack()));
    }

    @Test
    void aReportNamesTheReadThatWasTold() {
        ImaginarySocket socket = all.openedSocket();
        socket.peerCloses();
        all.events.endOfInput(socket);
        all.passUntil(() -> !all.sink.reports().isEmpty(), Duration.ofMinutes(2));

        EndOfInputRead end = all.sink.reports().get(0).leak().endOfInput();
        assertTrue(end.isKnown() && end.millisAgo() >= 10_000, end::toString);
        assertTrue(isHere(end.stack()));
        assertEquals(Thread.currentThread().getName(), end.thread());
    }

    @Test
    void aReportOfASocketWhoseApplicationWasNotToldNamesNone() {
        world.halfClosedSocket();
        world.passUntil(() -> !world.sink.reports().isEmpty(), Duration.ofMinutes(2));

        assertFalse(world.sink.reports().get(0).leak().endOfInput().isKnown());
    }

    @Test
    void onlyTheFirstOneCounts() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.events.endOfInput(socket);
        world.pass(Duration.ofSeconds(2));
        world.events.endOfInput(socket);
        world.pass(Duration.ofSeconds(2));

        assertEquals(4000, only(world).millisSinceEndOfInput(world.clock.nanoTime()));
    }

    @Test
    void itMakesNoConsumer() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofSeconds(2));
        world.events.readNothing(socket);
        world.events.endOfInput(socket);
        assertFalse(only(world).consumed());
    }

    @Test
    void aSocketThatNobodyWatchesIsNotRemembered() {
        world.events.endOfInput(world.socket());
        assertEquals(0, world.detector.suspects());
        all.events.endOfInput(all.socket());
        assertEquals(0, all.detector.suspects());
    }

    /** Then neither the clock nor the stack is looked at by the application's thread. */
    @Test
    void whereManyAreToldTheReaperThreadDatesTheRest() {
        ImaginarySocket socket = all.openedSocket();
        ImaginarySocket other = all.openedSocket();
        for (int i = 0; i < STACKS_A_SECOND; i++) {
            all.events.endOfInput(all.openedSocket());
        }
        all.events.endOfInput(socket);
        all.pass(Duration.ofSeconds(3));
        all.events.endOfInput(other);
        socket.peerCloses();
        all.pass(Duration.ofSeconds(1));

        LeakCandidate finding = only(all);
        long since = finding.millisSinceEndOfInput(all.clock.nanoTime());
        assertTrue(since >= 3000 && since <= 4000, () -> since + " ms ago");
        assertEquals(0, finding.endOfInputStack().length);
        assertEquals("", finding.endOfInputThread());
        other.peerCloses();
        all.pass(Duration.ofSeconds(1));
        assertTrue(
                all.detector.list().stream()
                        .anyMatch(each -> isHere(each.candidate().endOfInputStack())),
                "a second later");
    }

    @Test
    void theSocketsOfOnePlaceShareOneStack() {
        for (int i = 0; i < 20; i++) {
            ImaginarySocket socket = all.openedSocket();
            all.events.endOfInput(socket);
            socket.peerCloses();
        }
        all.pass(Duration.ofSeconds(1));
        assertEquals(20, all.detector.list().size());
        assertEquals(
                1,
                all.detector.list().stream()
                        .map(each -> System.identityHashCode(each.candidate().endOfInputStack()))
                        .distinct()
                        .count());
    }

    private static LeakCandidate only(World world) {
        assertEquals(1, world.detector.list().size());
        return world.detector.list().get(0).candidate();
    }

    private static boolean isHere(StackTraceElement[] stack) {
        return Arrays.stream(stack).anyMatch(frame -> frame.getClassName().equals(EndOfInputTest.class.getName()));
    }
}
