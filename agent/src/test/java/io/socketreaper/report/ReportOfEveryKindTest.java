package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.leak.Blame;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcomes;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.BlameKind;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.Snapshots;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.SocketUse;
import io.socketreaper.model.TcpState;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a report says of each kind of leak, whatever became of it; above all what it must not say of the peer. */
class ReportOfEveryKindTest {
    private static final String OWNER = "JDK channel";

    private final ReportText text = new ReportText(20);

    @Test
    void everyReportIsReadable() {
        everyReport((leak, report) -> {
            assertFalse(
                    report.contains("null")
                            || report.contains("UNKNOWN")
                            || report.contains(" ;")
                            || report.contains(";;"),
                    report);
            assertTrue(
                    report.startsWith("LEAK " + leak.kind() + " (" + leak.grade() + "), site 0a1b2c3d: local "),
                    report);
            for (String line : report.split("\n")) {
                assertFalse(line.stripTrailing().length() != line.length() || line.endsWith(";"), line);
                assertTrue(line.startsWith("LEAK ") || line.startsWith("    "), line);
            }
            for (String label : List.of("what    ", "done    ", "code    ", "process ")) {
                assertEquals(
                        2, report.split("\n    " + label, -1).length, () -> "one line " + label + " in\n" + report);
            }
        });
    }

    @Test
    void theCodeIsToldOrWhyItIsNotKnown() {
        for (StackOrigin stackOrigin : StackOrigin.values()) {
            String report = text.of(Leaks.leak(peerClosed(6), stackOrigin), new Outcome.Logged());
            boolean known = stackOrigin == StackOrigin.HALF_CLOSED || stackOrigin == StackOrigin.OPENED;
            assertEquals(known, report.contains("at com.example.smtp.Session.reject(Session.java:41)"), report);
            assertEquals(!known, report.contains("code    " + stackOrigin.withoutStack()), report);
            assertEquals(
                    stackOrigin == StackOrigin.HALF_CLOSED,
                    report.contains("half-closed by thread \"smtp-7\" in"),
                    report);
            assertEquals(stackOrigin == StackOrigin.OPENED, report.contains("code    opened in"), report);
        }
    }

    @Test
    void theTimeOfAHalfCloseIsToldOnlyIfItIsKnown() {
        SocketSnapshot halfClosed = Leaks.PEER_OPEN;

        assertTrue(text.of(Leaks.leak(halfClosed, StackOrigin.HALF_CLOSED), new Outcome.Logged())
                .contains("the application shut the output 61.5 s ago, has not read since"));
        assertTrue(text.of(Leaks.leak(halfClosed, StackOrigin.BEFORE_ATTACH), new Outcome.Logged())
                .contains("had shut the output when the agent found the socket 61.5 s ago, has not read since"));
    }

    @Test
    void eachKindSaysHowTheSocketWasLost() {
        assertSays(
                peerClosed(0),
                "the peer has closed its side, seen 61.5 s ago",
                "open for 90.0 s",
                "TCP state CLOSE_WAIT");
        assertSays(reset(0), "the connection was reset, seen 61.5 s ago");
        assertSays(
                unreachable(TcpState.ESTABLISHED, 6),
                "dropped the socket without a close, and the object was collected: 6 bytes are unread, ",
                " and the socket has been open for 90.0 s and idle for 60.0 s (TCP state ESTABLISHED)",
                "6 bytes are unread");
        assertSays(
                unreachable(TcpState.LISTEN, 0),
                "dropped the socket without a close",
                "it still listens, and the socket has been open for 90.0 s and idle for 60.0 s",
                "only reported, because a listening socket may hold its port on purpose");
        assertSays(
                SocketSnapshot.closed(),
                "the application has closed the socket, seen 61.5 s ago",
                "but its descriptor, opened 90.0 s ago, is still open",
                "\n    held    by " + Leaks.HOLDER + "\n    done ");
        assertSays(
                SocketSnapshot.unused(),
                "the application opened the socket 90.0 s ago, and has neither connected nor bound it",
                "some programs open sockets ahead");
        assertSays(
                unreachable(TcpState.SYN_SENT, 0),
                "dropped the socket without a close",
                "its connect is under way, and the socket has been open for 90.0 s and idle for 60.0 s (TCP state SYN_SENT)",
                "idle for 60.0 s",
                "action=drain and action=close would close it",
                "peer 192.0.2.20:40123");
        assertSays(
                SocketSnapshot.connecting(TcpState.SYN_SENT),
                "its connect is under way, but no thread selects on its selector any more",
                "only reported");
        assertSays(
                SocketSnapshot.connecting(TcpState.ESTABLISHED),
                "its connect has succeeded, but no thread selects",
                "only reported");
        assertSays(
                SocketSnapshot.connectEnded(),
                "its connect has ended, but the application has not asked for the result",
                "only reported");
    }

    @Test
    void whereThereIsNoConnectionNothingIsSaidOfAPeer() {
        for (SocketSnapshot snapshot : List.of(
                SocketSnapshot.closed(),
                SocketSnapshot.unused(),
                SocketSnapshot.connectEnded(),
                SocketSnapshot.connecting(TcpState.SYN_SENT),
                unreachable(TcpState.SYN_SENT, 0),
                unreachable(TcpState.LISTEN, 0))) {
            for (Outcome outcome : everyOutcome()) {
                String report = text.of(Leaks.leak(snapshot, StackOrigin.OPENED), outcome);
                assertFalse(report.contains("\n    peer "), report);
                assertFalse(report.contains("RST") || report.contains("FIN") || report.contains("the peer"), report);
            }
        }
    }

    @Test
    void nobodySaysThatThePeerHasAcknowledgedOurFinBeforeWeSentOne() {
        everyReport((leak, report) -> {
            SocketSnapshot snapshot = leak.snapshot();
            boolean finSent = snapshot.outputShut() || snapshot.tcpState() == TcpState.FIN_WAIT2;
            if (!finSent) {
                assertFalse(
                        report.contains("acknowledged")
                                || report.contains("both FINs")
                                || report.contains("without a packet")
                                || report.contains("was sent no packet"),
                        report);
            } else {
                assertFalse(
                        report.contains("our FIN,")
                                || report.contains("then our FIN")
                                || report.contains("waits for our FIN")
                                || report.contains("with our FIN"),
                        report);
            }
        });
    }

    @Test
    void aResetIsSpokenOfOnlyWhereOneIsSent() {
        everyReport((leak, report) -> {
            SocketSnapshot snapshot = leak.snapshot();
            if (snapshot.tcpState() == TcpState.CLOSE || snapshot.unreadBytes() == 0) {
                assertFalse(report.contains("RST"), report);
            }
        });
        for (SocketSnapshot snapshot :
                List.of(unreachable(TcpState.ESTABLISHED, 6), unreachable(TcpState.CLOSE_WAIT, 6))) {
            assertTrue(report(snapshot, Outcomes.closed(OWNER, 3)).contains("was sent a reset"), snapshot::toString);
            assertTrue(
                    report(snapshot, new Outcome.Logged()).contains("with a reset, as action=close would"),
                    snapshot::toString);
        }
    }

    @Test
    void afterAResetNobodySpeaksOfFins() {
        everyReport((leak, report) -> {
            if (leak.snapshot().reset()) {
                assertFalse(report.contains("FINs") || report.contains("then our FIN"), report);
            }
        });
        String during = report(unreachable(TcpState.ESTABLISHED, 6), Outcomes.drained(6, DrainEnd.RESET, "", OWNER, 3));
        assertTrue(during.contains("reset the connection itself"), during);
        assertFalse(during.contains("FIN"), during);
    }

    @Test
    void whoseSideHasEndedIsTheOneThatTheKernelTells() {
        everyReport((leak, report) -> {
            if (!leak.snapshot().endOfInput()) {
                assertFalse(
                        report.contains("peer    has ended its side") || report.contains("has closed its side"),
                        report);
            } else {
                assertFalse(report.contains("has not ended its side") || report.contains("side is still open"), report);
            }
        });
    }

    @Test
    void aSocketThatTheApplicationClosedItselfOwesNobodyAFin() {
        String report = report(peerClosed(6), new Outcome.ClosedByApplication(6, 3));

        assertFalse(report.contains("waits for our FIN"), report);
    }

    @Test
    void whatWouldBeDoneIsToldForALoggedLeakAndNoOther() {
        everyReport((leak, report) ->
                assertEquals(report.contains("only reported (action=log"), report.contains("\n    would "), report));
        assertFalse(report(SocketSnapshot.unused(), new Outcome.Logged()).contains("would"));
        assertSays(SocketSnapshot.closed(), "would wake the selector");
        assertFalse(
                report(unreachable(TcpState.LISTEN, 0), new Outcome.Logged()).contains("would"));
        assertSays(unreachable(TcpState.ESTABLISHED, 0), "then close with a reset, as action=close would at once");
        assertSays(
                unreachable(TcpState.FIN_WAIT2, 0),
                "without a packet; action=close would close and send the peer no packet");
        assertSays(
                peerClosed(6),
                "would discard 6 bytes and close; the peer sees a reset, because the application has not ended its answer");
    }

    @Test
    void onlyAReleaseIsCalledOne() {
        everyOutcome(outcome -> {
            boolean gone = outcome instanceof Outcome.Drained
                    || outcome instanceof Outcome.Closed
                    || outcome instanceof Outcome.ClosedByApplication;
            for (SocketSnapshot snapshot : everySnapshot()) {
                assertEquals(
                        gone,
                        report(snapshot, outcome).contains("the descriptor is gone"),
                        () -> report(snapshot, outcome));
            }
        });
    }

    private void everyReport(BiConsumer<Leak, String> check) {
        for (SocketSnapshot snapshot : everySnapshot()) {
            for (StackOrigin stackOrigin : StackOrigin.values()) {
                everyOutcome(outcome -> {
                    Leak leak = Leaks.leak(snapshot, stackOrigin);
                    check.accept(leak, text.of(leak, outcome));
                });
            }
        }
    }

    /** The reset may have come by itself just then, or in answer to the probe. */
    @Test
    void aResetWhileThePeerWasAskedIsSaidAsNoMoreThanThat() {
        Leak leak = Leaks.used(
                Leaks.leak(reset(0), StackOrigin.OPENED),
                new SocketUse(false, false, PeerAnswer.GONE),
                EndOfInputRead.NONE);
        String report = text.of(leak, new Outcome.Logged());

        assertTrue(report.contains("the connection was reset while its peer was being asked by a probe"), report);
        assertFalse(report.contains("answered"), report);
    }

    /** The figure is the time since the FIN, and the reset is the answer to our own probe: no fault of the network. */
    @Test
    void aResetThatAnsweredTheProbeIsToldFromTheFinBeforeIt() {
        String report = text.of(reset(PeerAnswer.GONE, false), new Outcome.Logged());

        assertTrue(
                report.contains(
                        "    what    the peer has closed its side, seen 61.5 s ago, and has answered the agent's probe with a"
                                + " reset, because it no longer knows the connection, and the application has not read, written or closed"
                                + " since and waits for no input or output: no input is unread, and the socket has been open for"),
                report);
        assertFalse(report.contains("the connection was reset"), report);
    }

    @Test
    void aResetThatFollowedAFinIsNotAsOldAsTheFin() {
        String report = text.of(reset(PeerAnswer.NOT_ASKED, false), new Outcome.Logged());

        assertTrue(
                report.contains(
                        "the peer has closed its side, seen 61.5 s ago, and the connection was reset later, and"),
                report);
        assertFalse(report.contains("probe"), report);
    }

    @Test
    void whetherThePeerHadAllThatWasSentIsToldOrSaidToBeUnknown() {
        Outcome closed = Outcomes.closed(OWNER, 3);
        String known = text.of(reset(PeerAnswer.GONE, true), closed);
        assertTrue(
                known.contains(
                        "    peer    the connection no longer exists; no packet was sent; before it ended, the peer had"
                                + " acknowledged all bytes that were sent to it\n"),
                known);
        String unknown = text.of(reset(PeerAnswer.GONE, false), closed);
        assertTrue(
                unknown.contains(
                        "    peer    the connection no longer exists; no packet was sent; it is not known whether the peer has"
                                + " received all bytes that were sent to it\n"),
                unknown);
        assertFalse(unknown.contains("acknowledged"), unknown);
    }

    /** Its FIN came first. */
    private static Leak reset(PeerAnswer answer, boolean acknowledged) {
        return Leaks.used(
                Leaks.leak(reset(0), StackOrigin.OPENED),
                new SocketUse(false, true, answer, true, acknowledged),
                EndOfInputRead.NONE);
    }

    @Test
    void aFullReceiveWindowIsSaidWithItsSize() {
        String report = report(windowFull(), new Outcome.Logged());

        assertTrue(report.contains("receive window is full"), report);
        assertTrue(report.contains("the receive buffer has "), report);
        assertTrue(report.contains("its FIN could not arrive"), report);
        assertTrue(report.contains("a release may lose"), report);
        assertTrue(report.contains("the peer sees a reset"), report);
        assertTrue(report.contains("released only by doubtful.action"), report);
    }

    private static void everyOutcome(Consumer<Outcome> check) {
        everyOutcome().forEach(check);
    }

    private static List<Outcome> everyOutcome() {
        return ReportTextTest.everyOutcome();
    }

    /** What a leak of each kind can look like. */
    private static List<SocketSnapshot> everySnapshot() {
        var all = new ArrayList<SocketSnapshot>(List.of(
                Leaks.PEER_OPEN,
                Leaks.PEER_CLOSED,
                Leaks.PEER_CLOSED_AND_NOTHING_UNREAD,
                Leaks.RESET,
                SocketSnapshot.closed(),
                SocketSnapshot.unused(),
                windowFull(),
                unreachable(TcpState.LISTEN, 0)));
        for (int unread : new int[] {0, 6}) {
            all.add(peerClosed(unread));
            all.add(reset(unread));
            for (TcpState state :
                    List.of(TcpState.ESTABLISHED, TcpState.FIN_WAIT2, TcpState.CLOSE_WAIT, TcpState.CLOSE)) {
                all.add(unreachable(state, unread));
            }
        }
        assertEquals(
                List.of(LeakKind.values()),
                List.copyOf(new java.util.TreeSet<>(
                        all.stream().map(SocketSnapshot::kind).toList())));
        return all;
    }

    private static SocketSnapshot windowFull() {
        return new SocketSnapshot(Holder.OPEN, TcpState.ESTABLISHED, 98_304, false, false, false, false, false, false)
                .withReceiveBuffer(131_072);
    }

    private static SocketSnapshot peerClosed(int unread) {
        return new SocketSnapshot(Holder.OPEN, TcpState.CLOSE_WAIT, unread, true, false, false, false, false, false);
    }

    private static SocketSnapshot reset(int unread) {
        return new SocketSnapshot(Holder.OPEN, TcpState.CLOSE, unread, true, true, false, false, false, false);
    }

    private static SocketSnapshot unreachable(TcpState state, int unread) {
        boolean end = state == TcpState.CLOSE_WAIT || state == TcpState.CLOSE;
        return new SocketSnapshot(Holder.UNREACHABLE, state, unread, end, false, false, false, false, false);
    }

    private String report(SocketSnapshot snapshot, Outcome outcome) {
        return text.of(Leaks.leak(snapshot, StackOrigin.OPENED), outcome);
    }

    private void assertSays(SocketSnapshot snapshot, String... facts) {
        String report = report(snapshot, new Outcome.Logged());
        for (String fact : facts) {
            assertTrue(report.contains(fact), () -> "does not say <" + fact + ">:\n" + report);
        }
    }

    @Test
    void whatThePeerOfAnUnfinishedAnswerWasToldIsSaid() {
        var told = new Outcome.Told(Outcome.Peer.RESET, Outcome.ToldOwner.BY_CLOSE, "");
        String report = report(peerClosed(6), new Outcome.Drained(6, DrainEnd.END_OF_INPUT, "", OWNER, 3, told));
        assertTrue(
                report.contains(
                        "peer    has ended its side; was sent a reset, because the application had not ended its answer"),
                report);
        assertFalse(report.contains("FIN;") || report.contains("clean end"), report);
        report = report(
                peerClosed(0),
                new Outcome.Closed(
                        OWNER, 3, new Outcome.Told(Outcome.Peer.UNFINISHED, Outcome.ToldOwner.BY_CLOSE, "")));
        assertTrue(report.contains("sees a normal end although the application had not ended its answer"), report);
    }

    @Test
    void howItsOwnerCameToKnowIsSaid() {
        assertTold(Outcome.ToldOwner.BY_CLOSE, "", "closed by its owner, " + OWNER);
        assertTold(Outcome.ToldOwner.BY_ITS_READ, "", "handed back: its owner closed it after its own read failed");
        assertTold(Outcome.ToldOwner.IN_VAIN, "", "it was handed back before, and its owner left it open");
        assertTold(Outcome.ToldOwner.NOT_IN_TIME, "", "it could not be handed back in time to its owner's thread");
        assertTold(
                Outcome.ToldOwner.NOT_AT_ALL,
                "a socket in blocking mode has no selection key",
                "its owner was not told before the close, because a socket in blocking mode has no selection key; the"
                        + " application's next call on the socket fails)");
    }

    // -- The evidence

    @Test
    void aDoubtfulLeakSaysWhatAReleaseMayLoseAndOneThatWasReleasedWhatItMayHaveLost() {
        assertDoubt(peerClosed(6), SocketUse.NONE, "6 bytes that the application has not read");
        assertDoubt(peerClosed(1), SocketUse.NONE, "1 byte that the application has not read");
        assertDoubt(reset(6), SocketUse.NONE, "6 bytes that the application has not read");
        assertDoubt(
                Leaks.PEER_OPEN.withTls(80, false),
                SocketUse.NONE,
                "80 bytes that TLS has decrypted and the application has not read");
        assertDoubt(
                reset(0).withHeld(1),
                SocketUse.NONE,
                "1 message in a FlowControlHandler that the application has not read");
        assertDoubt(
                peerClosed(6).withHeld(2),
                SocketUse.NONE,
                "6 bytes and 2 messages in a FlowControlHandler that the application has not read");
        assertDoubt(
                Leaks.PEER_OPEN,
                new SocketUse(true, false, PeerAnswer.NOT_ASKED),
                "the application has gone on reading since its half-close");
        assertDoubt(
                peerClosed(0),
                new SocketUse(true, false, PeerAnswer.SILENT),
                "the end of input: the application has gone on reading since its peer closed, and has not read it");
        assertDoubt(
                peerClosed(0),
                new SocketUse(false, true, PeerAnswer.ANSWERS),
                "an answer that the peer may wait for: it still answers probes");
        assertDoubt(peerClosed(0), new SocketUse(false, true, PeerAnswer.UNKNOWN), "it cannot be probed");
        assertDoubt(
                peerClosed(6).withTls(80, false),
                SocketUse.NONE,
                "6 bytes that the application has not read; 80 bytes that TLS");
    }

    private void assertDoubt(SocketSnapshot snapshot, SocketUse use, String loss) {
        Leak leak = Leaks.used(Leaks.leak(snapshot, StackOrigin.OPENED), use, EndOfInputRead.NONE);
        assertEquals(Grade.DOUBTFUL, leak.grade());
        everyOutcome(outcome -> {
            String report = text.of(leak, outcome);
            boolean released = report.contains("the descriptor is gone");
            String said = report.lines()
                    .filter(line -> line.startsWith(released ? "    done " : "    doubt "))
                    .findFirst()
                    .orElse("");
            assertTrue(
                    said.contains(released ? "this may have lost " : "a release may lose ") && said.contains(loss),
                    report);
            boolean isAskedAgain = use.peer() == PeerAnswer.ANSWERS;
            assertTrue(
                    !(outcome instanceof Outcome.Logged) || report.contains("only by doubtful.action") != isAskedAgain,
                    report);
            assertEquals(
                    released, ReportText.outcome(leak, outcome).contains(loss), "JFR, JMX and the page have it, too");
        });
    }

    /** Nothing can probe it. */
    @Test
    void aUnixDomainPeerStillHasItsSocketInPlaceOfAnsweringProbes() {
        var path = UnixDomainSocketAddress.of("/run/app.sock");
        Leak leak = Leaks.between(
                Leaks.used(
                        Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                        new SocketUse(false, true, PeerAnswer.ANSWERS),
                        EndOfInputRead.NONE),
                new Endpoints(path, null));
        everyOutcome(outcome -> {
            String report = text.of(leak, outcome);
            assertFalse(report.contains("probe"), report);
            assertTrue(report.contains("it still has its socket"), report);
            assertTrue(report.contains("has ended its side; still has its socket"), report);
        });
    }

    /** An operator who is told only of --doubtful would reset peers that are still there. */
    @Test
    void aLeakThatIsDoubtfulBecauseItsPeerAnswersSaysThatItsPeerIsAskedAgain() {
        Leak leak = Leaks.used(
                Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                new SocketUse(false, true, PeerAnswer.ANSWERS),
                EndOfInputRead.NONE);
        String report = text.of(leak, new Outcome.Logged());

        assertTrue(
                report.contains(
                        "    done    only reported (action=log for doubtful leaks); its peer still answers probes, and is asked"
                                + " again: the leak becomes strong once the peer is gone (a closed peer is known to its kernel for some 60 s)\n"),
                report);
        assertTrue(
                report.endsWith(
                        "    would   action=drain and action=close would close it once the peer is gone, and send no packet;"
                                + " doubtful.action, or a request with --doubtful, would close it before, and the peer sees a reset,"
                                + " because the application has not ended its answer"),
                report);
        assertTrue(
                ReportText.outcome(leak, new Outcome.Logged()).contains("is asked again"),
                "sites and page say it, too");
    }

    @Test
    void otherDoubtsDoNotPassWithThePeer() {
        for (Leak leak : List.of(
                Leaks.used(
                        Leaks.leak(peerClosed(6), StackOrigin.OPENED),
                        new SocketUse(false, true, PeerAnswer.ANSWERS),
                        EndOfInputRead.NONE),
                Leaks.used(
                        Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                        new SocketUse(false, true, PeerAnswer.UNKNOWN),
                        EndOfInputRead.NONE))) {
            String report = text.of(leak, new Outcome.Logged());
            assertFalse(report.contains("asked again"), report);
            assertTrue(report.contains("only by doubtful.action"), report);
        }
    }

    @Test
    void whatAReleaseWouldDoAboutAPeerThatWasNotAskedDependsOnItsAnswer() {
        assertSays(
                peerClosed(0),
                "would discard 0 bytes and close; with probe=auto the peer is asked first: if it is gone, no packet is sent, and if it"
                        + " answers, the leak is doubtful; otherwise the peer sees a reset, because the application has not ended its"
                        + " answer");
        String silent = text.of(
                Leaks.used(
                        Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                        new SocketUse(false, true, PeerAnswer.SILENT),
                        EndOfInputRead.NONE),
                new Outcome.Logged());
        assertTrue(silent.contains("and close; the peer sees a reset"), silent);
    }

    @Test
    void nothingIsSaidToBeLostByTheReleaseOfAnyOtherLeak() {
        everyReport((leak, report) -> {
            boolean doubtful = leak.grade() == Grade.DOUBTFUL;
            assertEquals(
                    doubtful, report.contains("a release may lose ") || report.contains("this may have lost "), report);
            assertEquals(doubtful, !ReportText.doubt(leak).isEmpty(), report);
        });
    }

    @Test
    void nobodySaysNothingUnreadOfPlaintextThatLiesInTls() {
        String report = report(peerClosed(0).withTls(80, false), new Outcome.Logged());
        assertFalse(report.contains("no input is unread") || report.contains("only the end of input"), report);
        assertTrue(report.contains(": 80 bytes are decrypted by TLS and unread, "), report);
        report = report(peerClosed(6).withTls(80, false), new Outcome.Logged());
        assertTrue(report.contains("6 bytes are unread, 80 bytes are decrypted by TLS and unread, "), report);
    }

    @Test
    void nobodySaysNothingUnreadOfWhatAHandlerHolds() {
        assertSays(peerClosed(0).withHeld(1), ": 1 message is held by a FlowControlHandler and unread, ");
        assertSays(
                peerClosed(6).withHeld(2),
                "6 bytes are unread, 2 messages are held by a FlowControlHandler and unread, ");
    }

    @Test
    void anEndedTlsSessionAndASilentPeerAreNamed() {
        SocketSnapshot silent = Snapshots.halfClosed(TcpState.FIN_WAIT2, 0, false, false, false, false);
        assertSays(silent, "no input is unread, the peer's side is still open but silent");
        assertSays(silent.withTls(0, true), "the peer's side is still open, both sides have ended TLS");
        assertFalse(report(Leaks.PEER_OPEN, new Outcome.Logged()).contains("silent"));
    }

    @Test
    void whatThePeerHasAnsweredIsTold() {
        assertAnswer(PeerAnswer.NOT_ASKED, "has ended its side; was not probed; ");
        assertAnswer(PeerAnswer.PENDING, "has ended its side; was probed and has not answered yet; ");
        assertAnswer(PeerAnswer.UNKNOWN, "has ended its side; cannot be probed; ");
        assertAnswer(PeerAnswer.ANSWERS, "has ended its side; still answers probes; ");
        assertAnswer(PeerAnswer.SILENT, "has ended its side; does not answer probes; ");
        assertAnswer(PeerAnswer.GONE, "has ended its side; no longer knows the connection; ");
        String unread = report(peerClosed(6), new Outcome.Logged());
        assertFalse(unread.contains("asked"), unread);
    }

    private void assertAnswer(PeerAnswer answer, String said) {
        Leak leak = Leaks.used(
                Leaks.leak(peerClosed(0), StackOrigin.OPENED), new SocketUse(false, true, answer), EndOfInputRead.NONE);
        var told = new Outcome.Told(Outcome.Peer.RESET, Outcome.ToldOwner.BY_CLOSE, "");
        for (Outcome outcome :
                List.of(new Outcome.Logged(), Outcomes.closed(OWNER, 3), new Outcome.Closed(OWNER, 3, told))) {
            String report = text.of(leak, outcome);
            assertTrue(report.contains("    peer    " + said), report);
        }
    }

    @Test
    void theReadThatToldTheApplicationTheEndOfInputIsTheLineToBlame() {
        Leak leak = Leaks.used(
                Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                new SocketUse(false, true, PeerAnswer.SILENT),
                Leaks.endOfInput());
        String report = text.of(leak, new Outcome.Logged());

        assertTrue(
                report.contains(
                        "the peer has closed its side, seen 61.5 s ago, and the application has not read, written or closed since and"
                                + " waits for no input or output: no input is unread, "),
                report);
        assertTrue(
                report.contains("    end     the application read the end of input 12.3 s ago by thread \"smtp-8\" in\n"
                        + "            at sun.nio.ch.SocketChannelImpl.read(SocketChannelImpl.java:410)\n"
                        + "            at com.example.smtp.Session.readLine(Session.java:77)\n    process "),
                report);
        assertTrue(report.indexOf("opened in") < report.indexOf("    end     "), report);
        assertTrue(new ReportText(1).of(leak, new Outcome.Logged()).contains("... 1 more\n    process "), report);
    }

    @Test
    void theLineToBlameIsNamedWithWhatItDid() {
        Leak leak = Leaks.used(
                Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                new SocketUse(false, true, PeerAnswer.SILENT),
                Leaks.endOfInput());

        assertBlame(
                leak, "com.example.smtp.Session.readLine(Session.java:77): it read the end of input and did not close");
        assertBlame(
                Leaks.leak(Leaks.PEER_OPEN), "com.example.smtp.Session.reject(Session.java:41): it shut the output");
        assertBlame(Leaks.leak(peerClosed(0), StackOrigin.OPENED), "not known: it is imaginary");
    }

    @Test
    void theLastReadOrWriteIsToldWithItsStack() {
        Leak leak = Leaks.leak(peerClosed(0), StackOrigin.OPENED);
        StackTraceElement[] stack = Leaks.endOfInput().stack();
        Leak read = Leaks.blamed(leak, new Blame(BlameKind.LAST_READ, 12_300, "smtp-8", stack, ""), stack);
        Leak written = Leaks.blamed(leak, new Blame(BlameKind.LAST_WRITE, 12_300, "smtp-8", stack, ""), stack);

        assertBlame(read, "com.example.smtp.Session.readLine(Session.java:77): it read last");
        String report = text.of(read, new Outcome.Logged());
        assertTrue(
                report.contains("    use     last read 12.3 s ago by thread \"smtp-8\" in\n"
                        + "            at sun.nio.ch.SocketChannelImpl.read(SocketChannelImpl.java:410)\n"
                        + "            at com.example.smtp.Session.readLine(Session.java:77)\n    process "),
                report);
        assertBlame(written, "com.example.smtp.Session.readLine(Session.java:77): it wrote last");
    }

    @Test
    void ofAHalfClosedSocketTheOpeningIsTold() {
        Leak leak = Leaks.leak(Leaks.PEER_OPEN);
        Leak opened = Leaks.blamed(leak, leak.blame(), Leaks.endOfInput().stack());

        assertFalse(text.of(leak, new Outcome.Logged()).contains("    opened  "));
        String report = text.of(opened, new Outcome.Logged());
        assertTrue(report.contains("    opened  in\n            at sun.nio.ch.SocketChannelImpl.read("), report);
    }

    private void assertBlame(Leak leak, String said) {
        String report = text.of(leak, new Outcome.Logged());
        assertTrue(report.contains("    blame   " + said + "\n"), report);
    }

    @Test
    void anEndOfInputThatWasNotSampledIsToldWithoutItsStack() {
        Leak leak = Leaks.used(
                Leaks.leak(peerClosed(0), StackOrigin.OPENED),
                new SocketUse(false, true, PeerAnswer.SILENT),
                new EndOfInputRead(900, "", new StackTraceElement[0]));

        String report = text.of(leak, new Outcome.Logged());
        assertTrue(report.contains("read the end of input 900 ms ago; the stack was not sampled\n"), report);
    }

    private void assertTold(Outcome.ToldOwner owner, String why, String said) {
        var told = new Outcome.Told(Outcome.Peer.RESET, owner, why);
        String report = report(peerClosed(6), new Outcome.Closed(OWNER, 3, told));
        assertTrue(report.contains(said), report);
    }
}
