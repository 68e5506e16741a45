package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A round of the reaper thread takes a bounded time with any number of sockets, suspects and events. */
class DetectorBoundsTest {
    private static final int VERY_MANY = 100_000;
    /** What a look at a socket costs: a few system calls. */
    private static final Duration LOOK = Duration.ofNanos(10_000);
    /** A slice of sweeping and one of looks, and what was begun before the slice was over. */
    private static final Duration LONGEST_TICK = Duration.ofMillis(45);

    private Duration longest = Duration.ZERO;
    /** Sockets that were looked at at all, and twice. */
    private int met;

    private int lookedAtTwice;

    @Test
    void noTickTakesLongHoweverManySuspectsThereAre() {
        var world = new World("timeout=1s");
        suspects(world, VERY_MANY, true);

        passUntil(world, Duration.ofSeconds(20), () -> lookedAtTwice == VERY_MANY);

        assertEquals(VERY_MANY, world.detector.suspects());
        assertShortTicks();
    }

    @Test
    void noTickTakesLongWhenVeryManyLeaksAreFoundAtOnce() {
        var world = new World("timeout=1s");
        suspects(world, VERY_MANY / 10, false);

        passUntil(world, Duration.ofSeconds(3), () -> world.sink.reports().size() == VERY_MANY / 10);

        assertShortTicks();
    }

    @Test
    void aFreshLeakAmongThousandsOfHealthySocketsIsFoundAtItsTimeout() {
        var world = new World("timeout=100ms");
        suspects(world, 8_000, true);
        passUntil(world, Duration.ofSeconds(5), () -> lookedAtTwice == 8_000);

        ImaginarySocket fresh = world.halfClosedSocket();
        long since = world.clock.nanoTime();
        passUntil(world, Duration.ofMillis(250), () -> !world.sink.reports().isEmpty());

        assertEquals(fresh.descriptor(), world.sink.leak().descriptor());
        assertTrue(world.clock.nanoTime() - since >= Duration.ofMillis(100).toNanos());
        assertShortTicks();
    }

    @Test
    void aSweepOfVeryManySocketsIsSlicedAndMeetsEachOfThem() {
        var world = new World("track=all,timeout=1s");
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < VERY_MANY; i++) {
            ImaginarySocket socket = world.openedSocket();
            socket.duringEachLook(() -> looked(world, socket.quickChecks() == 1 && socket.looks() == 0));
            sockets.add(socket);
        }
        ImaginarySocket lost = sockets.get(VERY_MANY / 2);
        lost.peerCloses();

        passUntil(world, Duration.ofSeconds(5), () -> met == VERY_MANY);
        passUntil(world, Duration.ofSeconds(70), () -> !world.sink.reports().isEmpty());

        assertEquals(lost.descriptor(), world.sink.leak().descriptor());
        assertShortTicks();
    }

    @Test
    void noTickTakesLongWhenTheApplicationClosesVeryManyAtOnce() {
        var world = new World("timeout=1s");
        List<ImaginarySocket> sockets = suspects(world, VERY_MANY, true);
        world.clock.runsBy(Duration.ofNanos(2_000));
        for (ImaginarySocket socket : sockets) {
            world.events.closed(socket);
            socket.applicationCloses();
        }
        world.round();
        assertTrue(world.detector.suspects() > 0, "they are not all taken at once");
        passUntil(world, Duration.ofSeconds(2), () -> world.detector.suspects() == 0);

        assertShortTicks();
    }

    /** A count of the descriptors that takes a third of a second is no stop of the JVM. */
    @Test
    void aLongCountOfTheDescriptorsDelaysNoOtherLeak() {
        var world = new World("timeout=1s");
        world.descriptors.duringEachCensus(() -> world.clock.advance(Duration.ofMillis(300)));
        suspects(world, 10, false);
        long since = world.clock.nanoTime();

        passUntil(world, Duration.ofMillis(1_500), () -> world.sink.reports().size() == 10);

        assertTrue(world.clock.nanoTime() - since >= Duration.ofSeconds(1).toNanos());
    }

    /** Nor is a pass over the table of all sockets, which a claim needs. */
    @Test
    void aLongPassOverAllSendQueuesDelaysNoOtherLeak() {
        var world = new World("track=all,timeout=10s,action=drain");
        world.descriptors.duringEachPass(() -> world.clock.advance(Duration.ofSeconds(3)));
        world.openedSocket().unreachable();
        world.pass(Duration.ofSeconds(6));
        world.openedSocket().unreachable();

        world.pass(Duration.ofSeconds(15));

        assertEquals(2, world.sink.found().size());
    }

    /** What status, sites and a list of sockets ask the reaper thread for is kept at hand: none of them looks at a socket. */
    @Test
    void answersAboutVeryManySuspectsLookAtNoneOfThem() {
        var world = new World("timeout=60s,action=log");
        List<ImaginarySocket> sockets = suspects(world, VERY_MANY, false);
        passUntil(world, Duration.ofSeconds(70), () -> world.sink.reports().size() >= VERY_MANY / 2);
        long looks = looks(sockets);
        long clock = world.clock.looks();

        assertEquals(VERY_MANY, world.detector.suspects());
        assertEquals(0, world.release.releasing());
        assertEquals(VERY_MANY, world.detector.list().size());
        assertTrue(world.sites.all().size() <= 10, "sites do not grow with the sockets");

        assertEquals(looks, looks(sockets));
        assertEquals(1, world.clock.looks() - clock, "one date for the whole list");
    }

    @Test
    void newSettingsLookAtNoSuspectAndTheLooksThatTheyMakeDueComeInSlices() {
        var world = new World("timeout=60s");
        List<ImaginarySocket> sockets = suspects(world, VERY_MANY, true);
        passUntil(world, Duration.ofSeconds(70), () -> met == VERY_MANY);
        long looks = looks(sockets);

        world.detector.settings(World.settings("timeout=30s"));
        assertEquals(looks, looks(sockets));
        passUntil(world, Duration.ofSeconds(20), () -> looks(sockets) >= looks + VERY_MANY);

        assertShortTicks();
    }

    private static long looks(List<ImaginarySocket> sockets) {
        return sockets.stream().mapToLong(ImaginarySocket::looks).sum();
    }

    /** One pass over the table of all sockets takes longer than it is new: it must not be made anew for each claim. */
    @Test
    void aLongPassOverAllSendQueuesServesManyClaims() {
        var world = new World("track=all,timeout=1s");
        world.descriptors.duringEachPass(() -> world.clock.advance(Duration.ofMillis(80)));
        for (int i = 0; i < 500; i++) {
            ImaginarySocket socket = world.openedSocket();
            socket.unreachable();
        }
        world.passUntil(() -> world.sink.reports().size() == 500, Duration.ofSeconds(5));
        for (SuspectSnapshot listed : world.detector.list()) {
            assertEquals(ReleaseReply.BEGUN, world.detector.release(listed, Action.CLOSE, false));
        }

        assertTrue(
                world.descriptors.passes() > 0 && world.descriptors.passes() < 10,
                world.descriptors.passes() + " passes");
    }

    /** A walk through all open sockets for each leak of a collected object would take minutes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyCollectedSocketsCostNoWalkThroughAllOpenOnesEach(boolean numbersAreKnown) {
        var world = new World("track=all,timeout=1s,action=log").numbersAreKnown(numbersAreKnown);
        var open = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 5_000; i++) {
            open.add(world.openedSocket());
        }
        world.pass(Duration.ofSeconds(1));
        for (int i = 0; i < 500; i++) {
            open.get(10 * i).unreachable();
        }
        world.passUntil(() -> world.sink.reports().size() == 500, Duration.ofSeconds(5));

        long asked = open.stream().mapToLong(ImaginarySocket::inodeQuestions).sum();
        assertTrue(asked < 10L * open.size(), () -> "inodes were asked for " + asked + " times");
    }

    private void looked(World world, boolean first) {
        world.clock.advance(LOOK);
        met += first ? 1 : 0;
    }

    /** Half-closed, in parts that are not too many for those that wait for the reaper thread. */
    private List<ImaginarySocket> suspects(World world, int count, boolean healthy) {
        var sockets = new ArrayList<ImaginarySocket>();
        // Of a thread of its own, whose stack is short: each half-close takes it.
        var application = new Thread(() -> halfClose(world, count, healthy, sockets), "application");
        application.start();
        try {
            application.join();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
        assertEquals(count, sockets.size());
        return sockets;
    }

    private void halfClose(World world, int count, boolean healthy, List<ImaginarySocket> sockets) {
        for (int i = 0; i < count; i++) {
            ImaginarySocket socket = world.halfClosedSocket();
            socket.wantsToRead(healthy);
            socket.duringEachLook(() -> {
                looked(world, socket.looks() == 1);
                lookedAtTwice += socket.looks() == 2 ? 1 : 0;
            });
            sockets.add(socket);
            if (i % 10_000 == 9_999) {
                world.detector.tick();
            }
        }
    }

    /** As {@link World#passUntil}, and keeps how long the longest tick took. */
    private void passUntil(World world, Duration atMost, BooleanSupplier something) {
        long end = world.clock.nanoTime() + atMost.toNanos();
        while (!something.getAsBoolean() && world.clock.nanoTime() - end < 0) {
            long start = world.clock.nanoTime();
            long next = world.detector.tick();
            long now = world.clock.nanoTime();
            longest = longest.toNanos() > now - start ? longest : Duration.ofNanos(now - start);
            if (next > now) {
                world.clock.advance(Duration.ofNanos(Math.min(next, end) - now));
            }
        }
        assertTrue(
                something.getAsBoolean(),
                () -> "did not happen within " + atMost + "; met " + met + ", twice " + lookedAtTwice);
    }

    private void assertShortTicks() {
        assertTrue(longest.compareTo(LONGEST_TICK) <= 0, longest::toString);
    }
}
