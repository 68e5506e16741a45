package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.SocketSnapshot.Holder;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JudgeTest {
    private static final long TIMEOUT = 60_000;

    /** A reason to leave a socket alone, once more in the words of the documentation. */
    private record Reason(Veto veto, Predicate<Evidence> holds) {}

    private static Reason because(Veto veto, Predicate<Evidence> holds) {
        return new Reason(veto, holds);
    }

    private static final Reason GONE = because(Veto.GONE, e -> e.snapshot().hold() == Holder.GONE);
    private static final Reason LATE = because(Veto.LATE_TICK, Evidence::lateTick);
    private static final Reason DYING = because(Veto.DYING, e -> e.snapshot().hold() == Holder.DYING);
    private static final Reason READER = because(Veto.READER, e -> e.snapshot().reading());
    private static final Reason INTEREST =
            because(Veto.READ_INTEREST, e -> e.snapshot().readInterest());
    private static final Reason WRITER = because(Veto.WRITER, e -> e.snapshot().writing());
    private static final Reason SHARED = because(Veto.SHARED, Evidence::shared);
    private static final Set<TcpState> FIN_IN_FLIGHT =
            EnumSet.of(TcpState.FIN_WAIT1, TcpState.CLOSING, TcpState.LAST_ACK);
    private static final Set<TcpState> AFTER_OUR_FIN = EnumSet.of(TcpState.FIN_WAIT2, TcpState.CLOSE);
    private static final Set<TcpState> AFTER_THEIR_FIN = EnumSet.of(TcpState.CLOSE_WAIT, TcpState.CLOSE);
    private static final Reason FIN_NOT_ACKNOWLEDGED = because(
            Veto.RESPONSE_IN_FLIGHT, e -> FIN_IN_FLIGHT.contains(e.snapshot().tcpState()));
    private static final Reason SENDING =
            because(Veto.SENDING, e -> e.snapshot().sending());
    private static final Reason ACTIVE = because(Veto.ACTIVE, e -> e.timeoutMillis() - e.idleMillis() > 0);

    private static final List<Reason> OF_HALF_CLOSED = List.of(
            LATE,
            READER,
            INTEREST,
            SHARED,
            FIN_NOT_ACKNOWLEDGED,
            because(
                    Veto.UNEXPECTED_STATE,
                    e -> !AFTER_OUR_FIN.contains(e.snapshot().tcpState())),
            SENDING,
            ACTIVE);
    private static final List<Reason> OF_OPEN_OUTPUT = List.of(
            LATE,
            READER,
            INTEREST,
            WRITER,
            SENDING,
            SHARED,
            because(
                    Veto.NOTHING_UNREAD,
                    e -> e.snapshot().tcpState() == TcpState.ESTABLISHED
                            && e.snapshot().unreadBytes() == 0),
            because(
                    Veto.UNEXPECTED_STATE,
                    e -> e.snapshot().tcpState() != TcpState.ESTABLISHED
                            && !AFTER_THEIR_FIN.contains(e.snapshot().tcpState())),
            because(
                    Veto.PEER_ASKED,
                    e -> e.snapshot().tcpState() == TcpState.CLOSE_WAIT
                            && e.use().peer() == PeerAnswer.PENDING),
            ACTIVE);
    private static final List<Reason> OF_UNREACHABLE = List.of(
            LATE,
            SHARED,
            SENDING,
            FIN_NOT_ACKNOWLEDGED,
            because(Veto.UNEXPECTED_STATE, e -> e.snapshot().tcpState() == TcpState.UNKNOWN),
            ACTIVE);
    private static final List<Reason> OF_OTHERS = List.of(
            GONE,
            LATE,
            DYING,
            because(
                    Veto.RESPONSE_IN_FLIGHT,
                    e -> e.snapshot().hold() == Holder.CLOSED && e.snapshot().sending()),
            ACTIVE);

    private static List<Reason> reasonsFor(SocketSnapshot snapshot) {
        if (snapshot.hold() == Holder.UNREACHABLE) {
            return OF_UNREACHABLE;
        } else if (snapshot.hold() != Holder.OPEN) {
            return OF_OTHERS;
        }
        return snapshot.outputShut() ? OF_HALF_CLOSED : OF_OPEN_OUTPUT;
    }

    private static Veto firstReason(Evidence row) {
        List<Reason> reasons = reasonsFor(row.snapshot());
        for (int i = 0; i < reasons.size(); i++) {
            if (reasons.get(i).holds().test(row)) {
                return reasons.get(i).veto();
            }
        }
        return null;
    }

    private static Grade gradeOf(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        if (snapshot.hold() == Holder.CLOSED || snapshot.hold() == Holder.UNREACHABLE) {
            return Grade.PROVEN;
        }
        if (snapshot.hold() == Holder.UNUSED) {
            return Grade.WEAK;
        }
        boolean mayReadOn = evidence.use().consumed() && !evidence.use().ended();
        boolean wanted = snapshot.plaintext() > 0
                || (snapshot.outputShut()
                        ? !snapshot.tlsOver() && mayReadOn
                        : snapshot.unreadBytes() > 0
                                || mayReadOn
                                || snapshot.tcpState() != TcpState.CLOSE
                                        && (evidence.use().peer() == PeerAnswer.ANSWERS
                                                || evidence.use().peer() == PeerAnswer.UNKNOWN));
        boolean over = snapshot.tcpState() == TcpState.CLOSE || snapshot.outputShut() && snapshot.tlsOver();
        return wanted ? Grade.DOUBTFUL : over ? Grade.STRONG : Grade.WEAK;
    }

    @Test
    void theWholeTableAgreesWithTheReasonsTakenOneByOne() {
        var count = new Object() {
            int rows;
            int leaks;
            int excluded;
        };
        var vetoes = new HashSet<Veto>();
        var grades = EnumSet.noneOf(Grade.class);
        everyCombination(row -> {
            Veto first = firstReason(row);
            Grade grade = gradeOf(row);
            grades.add(grade);
            Judged expected =
                    first != null ? Judged.alive(first) : row.excluded() ? Judged.excluded(grade) : Judged.leak(grade);

            if (!expected.equals(Judged.of(row))) {
                // There are millions of them, so no call and no lambda for each.
                assertEquals(expected, Judged.of(row), row::toString);
            }

            count.rows++;
            count.leaks += expected.verdict().isLeak() ? 1 : 0;
            count.excluded += expected.verdict().excluded() ? 1 : 0;
            vetoes.add(first);
        });
        // What is no veto for a kind doubles each; so do the uses of application and peer.
        int uses = USES.size();
        int few = USES_OF_OTHERS.size();
        int halfClosed = uses * 2 * 2 * 2 * 2 * 2 * TLS; // states, unread, end, reset, writing
        int peerClosed = (uses - 1) * 2 * 2 * 2 * TLS
                + uses * 2 * 2 * 2 * TLS; // CLOSE_WAIT, not asked; CLOSE: unread, end, reset
        int windowFull = uses * 2 * 2 * TLS; // end, reset
        int unreachable = few * 2 * 8 * 2 * 2 * 2 * 2 * 2 * 2
                * TLS; // output, states, unread, end, reset, reading, interest, writing
        int closedOrUnused =
                few * 3 * 12 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * TLS; // in every state, shared, too; unused: sending, too
        int leaks = halfClosed + peerClosed + windowFull + unreachable + closedOrUnused;
        assertEquals(leaks, count.leaks);
        assertEquals(leaks, count.excluded);
        assertEquals((uses + 5 * few) * 12 * 2 * (1 << 7) * TLS * 8 * 2, count.rows);
        assertEquals(Veto.values().length + 1, vetoes.size(), vetoes::toString);
        assertEquals(EnumSet.allOf(Grade.class), grades);
    }

    @Test
    void whatEndsATimeoutEndsItForGood() {
        for (long idle : new long[] {TIMEOUT, TIMEOUT + 1, TIMEOUT * 1000, Long.MAX_VALUE}) {
            assertEquals(Judged.leak(Grade.WEAK), judge(peerOpen(6), idle));
            assertEquals(Judged.leak(Grade.PROVEN), judge(SocketSnapshot.closed(), idle));
        }
    }

    /** So that a report can say what makes a leak doubtful. */
    @Test
    void aLeakIsDoubtfulForAReasonAndNoOtherLeakHasOne() {
        var doubts = EnumSet.noneOf(Doubt.class);
        everySnapshot(snapshot -> {
            for (SocketUse use : USES) {
                List<Doubt> found = Doubt.of(snapshot, use);
                if (snapshot.hold() != Holder.GONE && snapshot.hold() != Holder.DYING) {
                    assertEquals(
                            gradeOf(new Evidence(snapshot, TIMEOUT, TIMEOUT, false).with(use)) == Grade.DOUBTFUL,
                            !found.isEmpty());
                }
                doubts.addAll(found);
            }
        });
        assertEquals(EnumSet.allOf(Doubt.class), doubts);
    }

    /** Plaintext or none, the session over or not. */
    private static final int TLS = 4;

    private static final List<SocketUse> USES = List.of(
            SocketUse.NONE,
            new SocketUse(true, false, PeerAnswer.NOT_ASKED),
            new SocketUse(true, true, PeerAnswer.SILENT),
            new SocketUse(false, true, PeerAnswer.PENDING),
            new SocketUse(false, false, PeerAnswer.ANSWERS),
            new SocketUse(true, false, PeerAnswer.UNKNOWN),
            new SocketUse(false, false, PeerAnswer.GONE));

    /** Of a socket that the application cannot get at, or has never connected, it is no matter what was done with it. */
    private static final List<SocketUse> USES_OF_OTHERS =
            List.of(SocketUse.NONE, new SocketUse(true, false, PeerAnswer.PENDING));

    private static void everyCombination(Consumer<Evidence> test) {
        everySnapshot(snapshot -> everyCircumstance(snapshot, test));
    }

    private static void everySnapshot(Consumer<SocketSnapshot> test) {
        for (Holder hold : Holder.values()) {
            for (TcpState state : TcpState.values()) {
                for (int unread : new int[] {0, 6}) {
                    for (int facts = 0; facts < 1 << 9; facts++) {
                        test.accept(new SocketSnapshot(
                                hold,
                                state,
                                unread,
                                bit(facts, 0),
                                bit(facts, 1),
                                bit(facts, 2),
                                bit(facts, 3),
                                bit(facts, 4),
                                bit(facts, 5),
                                bit(facts, 6),
                                bit(facts, 7) ? 80 : 0,
                                bit(facts, 8),
                                unread * 4 / 3,
                                0));
                    }
                }
            }
        }
    }

    private static void everyCircumstance(SocketSnapshot snapshot, Consumer<Evidence> test) {
        for (SocketUse use : snapshot.hold() == Holder.OPEN ? USES : USES_OF_OTHERS) {
            for (int facts = 0; facts < 1 << 3; facts++) {
                for (long idle = TIMEOUT - 1; idle <= TIMEOUT; idle++) {
                    test.accept(
                            new Evidence(snapshot, use, idle, TIMEOUT, bit(facts, 0), bit(facts, 1), bit(facts, 2)));
                }
            }
        }
    }

    private static boolean bit(int facts, int number) {
        return (facts >> number & 1) != 0;
    }

    @Test
    void theStorysSocketIsALeak() {
        assertEquals(Judged.leak(Grade.WEAK), judge(peerOpen(6), TIMEOUT));
        assertEquals(Judged.leak(Grade.STRONG), judge(peerClosed(6), TIMEOUT));
    }

    @Test
    void anEndOfInputThatNobodyTookIsEnough() {
        assertEquals(Judged.leak(Grade.STRONG), judge(peerClosed(0), TIMEOUT));
    }

    @ParameterizedTest
    @CsvSource({"0, ACTIVE", "59999, ACTIVE", "60000,", "60001,", "9223372036854775807,"})
    void theTimeoutMustHavePassedInFull(long idle, Veto veto) {
        assertEquals(veto == null ? Judged.leak(Grade.WEAK) : Judged.alive(veto), judge(peerOpen(6), idle));
    }

    // -- The uses of half-close that must never be touched

    @Test
    void aClientThatHalfClosedAndReadsIsNeverTouchedAndOneThatDoesNotHasATimeoutOfItsOwn() {
        var blockedInRead = Snapshots.halfClosed(TcpState.FIN_WAIT2, 0, false, false, true, false);
        var registeredForRead = Snapshots.halfClosed(TcpState.FIN_WAIT2, 0, false, false, false, true);
        var busyElsewhere = Snapshots.halfClosed(TcpState.FIN_WAIT2, 0, false, false, false, false);

        assertAliveForever(Veto.READER, blockedInRead);
        assertAliveForever(Veto.READ_INTEREST, registeredForRead);
        assertTrue(busyElsewhere.isSilent());
        assertEquals(Judged.leak(Grade.WEAK), judge(busyElsewhere, TIMEOUT));
    }

    @Test
    void aDownloadPausedForLessThanTheTimeoutIsNotTouched() {
        assertEquals(Judged.alive(Veto.ACTIVE), judge(peerOpen(128_512), TIMEOUT - 1));
        assertEquals(Judged.alive(Veto.ACTIVE), judge(peerClosed(128_512), TIMEOUT - 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"FIN_WAIT1", "CLOSING", "LAST_ACK"})
    void aResponseInFlightIsNeverTouchedHoweverMuchIsUnread(TcpState state) {
        assertAliveForever(Veto.RESPONSE_IN_FLIGHT, Snapshots.halfClosed(state, 6, false, false, false, false));
        assertAliveForever(Veto.RESPONSE_IN_FLIGHT, Snapshots.halfClosed(state, 6, true, false, false, false));
    }

    @Test
    void theApplicationsOwnLingeringCloseIsReadingAndSoLeftAlone() {
        assertAliveForever(Veto.READER, Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, true, false));
        assertAliveForever(Veto.READ_INTEREST, Snapshots.halfClosed(TcpState.CLOSE, 6, true, false, false, true));
    }

    @Test
    void aSharedDescriptorIsNeverTouched() {
        var evidence = new Evidence(peerClosed(6), Long.MAX_VALUE, TIMEOUT, false).with(true, false);

        assertEquals(Judged.alive(Veto.SHARED), Judged.of(evidence));
    }

    @Test
    void idleTimeProvesNothingAfterTheWholeJvmWasStopped() {
        var evidence = new Evidence(peerClosed(6), Long.MAX_VALUE, TIMEOUT, true);

        assertEquals(Judged.alive(Veto.LATE_TICK), Judged.of(evidence));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"FIN_WAIT1", "FIN_WAIT2", "CLOSE", "CLOSING", "LAST_ACK"},
            mode = EnumSource.Mode.EXCLUDE)
    void aStateThatAHalfClosedSocketCannotBeInIsNotTouched(TcpState state) {
        assertAliveForever(Veto.UNEXPECTED_STATE, Snapshots.halfClosed(state, 6, true, false, false, false));
    }

    @Test
    void anExclusionIsNoVetoSoTheLeakIsStillCounted() {
        var evidence = new Evidence(peerOpen(6), TIMEOUT, TIMEOUT, false).with(false, true);

        assertEquals(Judged.excluded(Grade.WEAK), Judged.of(evidence));
    }

    @Test
    void aLaterLookReplacesTheSnapshotAndNothingElse() {
        var first = new Evidence(peerOpen(6), SocketUse.NONE, 7, 8, true, true, true);

        assertEquals(new Evidence(peerClosed(1), SocketUse.NONE, 7, 8, true, true, true), first.with(peerClosed(1)));
    }

    // -- The other kinds

    @Test
    void aPeerThatMayHalfCloseLegitimatelyIsAnswered() {
        var answered = new SocketSnapshot(Holder.OPEN, TcpState.CLOSE_WAIT, 0, true, false, false, false, false, true);

        assertAliveForever(Veto.WRITER, answered);
    }

    @Test
    void anIdleConnectionThatBothSidesKeepIsNoLeak() {
        assertAliveForever(
                Veto.NOTHING_UNREAD,
                new SocketSnapshot(Holder.OPEN, TcpState.ESTABLISHED, 6, false, false, false, false, false, false));
    }

    /** Its peer's FIN cannot arrive. A consumer that pauses for longer than the timeout looks the same, so it is always doubtful. */
    @ParameterizedTest
    @CsvSource({"87382, 131072, true", "87381, 131072, false", "131072, 131072, true", "87382, 0, false", "0, 0, false"
    })
    void anEstablishedConnectionWhoseReceiveWindowIsFullIsADoubtfulLeak(int unread, int buffer, boolean full) {
        SocketSnapshot snapshot = established(unread, buffer);

        assertEquals(full, snapshot.showsSign());
        assertEquals(full ? LeakKind.WINDOW_FULL : LeakKind.PEER_CLOSED, snapshot.kind());
        assertEquals(
                full ? Judged.leak(Grade.DOUBTFUL) : Judged.alive(Veto.NOTHING_UNREAD),
                judge(snapshot, Long.MAX_VALUE));
        if (full) {
            assertEquals(Judged.alive(Veto.ACTIVE), judge(snapshot, TIMEOUT - 1));
            assertAliveForever(Veto.READER, snapshot.withUse(true, false));
            assertAliveForever(Veto.WRITER, snapshot.withUse(false, true));
            assertAliveForever(Veto.SENDING, snapshot.withSending(true));
        }
    }

    @Test
    void aFullReceiveWindowChangesNoOtherKind() {
        var closeWait = forgotten(TcpState.CLOSE_WAIT, 98_304).withReceiveBuffer(131_072);
        var halfClosed = peerOpen(98_304).withReceiveBuffer(131_072);

        assertEquals(LeakKind.PEER_CLOSED, closeWait.kind());
        assertEquals(LeakKind.HALF_CLOSED, halfClosed.kind());
        assertEquals(Judged.leak(Grade.WEAK), judge(halfClosed, TIMEOUT));
    }

    private static SocketSnapshot established(int unread, int buffer) {
        return new SocketSnapshot(Holder.OPEN, TcpState.ESTABLISHED, unread, false, false, false, false, false, false)
                .withReceiveBuffer(buffer);
    }

    @Test
    void unreadInputOfAPeerThatHasClosedIsADeliveryThatWaitsForItsReader() {
        assertEquals(Judged.leak(Grade.DOUBTFUL), judge(forgotten(TcpState.CLOSE_WAIT, 6), TIMEOUT));
        assertEquals(Judged.leak(Grade.DOUBTFUL), judge(forgotten(TcpState.CLOSE, 6), TIMEOUT));
    }

    /** A steady consumer that asks its handler for one message after the other reads nothing from the socket. */
    @Test
    void whatAHandlerHoldsIsUnreadToo() {
        for (TcpState state : List.of(TcpState.CLOSE_WAIT, TcpState.CLOSE)) {
            SocketSnapshot held = forgotten(state, 0).withHeld(1);
            assertEquals(Judged.leak(Grade.DOUBTFUL), judge(held, TIMEOUT));
            assertEquals(List.of(Doubt.UNREAD), Doubt.of(held, SocketUse.NONE));
            assertTrue(held.unread());
            assertFalse(held.dependsOnPeer());
        }
    }

    @Test
    void withNothingUnreadThePeerDecides() {
        assertEquals(Judged.leak(Grade.STRONG), judge(forgotten(TcpState.CLOSE, 0), TIMEOUT));
        for (PeerAnswer answer : PeerAnswer.values()) {
            Judged expected =
                    switch (answer) {
                        case PENDING -> Judged.alive(Veto.PEER_ASKED);
                        case ANSWERS, UNKNOWN -> Judged.leak(Grade.DOUBTFUL);
                        case NOT_ASKED, SILENT, GONE -> Judged.leak(Grade.WEAK);
                    };
            assertEquals(
                    expected,
                    Judged.of(new Evidence(forgotten(TcpState.CLOSE_WAIT, 0), TIMEOUT, TIMEOUT, false)
                            .with(new SocketUse(false, false, answer))));
        }
    }

    @Test
    void anApplicationThatHasReadOnSinceItsHalfCloseMayReadOn() {
        for (SocketSnapshot snapshot : List.of(peerOpen(6), peerClosed(6), peerClosed(0))) {
            var consumer = new Evidence(snapshot, TIMEOUT, TIMEOUT, false)
                    .with(new SocketUse(true, false, PeerAnswer.NOT_ASKED));
            assertEquals(Judged.leak(Grade.DOUBTFUL), Judged.of(consumer));
        }
        var toldOfTheEnd = new Evidence(peerClosed(0), TIMEOUT, TIMEOUT, false)
                .with(new SocketUse(true, true, PeerAnswer.NOT_ASKED));
        assertEquals(Judged.leak(Grade.STRONG), Judged.of(toldOfTheEnd));
    }

    /** A slow reader has taken the last bytes and works before it reads the end, which the kernel of a unix-domain peer tells at once. */
    @Test
    void anApplicationThatHasReadOnSinceItsPeerClosedMayReadTheEnd() {
        for (SocketSnapshot snapshot : List.of(forgotten(TcpState.CLOSE, 0), forgotten(TcpState.CLOSE_WAIT, 0))) {
            var consumer = new SocketUse(true, false, PeerAnswer.SILENT);
            assertEquals(
                    Judged.leak(Grade.DOUBTFUL),
                    Judged.of(new Evidence(snapshot, TIMEOUT, TIMEOUT, false).with(consumer)));
            assertEquals(List.of(Doubt.READ_ON), Doubt.of(snapshot, consumer));
        }
        var unread = new SocketUse(true, false, PeerAnswer.NOT_ASKED);
        assertEquals(List.of(Doubt.UNREAD), Doubt.of(forgotten(TcpState.CLOSE, 6), unread));
        var toldOfTheEnd = new Evidence(forgotten(TcpState.CLOSE, 0), TIMEOUT, TIMEOUT, false)
                .with(new SocketUse(true, true, PeerAnswer.GONE));
        assertEquals(Judged.leak(Grade.STRONG), Judged.of(toldOfTheEnd));
    }

    @Test
    void whatTlsHasDecryptedIsUnreadInput() {
        assertEquals(Judged.leak(Grade.DOUBTFUL), judge(peerOpen(0).withTls(80, false), TIMEOUT));
        assertEquals(
                Judged.leak(Grade.DOUBTFUL), judge(forgotten(TcpState.CLOSE, 0).withTls(80, true), TIMEOUT));
        assertTrue(peerOpen(0).withTls(80, false).differsOnTheWire(peerOpen(0)));
        assertFalse(peerOpen(0).withTls(80, false).isSilent());
    }

    @Test
    void aConnectionWhoseTlsSessionIsOverOnBothSidesHasNothingToLose() {
        assertEquals(Judged.leak(Grade.STRONG), judge(peerOpen(0).withTls(0, true), TIMEOUT));
        assertFalse(peerOpen(0).withTls(0, true).isSilent());
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "UNREACHABLE"})
    void outputInFlightIsNeverTouched(Holder hold) {
        for (TcpState state : List.of(TcpState.CLOSE_WAIT, TcpState.CLOSE)) {
            assertAliveForever(
                    Veto.SENDING,
                    new SocketSnapshot(hold, state, 6, true, false, false, false, false, false).withSending(true));
        }
        assertAliveForever(Veto.SENDING, peerOpen(6).withSending(true));
    }

    private static SocketSnapshot forgotten(TcpState state, int unread) {
        return new SocketSnapshot(
                Holder.OPEN, state, unread, true, state == TcpState.CLOSE, false, false, false, false);
    }

    @Test
    void everySnapshotHasTheKindThatItsHolderMakesIt() {
        assertEquals(LeakKind.HALF_CLOSED, peerOpen(6).kind());
        assertEquals(LeakKind.PEER_CLOSED, SocketSnapshot.inUse().kind());
        assertEquals(LeakKind.CLOSED_NOT_RELEASED, SocketSnapshot.closed().kind());
        assertEquals(LeakKind.NEVER_CONNECTED, SocketSnapshot.unused().kind());
        assertEquals(LeakKind.UNREACHABLE, SocketSnapshot.dying().kind());
        assertEquals(LeakKind.UNREACHABLE, new Evidence(unreachable(TcpState.LISTEN), 0, TIMEOUT, false).kind());
    }

    @ParameterizedTest
    @EnumSource
    void onlyAnEndOfSomethingIsASign(TcpState state) {
        boolean ended = state == TcpState.CLOSE_WAIT || state == TcpState.CLOSE;

        assertEquals(ended, new SocketSnapshot(Holder.OPEN, state, 6, true, true, false, true, true, true).showsSign());
        assertTrue(Snapshots.halfClosed(state, 0, false, false, false, false).showsSign());
        for (Holder hold : Holder.values()) {
            assertTrue(hold == Holder.OPEN
                    || new SocketSnapshot(hold, state, 0, false, false, false, false, false, false).showsSign());
        }
    }

    private static SocketSnapshot unreachable(TcpState state) {
        return new SocketSnapshot(Holder.UNREACHABLE, state, 0, false, false, false, false, false, false);
    }

    // -- Words of the table

    @Test
    void whatIsGoneIsGoneAndNothingElse() {
        assertEquals(Judged.alive(Veto.GONE), judge(SocketSnapshot.gone(), Long.MAX_VALUE));
    }

    @Test
    void everyChangeThatTheNetworkCanMakeShows() {
        var before = Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, false, false);
        var same = Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, true, true);

        assertEquals(false, before.differsOnTheWire(same));
        for (var after : List.of(
                Snapshots.halfClosed(TcpState.FIN_WAIT2, 7, false, false, false, false),
                Snapshots.halfClosed(TcpState.FIN_WAIT2, 5, false, false, false, false),
                Snapshots.halfClosed(TcpState.CLOSE, 6, false, false, false, false),
                Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, true, false, false, false),
                Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, true, false, false),
                before.withHeld(1))) {
            assertTrue(after.differsOnTheWire(before), after::toString);
            assertTrue(before.differsOnTheWire(after), after::toString);
        }
    }

    /** The numbers of Linux include/net/tcp_states.h. */
    @ParameterizedTest
    @CsvSource({
        "1, ESTABLISHED",
        "2, SYN_SENT",
        "3, SYN_RECV",
        "4, FIN_WAIT1",
        "5, FIN_WAIT2",
        "6, TIME_WAIT",
        "7, CLOSE",
        "8, CLOSE_WAIT",
        "9, LAST_ACK",
        "10, LISTEN",
        "11, CLOSING",
        "0, UNKNOWN",
        "12, UNKNOWN",
        "13, UNKNOWN",
        "255, UNKNOWN"
    })
    void theKernelsNumbersHaveTheirNames(int code, TcpState state) {
        assertEquals(state, TcpState.of(code));
    }

    private static SocketSnapshot peerOpen(int unread) {
        return Snapshots.halfClosed(TcpState.FIN_WAIT2, unread, false, false, false, false);
    }

    private static SocketSnapshot peerClosed(int unread) {
        return Snapshots.halfClosed(TcpState.CLOSE, unread, true, false, false, false);
    }

    private static Judged judge(SocketSnapshot snapshot, long idle) {
        return Judged.of(new Evidence(snapshot, idle, TIMEOUT, false));
    }

    private static void assertAliveForever(Veto why, SocketSnapshot snapshot) {
        for (long idle : new long[] {0, TIMEOUT, TIMEOUT * 1000, Long.MAX_VALUE}) {
            assertEquals(why, judge(snapshot, idle).verdict().veto());
        }
    }

    /** The verdict and, of a leak, its grade. */
    private record Judged(Verdict verdict, Grade grade) {
        static Judged of(Evidence evidence) {
            Verdict verdict = Judge.judge(evidence);
            return new Judged(verdict, verdict.isAlive() ? null : evidence.grade());
        }

        static Judged leak(Grade grade) {
            return new Judged(Verdict.LEAK, grade);
        }

        static Judged excluded(Grade grade) {
            return new Judged(Verdict.EXCLUDED, grade);
        }

        static Judged alive(Veto veto) {
            return new Judged(Verdict.alive(veto), null);
        }
    }
}
