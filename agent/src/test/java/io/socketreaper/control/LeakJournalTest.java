package io.socketreaper.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcomes;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.report.Leaks;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeakJournalTest {
    private static final Outcome DRAINED = Outcomes.drained(6, DrainEnd.values()[0], "", "JDK channel", 12);

    private final LeakSites sites = new LeakSites();
    private final LeakJournal ledger = new LeakJournal(sites);

    @Test
    void nothingWasFound() {
        assertEquals(new Totals(0, 0, 0, 0, 0, 0), ledger.total());
        assertEquals(LeakKind.values().length, ledger.byKind().size());
        assertEquals(List.of(), ledger.sites(20));
        assertEquals(new History(List.of(), List.of()), ledger.history());
    }

    @Test
    void aSiteTellsItsLastLeak() {
        LeakSite site = site(41);
        ledger.leak(Leaks.leak(site, Leaks.PEER_CLOSED), new Outcome.Logged());
        ledger.leak(Leaks.leak(site, Leaks.PEER_CLOSED), DRAINED);

        SiteInfo info = ledger.sites(20).get(0);
        assertEquals(site.id(), info.id());
        assertEquals("half-closed", info.kind());
        assertEquals(site.location(), info.location());
        assertTrue(info.lastOutcome().startsWith("drained: 6 bytes"), info.lastOutcome());
        assertTrue(info.report().startsWith("LEAK half-closed"), info.report());
        assertEquals(6, info.totals().drainedBytes());
        assertTrue(info.firstMillis() > 0 && info.lastMillis() >= info.firstMillis());
    }

    @Test
    void aSiteWhoseLeaksHaveSeveralGradesCountsThem() {
        LeakSite site = site(41);
        ledger.leak(Leaks.leak(site, Leaks.PEER_OPEN), new Outcome.Logged());
        site.countFound(Grade.WEAK);
        site.countFound(Grade.WEAK);
        assertEquals("weak", ledger.sites(20).get(0).grades());
        site.countFound(Grade.STRONG);

        SiteInfo info = ledger.sites(20).get(0);
        assertEquals("weak", info.grade());
        assertEquals("strong 1, weak 2", info.grades());
        assertEquals(Map.of("strong", 1L, "weak", 2L), info.foundByGrade());
    }

    @Test
    void everyOutcomeIsAnEventWithAWord() {
        LeakSite site = site(41);
        var leak = Leaks.leak(site, Leaks.PEER_CLOSED);
        for (Outcome outcome : List.of(
                new Outcome.Logged(),
                new Outcome.Excluded("10.0.0.1"),
                new Outcome.Spared("it is in use"),
                DRAINED,
                Outcomes.closed("JDK channel", 3),
                new Outcome.ClosedByApplication(2, 4),
                new Outcome.StillHeld("JDK channel", 1, false, 5),
                new Outcome.StillHeld("JDK channel", 9, true, 6))) {
            ledger.leak(leak, outcome);
        }
        ledger.releasedAfterAll(leak, AfterAll.CLOSED, 100);

        assertEquals(
                List.of(
                        "logged",
                        "excluded",
                        "spared",
                        "drained",
                        "closed",
                        "closed-by-application",
                        "still-held",
                        "given-up",
                        "released-after-all"),
                ledger.history().releases().stream().map(History.Event::what).toList());
        assertEquals(
                List.of(-1L, -1L, -1L, 12L, 3L, 4L, 5L, 6L, -1L),
                ledger.history().releases().stream()
                        .map(History.Event::tookMillis)
                        .toList());
        assertEquals(1, ledger.total().givenUp());
        assertEquals(8, ledger.total().drainedBytes());
    }

    @Test
    void onlyTheRecentPastIsKept() {
        var leak = Leaks.leak(site(41), Leaks.PEER_CLOSED);
        for (int i = 0; i < 2_000; i++) {
            ledger.leak(leak, Outcomes.drained(i, DrainEnd.values()[0], "", "JDK channel", 1));
            ledger.sample(TimeUnit.SECONDS.toNanos(5L * i), i, 5_000, 1);
        }

        History history = ledger.history();
        assertEquals(500, history.releases().size());
        assertEquals(1_999, history.releases().get(499).drainedBytes());
        assertEquals(720, history.samples().size());
        assertEquals(1_999, history.samples().get(719).open());
    }

    @Test
    void figuresAreTakenEveryFiveSeconds() {
        assertTrue(ledger.wantsSample(-1));
        ledger.sample(-1, 7, 100, 1);

        assertFalse(ledger.wantsSample(TimeUnit.SECONDS.toNanos(4)));
        assertTrue(ledger.wantsSample(TimeUnit.SECONDS.toNanos(5)));
        assertEquals(TimeUnit.SECONDS.toNanos(5) - 1, ledger.nextSample());
    }

    private LeakSite site(int line) {
        return Leaks.siteIn(sites, LeakKind.HALF_CLOSED, StackOrigin.HALF_CLOSED, new StackTraceElement[] {
            new StackTraceElement("com.example.smtp.Session", "reject", "Session.java", line)
        });
    }
}
