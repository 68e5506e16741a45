package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.ImaginaryTcp;
import io.socketreaper.imaginary.ImaginaryTcp.Peer;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Peers that have vanished without a FIN, with the setting keepalive. */
class IdlePeersTest {
    private static final Duration PERIOD = Duration.ofSeconds(20);
    /** Until a sweep has come to it. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private World world = new World("track=all,action=drain,timeout=10s,keepalive=20s");

    /** A connection that application and peer have opened just now, with options of its own kernel's. */
    private final class Connection implements TcpOptions {
        final ImaginaryTcp tcp = new ImaginaryTcp(world.clock);
        final ImaginarySocket socket = world.openedSocket().with(this);
        final Map<Option, Integer> own;

        Connection() {
            tcp.state(TcpState.ESTABLISHED);
            tcp.peerIsHeard();
            own = tcp.options();
        }

        @Override
        public int info() throws IOException {
            int info = tcp.info();
            if ((info & 0xff) == 7 && socket.facts().tcpState() != TcpState.CLOSE) {
                socket.peerResets();
            }
            return info;
        }

        @Override
        public int get(Option option) throws IOException {
            return tcp.get(option);
        }

        @Override
        public void set(Option option, int value) throws IOException {
            tcp.set(option, value);
        }
    }

    @Test
    void aPeerThatNoLongerKnowsItsConnectionIsFoundAndTheSocketReleased() {
        var connection = new Connection();
        connection.tcp.peer(Peer.RESETS);
        world.pass(PERIOD.minusSeconds(1));
        assertEquals(0, connection.tcp.probes());
        assertEquals(0, world.detector.suspects());

        world.pass(Duration.ofSeconds(4));
        assertEquals(1, connection.tcp.probes());
        assertEquals(1, world.detector.suspects());
        assertFalse(connection.socket.condemned());

        world.pass(Duration.ofSeconds(12));
        assertTrue(connection.socket.descriptorIsGone());
        var leak = world.sink.leak();
        assertEquals(LeakKind.PEER_CLOSED, leak.kind());
        assertEquals(Grade.STRONG, leak.grade());
        assertEquals(PeerAnswer.GONE, leak.use().peer());
        assertEquals(1, connection.tcp.probes());
    }

    @Test
    void unreadInputOfAPeerThatIsGoneIsOnlyReported() {
        var connection = new Connection();
        connection.socket.peerSends("a message");
        connection.tcp.peer(Peer.RESETS);
        world.pass(Duration.ofSeconds(40));
        assertEquals(new Outcome.Logged(), world.sink.outcome());
        assertFalse(connection.socket.condemned());
    }

    /** Its peer may have closed: the FIN cannot arrive, and nothing else tells that the peer is gone. */
    @Test
    void aSuspectWhoseReceiveWindowIsFullIsAskedOnAndThenIsPeerClosed() {
        var connection = new Connection();
        connection.socket.peerFillsWindow();
        world.pass(Duration.ofMinutes(1));
        assertEquals(LeakKind.WINDOW_FULL, world.sink.leak().kind());
        assertEquals(2, connection.tcp.probes());
        connection.tcp.peer(Peer.RESETS);
        world.pass(PERIOD.plus(SOON));
        assertEquals(3, connection.tcp.probes());
        assertEquals(TcpState.CLOSE, connection.socket.facts().tcpState());
        assertEquals(connection.own, connection.tcp.options());

        world.pass(Duration.ofMinutes(1));
        assertEquals(3, connection.tcp.probes());
        assertEquals(1, world.sink.reports().size(), "it is one leak, reported once");
        assertFalse(connection.socket.condemned());
    }

    /** Looks at the suspect do not cut its askings short. */
    @Test
    void aSilentPeerOfSuchASuspectIsAskedEverMoreRarely() {
        world = new World("track=all,timeout=1h,keepalive=20s");
        var connection = new Connection();
        connection.socket.peerFillsWindow();
        connection.tcp.peer(Peer.IS_CUT_OFF);
        world.pass(Duration.ofSeconds(10).plus(PERIOD.multipliedBy(8)).plusSeconds(4));
        assertEquals(1, world.detector.suspects());
        assertEquals(6, connection.tcp.probes());
    }

    @Test
    void aResetThatNoProbeHasFetchedIsNotSaidToBeAnAnswer() {
        var connection = new Connection();
        connection.socket.peerResets();
        world.pass(Duration.ofSeconds(20));
        assertEquals(PeerAnswer.NOT_ASKED, world.sink.leak().use().peer());
    }

    @Test
    void aPeerThatAnswersIsAskedOnceInEachPeriodAndLeftAlone() {
        var connection = new Connection();
        world.pass(Duration.ofMinutes(10));
        assertEquals(28, connection.tcp.probes(), 1);
        assertEquals(connection.own, connection.tcp.options());
        assertEquals(0, world.detector.suspects());
        assertEquals(List.of(), world.sink.reports());
    }

    @Test
    void aConnectionInUseIsNeverProbed() {
        var connection = new Connection();
        for (int i = 0; i < 20; i++) {
            world.pass(Duration.ofSeconds(19));
            connection.tcp.peerIsHeard();
        }
        assertEquals(0, connection.tcp.probes());
        assertEquals(connection.own, connection.tcp.options());
    }

    @Test
    void aCutNetworkEndsNothingReportsNothingAndIsAskedEverMoreRarely() {
        var connection = new Connection();
        connection.tcp.peer(Peer.IS_CUT_OFF);
        var sentAfter = new ArrayList<Integer>();
        // From one asking to the next: 1, 2, 4 ... periods.
        world.pass(Duration.ofSeconds(10));
        for (int periods : new int[] {1, 1, 2, 4, 8, 16, 32, 64, 100}) {
            world.pass(PERIOD.multipliedBy(periods).plusSeconds(1));
            sentAfter.add(connection.tcp.probes());
        }
        assertEquals(List.of(3, 4, 5, 6, 7, 8, 9, 10, 10), sentAfter);
        assertFalse(connection.tcp.endedByKeepalive());
        assertEquals(connection.own, connection.tcp.options());
        assertEquals(List.of(), world.sink.reports());
    }

    @Test
    void aHostThatWasOffAndHasForgottenTheConnectionIsFoundWhenItIsBack() {
        var connection = new Connection();
        connection.tcp.peer(Peer.IS_CUT_OFF);
        world.pass(Duration.ofMinutes(3));
        assertEquals(List.of(), world.sink.reports());
        connection.tcp.peer(Peer.RESETS);
        world.pass(Duration.ofMinutes(4));
        assertTrue(connection.socket.descriptorIsGone());
    }

    @Test
    void withoutTheSettingNoPeerIsAsked() {
        world = new World("track=all,action=drain,timeout=10s,probe=on");
        var connection = new Connection();
        world.pass(Duration.ofMinutes(12));
        assertEquals(0, connection.tcp.probes());
    }

    @Test
    void keepaliveOfTheApplicationIsLeftAlone() {
        var connection = new Connection();
        connection.tcp.applicationSets(TcpOptions.Option.KEEPALIVE, 1);
        connection.tcp.duringNextSet(() -> {
            throw new AssertionError("an option was set");
        });
        world.pass(Duration.ofMinutes(2));
        assertEquals(0, connection.tcp.probes());
        assertEquals(List.of(), world.failures());
    }

    @Test
    void aSocketThatIsHalfClosedWhileItsPeerIsAskedGetsItsOptionsBack() {
        var connection = new Connection();
        world.passUntil(() -> !connection.own.equals(connection.tcp.options()), PERIOD.plus(SOON));
        connection.socket.shutsOutput();
        world.events.halfClosed(connection.socket);
        world.pass(Duration.ofMillis(600));
        assertEquals(connection.own, connection.tcp.options());
    }

    @Test
    void aSocketWhosePeerClosesWhileItIsAskedIsAskedAsASuspect() {
        world = new World("track=all,action=drain,timeout=10s,keepalive=20s,probe=auto");
        var connection = new Connection();
        world.passUntil(() -> !connection.own.equals(connection.tcp.options()), PERIOD.plus(SOON));
        connection.tcp.state(TcpState.CLOSE_WAIT);
        connection.socket.peerCloses();
        world.pass(Duration.ofSeconds(20));
        assertEquals(Grade.DOUBTFUL, world.detector.list().get(0).grade());
        assertEquals(connection.own, connection.tcp.options());
    }

    @Test
    void theSettingCanChangeWhileTheAgentRuns() {
        world = new World("track=all,timeout=10s");
        var connection = new Connection();
        world.pass(Duration.ofMinutes(2));
        world.detector.settings(World.settings("track=all,timeout=10s,probe=off,keepalive=1m"));
        world.passUntil(() -> !connection.own.equals(connection.tcp.options()), SOON);
        world.detector.settings(World.settings("track=all,timeout=10s,probe=off"));
        world.pass(Duration.ofSeconds(1));
        assertEquals(connection.own, connection.tcp.options());
        int before = connection.tcp.probes();
        world.pass(Duration.ofMinutes(3));
        assertEquals(before, connection.tcp.probes());
    }

    @Test
    void aPauseAndTheEndOfTheDetectionPutTheOptionsBack() {
        var connection = new Connection();
        world.passUntil(() -> !connection.own.equals(connection.tcp.options()), PERIOD.plus(SOON));
        world.detector.pause(true);
        world.round();
        assertEquals(connection.own, connection.tcp.options());
        world.detector.pause(false);
        world.passUntil(() -> !connection.own.equals(connection.tcp.options()), PERIOD.plus(SOON));
        world.detector.end();
        world.round();
        assertEquals(connection.own, connection.tcp.options());
    }

    /** After the end of the detection there is no other round. */
    @Test
    void aDetachPutsTheOptionsBack() {
        var connection = new Connection();
        world.passUntil(() -> !connection.own.equals(connection.tcp.options()), PERIOD.plus(SOON));
        world.detector.end();
        world.detector.endProbes();
        assertEquals(connection.own, connection.tcp.options());
    }

    /** Those that were asked first come to their turn again before the last ones have had theirs. */
    @Test
    void moreThanCanBeAskedInOnePeriodAllComeToTheirTurn() {
        world = new World("track=all,action=drain,timeout=10s,keepalive=10s");
        var all = new ArrayList<Connection>();
        for (int i = 0; i < 4_000; i++) {
            all.add(new Connection());
        }
        world.pass(Duration.ofSeconds(50));
        assertEquals(0, all.stream().filter(each -> each.tcp.probes() == 0).count());
    }

    @Test
    void veryManyAreAskedOneAfterAnother() {
        var all = new ArrayList<Connection>();
        for (int i = 0; i < 1_000; i++) {
            all.add(new Connection());
        }
        world.pass(PERIOD.plusSeconds(15));
        for (Connection each : all) {
            assertEquals(1, each.tcp.probes());
            assertEquals(each.own, each.tcp.options());
        }
    }
}
