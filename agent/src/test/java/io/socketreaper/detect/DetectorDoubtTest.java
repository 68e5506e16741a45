package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.Settings;
import io.socketreaper.descriptor.SendQueues;
import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.ImaginaryTcp;
import io.socketreaper.imaginary.ImaginaryTcp.Peer;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketUse;
import io.socketreaper.model.TcpState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets whose release could lose something. */
class DetectorDoubtTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private World world = new World("track=all,action=drain,timeout=10s");

    private Grade reportedGrade() {
        assertEquals(1, world.sink.reports().size());
        assertEquals(new Outcome.Logged(), world.sink.outcome());
        return world.detector.list().get(0).grade();
    }

    /** Opened, then closed by the peer, which has left so much unread. */
    private ImaginarySocket forgotten(String unread) {
        ImaginarySocket socket = world.openedSocket();
        socket.peerSends(unread);
        socket.peerCloses();
        return socket;
    }

    @Test
    void unreadInputOfAPeerThatHasClosedIsOnlyReported() {
        ImaginarySocket socket = forgotten("a message");

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
    }

    @Test
    void doubtfulActionReleasesItAfterItsOwnTimeout() {
        world = new World("track=all,action=log,doubtful.action=drain,doubtful.timeout=30s,timeout=10s");
        ImaginarySocket socket = forgotten("a message");

        world.pass(Duration.ofSeconds(29));
        assertFalse(socket.condemned());
        world.pass(Duration.ofSeconds(3));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aSlowConsumerIsOnlyReported() {
        ImaginarySocket socket = world.halfClosedSocket();
        for (int i = 0; i < 5; i++) {
            world.pass(SECOND);
            world.reads(socket);
        }

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
    }

    /** The kernel knows at once that a unix-domain peer is gone; only its reads show that the application is at it. */
    @Test
    void aSlowReaderOfAPeerThatIsGoneIsOnlyReportedUntilItWasToldTheEnd() {
        ImaginarySocket socket = readSlowly(true);

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
        world.events.endOfInput(socket);
        world.pass(TIMEOUT.plus(SECOND).plus(SECOND));
        assertTrue(socket.descriptorIsGone());
    }

    /** An overloaded server reads late what has waited for it; its peer is known to be gone only long after it has closed. */
    @Test
    void readsOfATcpSocketWhosePeerIsGoneMakeNoConsumer() {
        ImaginarySocket socket = readSlowly(false);

        world.pass(TIMEOUT.plus(SECOND).plus(SECOND));

        assertTrue(socket.descriptorIsGone());
    }

    /** All of it but the end; the peer is gone. */
    private ImaginarySocket readSlowly(boolean unix) {
        ImaginarySocket socket = forgotten("three messages");
        socket.unix(unix);
        socket.inState(TcpState.CLOSE);
        for (int i = 0; i < 3; i++) {
            world.pass(SECOND);
            world.reads(socket);
        }
        socket.nothingUnread();
        return socket;
    }

    @Test
    void oneReadThatFollowsTheHalfCloseAtOnceMakesNoConsumer() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(Duration.ofMillis(10));
        world.reads(socket);

        world.pass(TIMEOUT.plus(SECOND));

        assertTrue(socket.condemned());
    }

    @Test
    void aConsumerThatWasToldTheEndNeedsNoMore() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(SECOND);
        world.reads(socket);
        socket.nothingUnread();
        socket.peerCloses();
        world.events.endOfInput(socket);

        world.pass(TIMEOUT.plus(SECOND).plus(SECOND));

        assertTrue(socket.descriptorIsGone());
    }

    /** Reads below TLS are not the application's; once TLS has ended above a socket that it does not own, they are. */
    @Test
    void aConsumerOfThePlainInputThatFollowsTlsIsOnlyReported() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.events.layerDelivered(socket);
        world.events.layerEnded(socket);
        world.reads(socket);
        world.reads(socket);
        socket.peerCloses();

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
    }

    @Test
    void whatTlsHasDecryptedIsNeverThrownAwayAndItsUseIsActivity() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.nothingUnread();
        socket.plaintext(800);
        for (int left = 720; left >= 80; left -= 80) {
            world.pass(Duration.ofSeconds(9));
            socket.plaintext(left);
        }
        assertEquals(0, world.sink.reports().size());

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
    }

    @Test
    void bytesThatThePeerHasNotAcknowledgedAreAVetoAtTheClaim() {
        ImaginarySocket socket = forgotten("");
        world.descriptors.unacknowledged(socket.inode(), 17);

        world.pass(Duration.ofMinutes(5));
        assertFalse(socket.condemned());
        world.descriptors.unacknowledged(socket.inode(), 0);
        world.pass(SECOND);
        assertTrue(socket.descriptorIsGone());
    }

    /** Of another network namespace, or a file that cannot be read. */
    @Test
    void aSocketWhoseSendQueueIsNotListedIsReportedAndLeftAlone() {
        ImaginarySocket socket = forgotten("");
        world.descriptors.unacknowledged(socket.inode(), SendQueues.UNKNOWN);

        world.pass(Duration.ofMinutes(5));
        assertFalse(socket.condemned());
        assertTrue(assertInstanceOf(Outcome.Spared.class, world.sink.outcome())
                .reason()
                .contains("/proc/self/net/tcp"));
        world.descriptors.unacknowledged(socket.inode(), 0);
        world.pass(Duration.ofMinutes(1));
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aSendBufferThatIsNotWritableIsInUse() {
        for (ImaginarySocket socket : new ImaginarySocket[] {forgotten(""), forgotten("")}) {
            socket.sending(true);
        }

        world.pass(Duration.ofMinutes(5));

        assertEquals(0, world.sink.reports().size());
    }

    // -- The peer is asked

    private ImaginarySocket asked(Peer peer) {
        world = new World("track=all,action=drain,timeout=10s,probe=auto");
        tcp = new ImaginaryTcp(world.clock);
        tcp.peer(peer);
        ImaginarySocket socket = world.openedSocket().with(tcp);
        socket.peerCloses();
        return socket;
    }

    private ImaginaryTcp tcp;

    @Test
    void aPeerThatAnswersMayWaitForItsAnswer() {
        ImaginarySocket socket = asked(Peer.ACKNOWLEDGES);

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
    }

    @Test
    void anotherSettingIsNoReasonToReportItAgain() {
        ImaginarySocket socket = asked(Peer.ACKNOWLEDGES);
        world.pass(Duration.ofMinutes(1));

        for (int minutes = 1; minutes <= 3; minutes++) {
            Settings changed =
                    World.settings("track=all,action=drain,timeout=10s,probe=auto,log-interval=" + minutes + "m");
            world.detector.settings(changed);
            world.release.settings(changed);
            world.pass(Duration.ofMinutes(1));
        }

        assertFalse(socket.condemned());
        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertEquals(
                1, world.sites.all().iterator().next().dryRun(Grade.DOUBTFUL).reported());
    }

    @Test
    void onceItIsGoneTheSocketIsReleasedAtOnce() {
        ImaginarySocket socket = asked(Peer.ACKNOWLEDGES);
        world.pass(Duration.ofSeconds(70));
        assertFalse(socket.condemned());
        tcp.peer(Peer.RESETS);
        socket.peerResets();

        world.pass(TIMEOUT.plus(SECOND));

        assertTrue(socket.descriptorIsGone());
        assertEquals(
                1,
                world.sink.outcomes().stream()
                        .filter(Outcome.Logged.class::isInstance)
                        .count(),
                "found once");
    }

    @Test
    void aLeakThatWasReportedBeforeItsPeerWasAskedIsReportedAsDoubtfulOnceThePeerAnswers() {
        ImaginarySocket socket = reportedThenAsked(Peer.ACKNOWLEDGES);

        world.pass(Duration.ofSeconds(30));

        assertFalse(socket.condemned());
        assertEquals(
                List.of(Grade.WEAK, Grade.DOUBTFUL),
                world.sink.reports().stream().map(each -> each.leak().grade()).toList());
        assertEquals(1, world.sites.all().iterator().next().found(), "found once");
    }

    @Test
    void aLeakThatWasReportedBeforeItsPeerWasAskedIsReleasedOnceThePeerIsSilent() {
        ImaginarySocket socket = reportedThenAsked(Peer.ACKNOWLEDGES);
        world.pass(Duration.ofSeconds(30));

        tcp.peer(Peer.IS_CUT_OFF);
        world.pass(Duration.ofMinutes(2));

        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aResetInAnswerToTheProbeIsToldFromOneThatCameByItself() {
        ImaginarySocket socket = reportedThenAsked(Peer.ACKNOWLEDGES);
        world.pass(Duration.ofSeconds(30));
        tcp.peer(Peer.RESETS);
        int probes = tcp.probes();
        world.passUntil(() -> tcp.probes() > probes, Duration.ofMinutes(2));
        socket.peerResets();

        world.pass(TIMEOUT.plus(SECOND));

        assertTrue(socket.descriptorIsGone());
        assertEquals(new SocketUse(false, false, PeerAnswer.GONE, true, true), lastUse());
    }

    @Test
    void aResetBetweenTwoAskingsIsNoAnswer() {
        ImaginarySocket socket = reportedThenAsked(Peer.ACKNOWLEDGES);
        world.pass(Duration.ofSeconds(30));
        socket.peerResets();

        world.pass(TIMEOUT.multipliedBy(3));

        assertTrue(socket.descriptorIsGone());
        assertEquals(PeerAnswer.NOT_ASKED, lastUse().peer());
        assertTrue(lastUse().peerEnded());
    }

    @Test
    void outputOfWhichNoMoreIsKnownIsNotCalledAcknowledged() {
        world = new World("track=all,action=log,timeout=10s,probe=auto");
        tcp = new ImaginaryTcp(world.clock);
        ImaginarySocket socket = world.openedSocket().with(tcp);
        world.descriptors.unacknowledged(socket.inode(), 17);
        socket.peerCloses();
        world.pass(TIMEOUT.plus(SECOND));
        drains();
        world.pass(Duration.ofSeconds(30));
        socket.peerResets();

        world.pass(TIMEOUT.multipliedBy(3));

        assertTrue(socket.descriptorIsGone());
        assertFalse(lastUse().acknowledged());
    }

    private SocketUse lastUse() {
        var reports = world.sink.reports();
        return reports.get(reports.size() - 1).leak().use();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timeout=10s",
                "timeout=1m,peer-closed.timeout=10s",
                "timeout=1m,weak.timeout=10s",
                "timeout=70s,doubtful.timeout=1h,stack-depth=5"
            })
    void aPeerThatWaitsIsAskedAlsoIfASettingHasMadeTheTimeoutPass(String change) {
        String settings = "track=all,action=drain,probe=auto,";
        world = new World(settings + "timeout=70s,doubtful.timeout=1h");
        tcp = new ImaginaryTcp(world.clock);
        tcp.peer(Peer.ACKNOWLEDGES);
        ImaginarySocket socket = world.openedSocket().with(tcp);
        socket.peerCloses();
        world.pass(Duration.ofSeconds(change.contains("1h") ? 90 : 40));

        Settings changed = World.settings(settings + change);
        world.detector.settings(changed);
        world.release.settings(changed);
        world.pass(Duration.ofMinutes(5));

        assertFalse(socket.condemned());
        assertTrue(tcp.probes() > 0);
    }

    /** What a release would cost is not known before the peer has answered. */
    @Test
    void aLeakWhosePeerWasNotAskedIsReleasedOnDemandOnlyIfDoubtfulOnesAre() {
        world = new World("track=all,action=log,timeout=10s,probe=auto");
        tcp = new ImaginaryTcp(world.clock);
        ImaginarySocket socket = world.openedSocket().with(tcp);
        socket.peerCloses();
        world.pass(TIMEOUT.plus(SECOND));
        SuspectSnapshot leak = world.detector.list().get(0);

        assertEquals(ReleaseReply.DOUBTFUL, world.detector.release(leak, Action.DRAIN, false));
        assertFalse(socket.condemned());
        assertEquals(ReleaseReply.BEGUN, world.detector.release(leak, Action.DRAIN, true));
    }

    /** Its leak is reported with action=log, and then action=drain makes the agent ask its peer. */
    private ImaginarySocket reportedThenAsked(Peer peer) {
        world = new World("track=all,action=log,timeout=10s,probe=auto");
        tcp = new ImaginaryTcp(world.clock);
        tcp.peer(peer);
        ImaginarySocket socket = world.openedSocket().with(tcp);
        socket.peerCloses();
        world.pass(TIMEOUT.plus(SECOND));
        assertEquals(Grade.WEAK, reportedGrade());
        drains();
        return socket;
    }

    private void drains() {
        Settings changed = World.settings("track=all,action=drain,timeout=10s,probe=auto");
        world.detector.settings(changed);
        world.release.settings(changed);
    }

    /** Its own timeout is sixty times as long, and looks at a tenth of that would find the peer's last word a minute late. */
    @Test
    void aSocketThatWasSilentAtFirstIsReleasedInTimeOnceItIsSilentNoLonger() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.nothingUnread();
        world.pass(Duration.ofSeconds(3));
        socket.peerSends("the last word");
        socket.peerCloses();

        world.pass(TIMEOUT.plus(TIMEOUT.dividedBy(10)));

        assertTrue(socket.condemned());
    }

    @Test
    void aDoubtfulLeakThatIsDoubtfulNoLongerIsReleasedInTime() {
        world = new World("track=all,action=drain,timeout=10s,doubtful.timeout=1h");
        ImaginarySocket socket = forgotten("a message");
        world.pass(Duration.ofSeconds(3));
        socket.peerResets();
        socket.nothingUnread();

        world.pass(TIMEOUT.plus(TIMEOUT.dividedBy(10)).plus(SECOND));

        assertTrue(socket.condemned());
    }

    @Test
    void aSilentPeerMakesAWeakLeakWhichIsReleased() {
        ImaginarySocket socket = asked(Peer.IS_CUT_OFF);

        world.pass(TIMEOUT.plusSeconds(6));

        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void theApplicationsOptionsAreAsBeforeOnceTheSocketIsUsedAgain() {
        ImaginarySocket socket = asked(Peer.ACKNOWLEDGES);
        var before = tcp.options();
        world.pass(TIMEOUT.minusSeconds(3));
        world.writes(socket);
        world.pass(Duration.ofSeconds(2));

        assertEquals(before, tcp.options());
        assertEquals(0, world.sink.reports().size());
    }

    @Test
    void noPeerIsAskedForAReportAlone() {
        world = new World("track=all,action=log,timeout=10s,probe=auto");
        tcp = new ImaginaryTcp(world.clock);
        ImaginarySocket socket = world.openedSocket().with(tcp);
        socket.peerCloses();

        world.pass(Duration.ofMinutes(5));

        assertEquals(0, tcp.probes());
        assertEquals(Grade.WEAK, reportedGrade());
    }

    @Test
    void aSocketThatCannotBeProbedIsDoubtful() {
        world = new World("track=all,action=drain,timeout=10s,probe=auto");
        ImaginarySocket socket = forgotten("");

        world.pass(Duration.ofMinutes(5));

        assertEquals(Grade.DOUBTFUL, reportedGrade());
        assertFalse(socket.condemned());
    }

    // -- On request, and under pressure

    @Test
    void aRequestMustAllowForALoss() {
        ImaginarySocket socket = forgotten("a message");
        world.pass(TIMEOUT.plus(SECOND));

        assertEquals(
                ReleaseReply.DOUBTFUL,
                world.detector.release(world.detector.list().get(0), Action.CLOSE, false));
        assertFalse(socket.condemned());
        assertEquals(
                ReleaseReply.BEGUN, world.detector.release(world.detector.list().get(0), Action.CLOSE, true));
        world.pass(SECOND);
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aPeerIsNotAskedAnyMoreOnceARequestHasBegunTheRelease() {
        world = new World("track=all,action=log,timeout=10s,probe=on");
        tcp = new ImaginaryTcp(world.clock);
        ImaginarySocket socket = forgotten("").with(tcp);
        world.events.endOfInput(socket);
        world.pass(TIMEOUT.plus(SECOND));
        world.closers.getStuck();

        assertEquals(
                ReleaseReply.BEGUN, world.detector.release(world.detector.list().get(0), Action.CLOSE, true));
        assertTrue(socket.condemned());
        int asked = tcp.probes();
        world.pass(Duration.ofMinutes(5));
        assertTrue(asked > 0);
        assertEquals(asked, tcp.probes());
        assertFalse(world.trafficWanted());
    }

    /** What it writes before the event loop comes to the claim must be known there. */
    @Test
    void writesAreToldUntilTheEventLoopHasClaimedTheSocket() {
        world = new World("track=all,action=drain,timeout=10s,probe=off");
        ImaginarySocket socket = forgotten("");
        world.events.endOfInput(socket);
        socket.claimMustBeAskedFor();
        world.closers.getStuck();
        world.passUntil(world.release::isReleasing, TIMEOUT.plus(SECOND));
        world.pass(SECOND);
        assertTrue(world.trafficWanted());

        socket.ownerAnswers(true);
        world.pass(SECOND);
        assertTrue(world.release.isReleasing());
        assertFalse(world.trafficWanted());
    }

    @Test
    void aRequestHoldsAlsoRightAfterAStopOfTheProcess() {
        world = new World("track=all,action=log,timeout=10s");
        ImaginarySocket socket = forgotten("");
        world.pass(TIMEOUT.plus(SECOND));
        world.stop(Duration.ofHours(1));
        world.round();

        assertEquals(
                ReleaseReply.BEGUN, world.detector.release(world.detector.list().get(0), Action.CLOSE, false));
        world.pass(SECOND);
        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void pressureAloneReleasesNothingDoubtful() {
        ImaginarySocket socket = forgotten("a message");
        world.detector.setPressure(true);

        world.pass(Duration.ofMinutes(5));

        assertFalse(socket.condemned());
    }

    @Test
    void asALastResortItDoes() {
        world = new World("track=all,action=drain,timeout=10s,pressure.timeout=2s,pressure.doubtful=true");
        ImaginarySocket socket = forgotten("a message");
        world.detector.setPressure(true);

        world.pass(Duration.ofSeconds(4));

        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aPeerThatWasSilentAndHasClosedMakesALeakInTimeWhateverItsSilenceMayLast() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.nothingUnread();
        world.pass(TIMEOUT.plus(SECOND));
        socket.peerSends("RSET");
        socket.peerCloses();

        world.pass(TIMEOUT.plus(SECOND).plus(SECOND));

        assertTrue(socket.descriptorIsGone());
    }

    @Test
    void aWeakSuspectThatBecomesStrongIsReleasedInTimeWhateverAWeakOneHas() {
        world = new World("track=all,action=drain,timeout=10s,weak.timeout=10m");
        ImaginarySocket socket = world.halfClosedSocket();
        world.pass(TIMEOUT.plus(SECOND));
        socket.peerCloses();

        world.pass(TIMEOUT.plus(SECOND).plus(SECOND));

        assertTrue(socket.descriptorIsGone());
    }
}
