package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcomes;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReportTextTest {
    private static final String OWNER = "JDK channel";
    private static final String BOTH_FINS = "was sent no packet, because both FINs were exchanged before";

    private final ReportText text = new ReportText(20);

    /** What an on-call engineer looks for first, whatever was done. */
    @ParameterizedTest
    @MethodSource("everyOutcome")
    void everyReportTellsWhichConnectionWhichCodeAndHowNearTheLimitIs(Outcome outcome) {
        for (SocketSnapshot snapshot : List.of(Leaks.PEER_OPEN, Leaks.PEER_CLOSED, Leaks.RESET)) {
            String report = text.of(Leaks.leak(snapshot), outcome);

            assertSays(report, "LEAK half-closed", "site 0a1b2c3d");
            assertSays(report, "local 192.0.2.10:25, peer 192.0.2.20:40123", "fd 57", "socket:[4711]");
            assertSays(
                    report,
                    "TCP state " + snapshot.tcpState(),
                    "6 bytes are unread",
                    "the application shut the output 61.5 s ago",
                    "idle for 60.0 s",
                    "has not read since");
            assertSays(
                    report,
                    "thread \"smtp-7\"",
                    "at com.example.smtp.Session.reject(Session.java:41)",
                    "at com.example.smtp.Server.run(Server.java:99)");
            assertSays(report, "812 of 1024 descriptors open (79 %)");
            assertFalse(report.contains("null"), report);
        }
    }

    static List<Outcome> everyOutcome() {
        return List.of(
                new Outcome.Logged(),
                new Outcome.Excluded("remote::25"),
                new Outcome.Spared("it is shared"),
                Outcomes.drained(6, DrainEnd.END_OF_INPUT, "", OWNER, 3),
                Outcomes.drained(6, DrainEnd.IDLE, "", OWNER, 3),
                Outcomes.drained(6, DrainEnd.TIME, "", OWNER, 3),
                Outcomes.drained(6, DrainEnd.BYTES, "", OWNER, 3),
                Outcomes.drained(6, DrainEnd.RESET, "", OWNER, 3),
                Outcomes.closed(OWNER, 3),
                new Outcome.ClosedByApplication(6, 3),
                new Outcome.StillHeld(OWNER, 1, false, 1000),
                new Outcome.StillHeld(OWNER, 15, true, 600_000));
    }

    @Test
    void theGradeAndThePeersSideAreTold() {
        assertSays(report(Leaks.PEER_OPEN, new Outcome.Logged()), "(weak)", "the peer's side is still open");
        assertSays(report(Leaks.PEER_CLOSED, new Outcome.Logged()), "(strong)", "the peer has closed its side");
        assertSays(report(Leaks.RESET, new Outcome.Logged()), "(strong)", "the connection was reset");
        assertSays(
                report(Leaks.PEER_CLOSED_AND_NOTHING_UNREAD, new Outcome.Logged()), "only the end of input is unread");
    }

    @Test
    void theCountsOfASiteWithoutALineSayWhyThereIsNone() {
        var sites = new LeakSites();
        var none = new StackTraceElement[0];
        var before = Leaks.siteIn(sites, LeakKind.HALF_CLOSED, StackOrigin.BEFORE_ATTACH, none);

        assertEquals(
                "leak site " + before.id() + " (half-closed), opened before the agent came: count=0 released=0"
                        + " released-after-all=0 excluded=0",
                text.counts(before, LogSink.FIRST));
    }

    @Test
    void theTimeSinceTheLastReadIsTold() {
        var leak = Leaks.leak(site(), Leaks.PEER_OPEN, 60_250, new DescriptorCensus(0, 1, 2, Set.of()));

        assertSays(text.of(leak, new Outcome.Logged()), "last read 60.3 s ago");
    }

    // -- What was done, and what the peer saw

    @Test
    void logSaysThatNothingWasDoneAndWhatTheOtherActionsWouldDo() {
        String open = report(Leaks.PEER_OPEN, new Outcome.Logged());
        assertSays(
                open,
                "only reported (action=log)",
                "has acknowledged all sent bytes",
                "has not ended its side",
                "action=drain would discard 6 bytes",
                "close without a packet",
                "action=close would close and send the peer a reset");

        String closed = report(Leaks.PEER_CLOSED, new Outcome.Logged());
        assertSays(closed, "only reported (action=log)", "has ended its side too", "neither sends a packet");
        assertFalse(closed.contains("RST"), closed);
    }

    @Test
    void onlyLogSpeaksOfWhatWouldBeDone() {
        for (Outcome outcome : everyOutcome()) {
            assertEquals(
                    outcome instanceof Outcome.Logged,
                    report(Leaks.PEER_OPEN, outcome).contains("would"),
                    outcome::toString);
        }
    }

    @Test
    void anExclusionNamesItsRule() {
        assertSays(
                report(Leaks.PEER_OPEN, new Outcome.Excluded("remote::25")),
                "not touched, because of exclude=remote::25");
    }

    @Test
    void aSparedSocketSaysWhy() {
        assertSays(report(Leaks.PEER_OPEN, new Outcome.Spared("it is shared")), "not touched, because it is shared");
    }

    @ParameterizedTest
    @CsvSource({
        "END_OF_INPUT, up to the end of input, a clean end",
        "IDLE, drain-idle, it sees a reset only if it sends more",
        "TIME, drain-time, may see a reset",
        "BYTES, drain-bytes, may see a reset",
        "RESET, reset, reset the connection itself"
    })
    void aDrainSaysWhatEndedItAndWhatThePeerSees(DrainEnd end, String ended, String peer) {
        String report = report(Leaks.PEER_OPEN, Outcomes.drained(1_234_567, end, "", OWNER, 30_020));

        assertSays(
                report,
                "drained: 1234567 bytes discarded",
                ended,
                "closed by its owner, " + OWNER,
                "the descriptor is gone",
                "30.0 s",
                peer);
    }

    @ParameterizedTest
    @EnumSource
    void whereBothFinsWereExchangedNoPacketIsSentHoweverTheDrainEnds(DrainEnd end) {
        assertSays(report(Leaks.PEER_CLOSED, Outcomes.drained(6, end, "", OWNER, 3)), BOTH_FINS);
    }

    @ParameterizedTest
    @EnumSource
    void afterAResetNobodyClaimsThatBothFinsWereExchanged(DrainEnd end) {
        for (Outcome outcome :
                List.of(Outcomes.drained(6, end, "", OWNER, 3), Outcomes.closed(OWNER, 3), new Outcome.Logged())) {
            String report = report(Leaks.RESET, outcome);

            assertSays(report, "may not have received all sent bytes, because the connection ended with an error");
            assertFalse(report.contains("FINs"), report);
            assertFalse(report.contains("has ended its side too"), report);
        }
    }

    @Test
    void thePreviewIsShownOnlyIfThereIsOne() {
        String with = report(Leaks.PEER_OPEN, Outcomes.drained(6, DrainEnd.IDLE, "RSET\\r\\n", OWNER, 3));
        assertSays(with, "it began with \"RSET\\r\\n\"");
        String without = report(Leaks.PEER_OPEN, Outcomes.drained(6, DrainEnd.IDLE, "", OWNER, 3));
        assertFalse(without.contains("began"), without);
    }

    @Test
    void closeSaysWhetherThePeerSawAResetAndWhy() {
        assertSays(
                report(Leaks.PEER_OPEN, Outcomes.closed(OWNER, 3)),
                "closed by its owner, " + OWNER,
                "with 6 bytes unread",
                "the descriptor is gone (3 ms)",
                "was sent a reset, because its last 6 bytes were never read");
        String closed = report(Leaks.PEER_CLOSED, Outcomes.closed(OWNER, 3));
        assertSays(closed, BOTH_FINS);
        assertFalse(closed.contains("RST"), closed);
    }

    @Test
    void aCloseOfTheApplicationsOwnIsItsOwn() {
        assertSays(
                report(Leaks.PEER_OPEN, new Outcome.ClosedByApplication(4, 3)),
                "4 bytes discarded",
                "the application closed it itself",
                "the descriptor is gone");
    }

    @Test
    void aDescriptorThatIsStillHeldIsNotCalledReleased() {
        String again = report(Leaks.PEER_OPEN, new Outcome.StillHeld(OWNER, 1, false, 1_000));
        assertSays(again, "NOT RELEASED", OWNER, "1 time in 1.0 s", "still held", "the agent will try again");
        assertFalse(again.contains("is gone"), again);
        assertSays(
                report(Leaks.PEER_OPEN, new Outcome.StillHeld(OWNER, 15, true, 603_000)),
                "NOT RELEASED",
                "15 times",
                "10 min",
                "given up");
    }

    @Test
    void onlyAGoneDescriptorIsCalledGone() {
        for (Outcome outcome : everyOutcome()) {
            boolean gone = outcome instanceof Outcome.Drained
                    || outcome instanceof Outcome.Closed
                    || outcome instanceof Outcome.ClosedByApplication;
            assertEquals(gone, report(Leaks.PEER_OPEN, outcome).contains("the descriptor is gone"), outcome::toString);
        }
    }

    // -- The rest of the block

    @Test
    void theStackIsCutWhereTheSettingSaysAndTheCutIsTold() {
        String report = new ReportText(2).of(Leaks.leak(Leaks.PEER_OPEN), new Outcome.Logged());

        assertSays(report, "at com.example.smtp.Session.reject", "... 2 more");
        assertFalse(report.contains("Session.data"), report);
        assertFalse(report(Leaks.PEER_OPEN, new Outcome.Logged()).contains("more\n"), "nothing is cut at twenty");
    }

    @ParameterizedTest
    @CsvSource({
        "812, 1024, '812 of 1024 descriptors open (79 %)'",
        "1024, 1024, '1024 of 1024 descriptors open (100 %)'",
        "812, -1, '812 descriptors open, no known limit'",
        "-1, 1024, number of open descriptors unknown",
        "3, 0, '3 of 0 descriptors open'",
        "20000000, 1073741816, '(1 %)'"
    })
    void theDescriptorsAreSetAgainstTheirLimit(int open, long limit, String says) {
        var leak = Leaks.leak(site(), Leaks.PEER_OPEN, -1, new DescriptorCensus(0, open, limit, Set.of()));

        assertSays(text.of(leak, new Outcome.Logged()), says);
    }

    @Test
    void everyLineAfterTheFirstIsIndentedSoThatABlockStaysABlock() {
        for (Outcome outcome : everyOutcome()) {
            String[] lines = report(Leaks.PEER_OPEN, outcome).split("\n");
            for (int i = 1; i < lines.length; i++) {
                assertTrue(lines[i].startsWith("    "), lines[i]);
            }
        }
    }

    @Test
    void releasedAfterAllSaysWhichAndWhyAndWhatToDo() {
        assertSays(
                text.releasedAfterAll(Leaks.leak(Leaks.PEER_OPEN), AfterAll.CLOSED, 90_000),
                "released after all",
                "site 0a1b2c3d",
                "local 192.0.2.10:25, peer 192.0.2.20:40123",
                "fd 57",
                "90.0 s ago",
                "closed by the application",
                "longer timeout");
        assertSays(text.releasedAfterAll(Leaks.leak(Leaks.PEER_OPEN), AfterAll.USED, 90_000), "in use again");
    }

    @Test
    void theCountsOfASiteAreAllThere() {
        LeakSite site = site();
        for (int i = 0; i < 200; i++) {
            site.countFound(Grade.WEAK);
        }
        for (int i = 0; i < 150; i++) {
            site.countReleased();
        }
        site.countReleasedAfterAll();
        site.countExcluded();
        site.countExcluded();

        assertSays(text.counts(site, 50), "count=200", "; +50 since the last counts");
        assertSays(
                text.counts(site, LogSink.FIRST),
                "leak site 0a1b2c3d (half-closed)",
                "com.example.smtp.Session.reject(Session.java:41)",
                "count=200",
                "released=150",
                "released-after-all=1",
                "excluded=2");
    }

    private String report(SocketSnapshot snapshot, Outcome outcome) {
        return text.of(Leaks.leak(snapshot), outcome);
    }

    private static LeakSite site() {
        return Leaks.site("0a1b2c3d", LeakKind.HALF_CLOSED, "com.example.smtp.Session.reject(Session.java:41)");
    }

    private static void assertSays(String report, String... facts) {
        for (String fact : facts) {
            assertTrue(report.contains(fact), () -> "does not say <" + fact + ">:\n" + report);
        }
    }
}
