package io.socketreaper.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.judge.Sighting.Reach;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JudgeTest {
    private static final long TIMEOUT = 60_000;
    private static final boolean[] BOTH = {false, true};

    /** Why a socket is left alone, each reason by itself and said once more in other words than the table's. */
    private static final Map<Veto, Predicate<Evidence>> REASONS = new EnumMap<>(Map.of(
            Veto.CLOSED, e -> !e.sighting().open(),
            Veto.LATE_TICK, Evidence::lateTick,
            Veto.DYING, e -> e.sighting().reach() == Reach.DYING,
            Veto.READER, e -> e.sighting().reading(),
            Veto.READ_INTEREST, e -> e.sighting().readInterest(),
            Veto.SHARED, Evidence::shared,
            Veto.RESPONSE_IN_FLIGHT,
            e -> EnumSet.of(TcpState.FIN_WAIT1, TcpState.CLOSING, TcpState.LAST_ACK).contains(e.sighting().tcpState()),
            Veto.UNEXPECTED_STATE,
            e -> EnumSet.of(TcpState.UNKNOWN, TcpState.ESTABLISHED, TcpState.SYN_SENT, TcpState.SYN_RECV, TcpState.TIME_WAIT,
                    TcpState.CLOSE_WAIT, TcpState.LISTEN).contains(e.sighting().tcpState()),
            Veto.NOTHING_UNREAD, e -> e.sighting().unreadBytes() == 0 && !e.sighting().endOfInput()
                    && e.sighting().reach() == Reach.REACHABLE,
            Veto.ACTIVE, e -> e.timeoutMillis() - e.idleMillis() > 0));

    @Test
    void theWholeTableAgreesWithTheReasonsTakenOneByOne() {
        List<Evidence> table = everyCombination();
        int alive = 0;
        int leaks = 0;
        int excluded = 0;
        for (Evidence row : table) {
            Veto first = null;
            for (var reason : REASONS.entrySet()) {
                if (first == null && reason.getValue().test(row)) {
                    first = reason.getKey();
                }
            }
            Grade grade = row.sighting().reach() == Reach.UNREACHABLE ? Grade.PROVEN
                    : row.sighting().tcpState() == TcpState.FIN_WAIT2 ? Grade.WEAK : Grade.STRONG;
            Verdict expected = first != null ? new Verdict.Alive(first)
                    : row.excluded() ? new Verdict.Excluded(grade) : new Verdict.Leak(grade);

            assertEquals(expected, Judge.judge(row), row::toString);

            alive += expected instanceof Verdict.Alive ? 1 : 0;
            leaks += expected instanceof Verdict.Leak ? 1 : 0;
            excluded += expected instanceof Verdict.Excluded ? 1 : 0;
        }
        // 2 states x 3 kinds of unread input x reset or not x idle at or above the timeout; everything else is a veto.
        // An unreachable socket is lost with nothing unread, too: 4 instead of 3.
        assertEquals(24 + 32, leaks);
        assertEquals(24 + 32, excluded);
        assertEquals(table.size() - 2 * (24 + 32), alive);
        assertEquals(REASONS.size(), Veto.values().length);
    }

    private static List<Evidence> everyCombination() {
        var rows = new ArrayList<Evidence>();
        for (Reach reach : Reach.values()) {
            for (boolean open : BOTH) {
                for (boolean late : BOTH) {
                    for (boolean reading : BOTH) {
                        for (boolean interest : BOTH) {
                            for (boolean shared : BOTH) {
                                for (boolean excluded : BOTH) {
                                    for (boolean end : BOTH) {
                                        for (boolean reset : BOTH) {
                                            for (TcpState state : TcpState.values()) {
                                                for (int unread : new int[] {0, 6}) {
                                                    for (long idle : new long[] {TIMEOUT - 1, TIMEOUT, TIMEOUT + 1}) {
                                                        var sighting = new Sighting(open, state, unread, end, reset,
                                                                reading, interest, reach);
                                                        rows.add(new Evidence(sighting.kind(), sighting, idle, TIMEOUT, late,
                                                                shared, excluded));
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        assertEquals(18_432 * Reach.values().length, rows.size());
        return rows;
    }

    @Test
    void theStorysSocketIsALeak() {
        assertEquals(new Verdict.Leak(Grade.WEAK), judge(peerOpen(6), TIMEOUT));
        assertEquals(new Verdict.Leak(Grade.STRONG), judge(peerClosed(6), TIMEOUT));
    }

    @Test
    void anEndOfInputThatNobodyTookIsEnough() {
        assertEquals(new Verdict.Leak(Grade.STRONG), judge(peerClosed(0), TIMEOUT));
    }

    @ParameterizedTest
    @CsvSource({"0, ACTIVE", "59999, ACTIVE", "60000,", "60001,", "9223372036854775807,"})
    void theTimeoutMustHavePassedInFull(long idle, Veto veto) {
        assertEquals(veto == null ? new Verdict.Leak(Grade.WEAK) : new Verdict.Alive(veto), judge(peerOpen(6), idle));
    }

    // -- The uses of half-close that must never be touched

    @Test
    void aClientThatHalfClosedAndWaitsForItsAnswerIsNeverTouched() {
        var blockedInRead = new Sighting(true, TcpState.FIN_WAIT2, 0, false, false, true, false);
        var registeredForRead = new Sighting(true, TcpState.FIN_WAIT2, 0, false, false, false, true);
        var busyElsewhere = new Sighting(true, TcpState.FIN_WAIT2, 0, false, false, false, false);

        assertAliveForever(Veto.READER, blockedInRead);
        assertAliveForever(Veto.READ_INTEREST, registeredForRead);
        assertAliveForever(Veto.NOTHING_UNREAD, busyElsewhere);
    }

    @Test
    void aDownloadPausedForLessThanTheTimeoutIsNotTouched() {
        assertEquals(new Verdict.Alive(Veto.ACTIVE), judge(peerOpen(128_512), TIMEOUT - 1));
        assertEquals(new Verdict.Alive(Veto.ACTIVE), judge(peerClosed(128_512), TIMEOUT - 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"FIN_WAIT1", "CLOSING", "LAST_ACK"})
    void aResponseInFlightIsNeverTouchedHoweverMuchIsUnread(TcpState state) {
        assertAliveForever(Veto.RESPONSE_IN_FLIGHT, new Sighting(true, state, 6, false, false, false, false));
        assertAliveForever(Veto.RESPONSE_IN_FLIGHT, new Sighting(true, state, 6, true, false, false, false));
    }

    @Test
    void theApplicationsOwnLingeringCloseIsReadingAndSoLeftAlone() {
        assertAliveForever(Veto.READER, new Sighting(true, TcpState.FIN_WAIT2, 6, false, false, true, false));
        assertAliveForever(Veto.READ_INTEREST, new Sighting(true, TcpState.CLOSE, 6, true, false, false, true));
    }

    @Test
    void aSharedDescriptorIsNeverTouched() {
        var evidence = new Evidence(LeakKind.HALF_CLOSED, peerClosed(6), Long.MAX_VALUE, TIMEOUT, false, true, false);

        assertEquals(new Verdict.Alive(Veto.SHARED), Judge.judge(evidence));
    }

    @Test
    void idleTimeProvesNothingAfterTheWholeJvmWasStopped() {
        var evidence = new Evidence(LeakKind.HALF_CLOSED, peerClosed(6), Long.MAX_VALUE, TIMEOUT, true, false, false);

        assertEquals(new Verdict.Alive(Veto.LATE_TICK), Judge.judge(evidence));
    }

    @ParameterizedTest
    @EnumSource(names = {"FIN_WAIT1", "FIN_WAIT2", "CLOSE", "CLOSING", "LAST_ACK"}, mode = EnumSource.Mode.EXCLUDE)
    void aStateThatAHalfClosedSocketCannotBeInIsNotTouched(TcpState state) {
        assertAliveForever(Veto.UNEXPECTED_STATE, new Sighting(true, state, 6, true, false, false, false));
    }

    @Test
    void anExclusionIsNoVetoSoTheLeakIsStillCounted() {
        var evidence = new Evidence(LeakKind.HALF_CLOSED, peerOpen(6), TIMEOUT, TIMEOUT, false, false, true);

        assertEquals(new Verdict.Excluded(Grade.WEAK), Judge.judge(evidence));
    }

    @Test
    void aLaterLookReplacesTheSightingAndNothingElse() {
        var first = new Evidence(LeakKind.HALF_CLOSED, peerOpen(6), 7, 8, true, true, true);

        assertEquals(new Evidence(LeakKind.HALF_CLOSED, peerClosed(1), 7, 8, true, true, true), first.with(peerClosed(1)));
    }

    // -- Words of the table

    @Test
    void whatIsGoneIsClosedAndNothingElse() {
        assertEquals(new Verdict.Alive(Veto.CLOSED), judge(Sighting.gone(), Long.MAX_VALUE));
    }

    @Test
    void everyChangeThatTheNetworkCanMakeShows() {
        var before = new Sighting(true, TcpState.FIN_WAIT2, 6, false, false, false, false);
        var same = new Sighting(true, TcpState.FIN_WAIT2, 6, false, false, true, true);

        assertEquals(false, before.differsOnTheWire(same));
        for (var after : List.of(new Sighting(true, TcpState.FIN_WAIT2, 7, false, false, false, false),
                new Sighting(true, TcpState.FIN_WAIT2, 5, false, false, false, false),
                new Sighting(true, TcpState.CLOSE, 6, false, false, false, false),
                new Sighting(true, TcpState.FIN_WAIT2, 6, true, false, false, false),
                new Sighting(true, TcpState.FIN_WAIT2, 6, false, true, false, false))) {
            assertTrue(after.differsOnTheWire(before), after::toString);
            assertTrue(before.differsOnTheWire(after), after::toString);
        }
    }

    /** The numbers of Linux include/net/tcp_states.h. */
    @ParameterizedTest
    @CsvSource({"1, ESTABLISHED", "2, SYN_SENT", "3, SYN_RECV", "4, FIN_WAIT1", "5, FIN_WAIT2", "6, TIME_WAIT", "7, CLOSE",
            "8, CLOSE_WAIT", "9, LAST_ACK", "10, LISTEN", "11, CLOSING", "0, UNKNOWN", "12, UNKNOWN", "13, UNKNOWN",
            "255, UNKNOWN"})
    void theKernelsNumbersHaveTheirNames(int code, TcpState state) {
        assertEquals(state, TcpState.of(code));
    }

    private static Sighting peerOpen(int unread) {
        return new Sighting(true, TcpState.FIN_WAIT2, unread, false, false, false, false);
    }

    private static Sighting peerClosed(int unread) {
        return new Sighting(true, TcpState.CLOSE, unread, true, false, false, false);
    }

    private static Verdict judge(Sighting sighting, long idle) {
        return Judge.judge(new Evidence(LeakKind.HALF_CLOSED, sighting, idle, TIMEOUT, false, false, false));
    }

    private static void assertAliveForever(Veto why, Sighting sighting) {
        for (long idle : new long[] {0, TIMEOUT, TIMEOUT * 1000, Long.MAX_VALUE}) {
            var alive = assertInstanceOf(Verdict.Alive.class, judge(sighting, idle));
            assertEquals(why, alive.veto());
        }
    }
}
