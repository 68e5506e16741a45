package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Action;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator changes while sockets are being watched. */
class DetectorControlTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SLACK = Duration.ofSeconds(2);

    // -- Settings

    @Test
    void aLeakThatWasOnlyReportedIsReleasedOnceTheActionSaysSoAndIsCountedOnce() {
        var world = new World("timeout=10s");
        world.halfClosedSocket().peerCloses();
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(List.of(new Outcome.Logged()), world.sink.outcomes());

        change(world, "timeout=10s,action=drain");
        world.pass(Duration.ofSeconds(1));

        assertInstanceOf(Outcome.Drained.class, world.sink.outcomes().get(1));
        LeakSite site = world.sites.all().iterator().next();
        assertEquals(1, site.found());
        assertEquals(1, site.released());
    }

    @Test
    void aLeakThatWasExcludedIsReleasedOnceNoExclusionMatchesAndNothingIsSaidAnewBefore() {
        var world = new World("timeout=10s,action=drain,exclude=local::25");
        world.halfClosedSocket().peerCloses();
        world.pass(TIMEOUT.plus(SLACK));
        change(world, "timeout=10s,action=drain,exclude=local::25,log-interval=5s");
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(List.of(new Outcome.Excluded("local::25")), world.sink.outcomes());

        change(world, "timeout=10s,action=drain,exclude=none");
        world.pass(Duration.ofSeconds(1));

        assertInstanceOf(Outcome.Drained.class, world.sink.outcomes().get(1));
        assertEquals(0, world.detector.suspects());
        LeakSite site = world.sites.all().iterator().next();
        assertEquals(1, site.found());
        assertEquals(1, site.released());
    }

    @Test
    void aLeakThatWasReportedIsExcludedOnceAnExclusionMatches() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        change(world, "timeout=10s,action=close,exclude=local::25");
        world.pass(Duration.ofSeconds(1));
        assertEquals(List.of(new Outcome.Logged(), new Outcome.Excluded("local::25")), world.sink.outcomes());
        assertEquals(0, socket.closes());
    }

    @Test
    void aLeakThatWasReportedAndCameBackIsCountedAnewWhenItIsLostAgain() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        world.events.read(socket);
        world.pass(TIMEOUT.plus(SLACK).plus(SLACK));

        LeakSite site = world.sites.all().iterator().next();
        assertEquals(2, site.found());
        assertEquals(1, site.releasedAfterAll());
    }

    @Test
    void aShorterTimeoutHoldsForSocketsThatWaitAlready() {
        var world = new World("timeout=1h");
        world.halfClosedSocket();
        world.pass(Duration.ofMinutes(1));
        change(world, "timeout=10s");
        world.pass(Duration.ofSeconds(1));
        assertEquals(List.of(new Outcome.Logged()), world.sink.outcomes());
    }

    @Test
    void aLongerTimeoutDoesSoToo() {
        var world = new World("timeout=10s");
        world.halfClosedSocket();
        world.pass(Duration.ofSeconds(9));
        change(world, "timeout=60s");
        world.pass(Duration.ofSeconds(50));
        assertEquals(List.of(), world.sink.reports());
        world.pass(Duration.ofSeconds(3));
        assertEquals(1, world.sink.reports().size());
    }

    // -- Pause

    @Test
    void nothingIsFoundWhilePausedAndIdleTimeCountsAnewAfterIt() {
        var world = new World("timeout=10s");
        world.halfClosedSocket();
        world.detector.pause(true);
        assertTrue(world.detector.isPaused());
        world.pass(Duration.ofHours(1));
        assertEquals(List.of(), world.sink.reports());

        world.detector.pause(false);
        world.pass(Duration.ofMillis(9_900));
        assertEquals(List.of(), world.sink.reports());
        world.pass(SLACK);
        assertEquals(1, world.sink.reports().size());
    }

    @Test
    void whatIsOnItsWayComesToItsEndWhilePaused() {
        var world = new World("timeout=10s,action=close");
        world.halfClosedSocket();
        world.closers.getStuck();
        world.passUntil(world.release::isReleasing, TIMEOUT.plus(SLACK));
        world.detector.pause(true);
        world.closers.closeWhatWaits();
        world.pass(Duration.ofSeconds(1));
        assertInstanceOf(Outcome.Closed.class, world.sink.outcome());
        assertFalse(world.release.isReleasing());
    }

    // -- Release on demand

    @ParameterizedTest
    @EnumSource(value = Action.class, names = "LOG", mode = EnumSource.Mode.EXCLUDE)
    void aReportedLeakIsReleasedOnDemand(Action action) {
        var world = new World("timeout=10s");
        world.halfClosedSocket().peerCloses();
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(ReleaseReply.BEGUN, world.detector.release(only(world), action, false));
        world.pass(Duration.ofSeconds(1));

        Class<? extends Outcome> expected = action == Action.DRAIN ? Outcome.Drained.class : Outcome.Closed.class;
        assertEquals(expected, world.sink.outcomes().get(1).getClass());
        assertEquals(0, world.detector.suspects());
    }

    /** Such as a channel of Netty's native transports, of which only its event loop can tell. */
    @Test
    void whatAnotherThreadMustBeAskedAboutIsReleasedOnDemandOnceThatHasAnswered() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        socket.ownerMustBeAsked();
        socket.peerCloses();
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(ReleaseReply.BEGUN, world.detector.release(only(world), Action.CLOSE, false));
        world.pass(SLACK);
        assertEquals(Outcome.Closed.class, world.sink.outcomes().get(1).getClass());
        assertEquals(0, world.detector.suspects());
    }

    @Test
    void theAnswerMayAlsoBeThatItIsInUse() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        socket.ownerMustBeAsked();
        world.pass(TIMEOUT.plus(SLACK));

        world.detector.release(only(world), Action.CLOSE, false);
        socket.reading(true);
        world.pass(Duration.ofSeconds(1));
        socket.reading(false);
        world.pass(TIMEOUT.plus(SLACK).plus(SLACK));
        assertEquals(0, socket.closes());
    }

    @Test
    void aReleaseOnDemandThatFailsCostsNoSuspect() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        socket.peerCloses();
        world.pass(TIMEOUT.plus(SLACK));
        socket.looksFail(new IllegalStateException("out of something"));

        assertThrows(IllegalStateException.class, () -> world.detector.release(only(world), Action.CLOSE, false));
        socket.looksFail(null);
        assertEquals(ReleaseReply.BEGUN, world.detector.release(only(world), Action.CLOSE, false));
        world.pass(SLACK);
        assertEquals(0, world.detector.suspects());
    }

    @Test
    void aLeakThatIsReleasedLaterWasFoundOnce() {
        var world = new World("timeout=10s");
        world.halfClosedSocket().peerCloses();
        world.halfClosedSocket().peerCloses();
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(2, world.sink.found().size());

        assertEquals(
                ReleaseReply.BEGUN, world.detector.release(world.detector.list().get(0), Action.DRAIN, false));
        var drain = World.settings("timeout=10s,action=drain");
        world.release.settings(drain);
        world.detector.settings(drain);
        world.pass(Duration.ofSeconds(1));

        assertEquals(0, world.detector.suspects());
        assertEquals(2, world.sink.found().size());
        assertEquals(2, world.sink.found().get(0).site().found());
    }

    @Test
    void aSuspectIsNotReleasedBeforeItIsALeak() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofSeconds(5));
        assertEquals(ReleaseReply.SPARED, world.detector.release(only(world), Action.CLOSE, false));
        assertEquals(0, socket.closes());
        world.pass(TIMEOUT);
        assertEquals(List.of(new Outcome.Logged()), world.sink.outcomes());
    }

    @Test
    void whatHasComeToLifeSinceTheListWasMadeIsNotReleased() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        SuspectSnapshot listed = only(world);

        socket.reading(true);
        assertEquals(ReleaseReply.SPARED, world.detector.release(listed, Action.CLOSE, false), "a reader came");
        socket.reading(false);
        socket.peerSends("NOOP\r\n");
        assertEquals(ReleaseReply.SPARED, world.detector.release(listed, Action.CLOSE, false), "bytes came");
        world.events.read(socket);
        world.pass(SLACK);
        assertEquals(ReleaseReply.SPARED, world.detector.release(listed, Action.CLOSE, false), "it was read");
        assertEquals(0, socket.closes());
    }

    /** The network sees no difference between the two. */
    @Test
    void whatTheApplicationHasUsedSinceItWasReportedIsNotReleasedOnDemand() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        socket.peerCloses();
        world.pass(TIMEOUT.plus(SLACK));
        SuspectSnapshot listed = only(world);

        world.events.readNothing(socket);
        assertEquals(ReleaseReply.SPARED, world.detector.release(listed, Action.CLOSE, false));
        world.pass(Duration.ofSeconds(1));
        assertEquals(0, socket.closes());

        world.pass(TIMEOUT.plus(TIMEOUT).plus(SLACK));
        assertEquals(ReleaseReply.BEGUN, world.detector.release(only(world), Action.CLOSE, false));
    }

    /** Some programs open sockets ahead of use. */
    @Test
    void aSocketThatWasNeverConnectedIsOnlyEverReported() {
        var world = new World("track=all,timeout=10s");
        ImaginarySocket socket = world.socket().unused();
        world.events.opened(socket);
        world.pass(TIMEOUT.plus(SLACK));

        assertEquals(ReleaseReply.SPARED, world.detector.release(only(world), Action.CLOSE, true));
        world.pass(SLACK);
        assertEquals(0, socket.closes());
        assertEquals(List.of(new Outcome.Logged()), world.sink.outcomes());
    }

    @Test
    void anExclusionHoldsOnDemandToo() {
        var world = new World("timeout=10s,exclude=local::25");
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SLACK));
        assertInstanceOf(Outcome.Excluded.class, world.sink.outcome());
        assertEquals(ReleaseReply.SPARED, world.detector.release(only(world), Action.DRAIN, false));
        assertEquals(0, socket.closes());
    }

    /** {@code track=all} at run time. */
    @Test
    void socketsThatAreOpenedLaterAreWatchedBesideTheSuspects() {
        var world = new World("timeout=10s");
        ImaginarySocket halfClosed = world.halfClosedSocket();
        world.pass(Duration.ofMinutes(5));
        assertEquals(1, world.sink.outcomes().size());

        world.detector.watchAll();
        world.detector.watchAll();
        ImaginarySocket opened = world.openedSocket();
        ImaginarySocket second = world.halfClosedSocket();
        world.pass(Duration.ofSeconds(3));
        opened.peerCloses();
        world.pass(TIMEOUT.plus(SLACK));
        assertEquals(3, world.sink.outcomes().size());
        assertEquals(3, world.detector.suspects());
        world.events.closed(halfClosed);
        world.events.closed(second);
        world.pass(SLACK);
        assertEquals(1, world.detector.suspects());
    }

    @Test
    void theListTellsWhatIsKnown() {
        var world = new World("timeout=10s");
        ImaginarySocket socket = world.halfClosedSocket();
        assertEquals(List.of(), world.detector.list(), "no round yet");
        world.pass(Duration.ofSeconds(3));
        SuspectSnapshot listed = only(world);
        assertEquals(socket, listed.candidate().socket());
        assertEquals(3000, listed.ageMillis());
        assertEquals(10_000, listed.timeoutMillis());
        assertFalse(listed.isReported());
        assertEquals(6, listed.snapshot().unreadBytes());
    }

    private static SuspectSnapshot only(World world) {
        assertEquals(1, world.detector.suspects());
        return world.detector.list().get(0);
    }

    private static void change(World world, String settings) {
        world.detector.settings(World.settings(settings));
        world.release.settings(World.settings(settings));
    }
}
