package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcomes;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogSinkTest {
    private static final Outcome HELD = new Outcome.StillHeld("JDK channel", 1, false, 1_000);
    private static final Outcome LOGGED = new Outcome.Logged();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final List<String> NOTHING = List.of();

    private final RecordingLogger log = new RecordingLogger();
    private final LogSink sink = new LogSink(log, 60_000, 20, new AddressFormat(false));
    private final LeakSite reject =
            Leaks.site("0a1b2c3d", LeakKind.HALF_CLOSED, "com.example.Session.reject(Session.java:41)");
    private final LeakSite quit =
            Leaks.site("99999999", LeakKind.HALF_CLOSED, "com.example.Session.quit(Session.java:77)");
    private long now = -30 * SECOND;

    @Test
    void theFirstLeakOfASiteIsShownInFullAtOnce() {
        found(reject, LOGGED);

        String line = only(log.take());
        assertTrue(line.startsWith("WARN LEAK half-closed"), line);
        assertTrue(line.contains("Session.reject"), line);
        assertFalse(sink.tick(now), "there is no more to say");
        assertEquals(NOTHING, log.take());
    }

    @Test
    void theFirstReleaseOfASiteThatWasOnlyReportedIsShownInFullToo() {
        found(reject, LOGGED);
        log.take();
        var drained = Outcomes.drained(6, Outcome.DrainEnd.END_OF_INPUT, "", "its owner", 3);
        found(reject, drained);
        assertTrue(only(log.take()).contains("drained: 6 bytes discarded"));
        found(reject, drained);
        assertEquals(NOTHING, log.take());
    }

    @Test
    void furtherLeaksOfASiteAreCountedOncePerInterval() {
        for (int i = 0; i < 200; i++) {
            found(reject, LOGGED);
        }
        assertEquals(1, log.take().size());
        for (int i = 0; i < 60; i++) {
            assertTrue(sink.tick(now), "so that it is called again");
            assertEquals(NOTHING, log.take());
            now += SECOND;
        }
        assertFalse(sink.tick(now));

        List<String> lines = log.take();
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).contains("leak site 0a1b2c3d") && lines.get(0).contains("count=200"), lines.get(0));
        assertTrue(lines.get(1).contains("199 reports were only counted"), lines.get(1));
    }

    @Test
    void theNextCountComesNoSoonerThanAnIntervalLater() {
        found(reject, LOGGED);
        found(reject, LOGGED);
        pass(60);
        assertEquals(3, log.take().size());

        found(reject, LOGGED);
        pass(59);
        assertEquals(NOTHING, log.take());
        pass(1);
        List<String> lines = log.take();
        assertTrue(lines.get(0).contains("count=3"), lines::toString);
        assertTrue(lines.get(1).contains("1 report was only counted"), "only those since the last count: " + lines);
    }

    @Test
    void theCountsTellHowMuchASiteHasGrownSinceTheLastOnes() {
        found(reject, LOGGED);
        found(reject, LOGGED);
        pass(60);
        List<String> first = log.take();
        assertFalse(String.join("\n", first).contains("since the last counts"), first::toString);

        for (int interval = 1; interval <= 2; interval++) {
            for (int i = 0; i < 5 * interval; i++) {
                found(reject, LOGGED);
            }
            pass(60);
            String counts = log.take().get(0);
            assertTrue(counts.contains(interval == 1 ? "count=7 " : "count=17 "), counts);
            assertTrue(counts.endsWith("excluded=0; +" + 5 * interval + " since the last counts"), counts);
        }
    }

    @Test
    void withNothingNewThereIsNoCount() {
        found(reject, LOGGED);
        found(reject, LOGGED);
        pass(60);
        log.take();

        pass(3600);

        assertEquals(NOTHING, log.take());
    }

    @Test
    void everySiteHasItsOwnFullReportAndOnlyChangedOnesAreCounted() {
        found(reject, LOGGED);
        found(quit, LOGGED);
        assertEquals(2, log.take().size());
        found(quit, LOGGED);
        pass(60);

        List<String> lines = log.take();
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).contains("leak site 99999999"), lines::toString);
    }

    @Test
    void aReleaseThatFailedIsShownOncePerSiteThenCountedAndSoIsOneThatIsGivenUp() {
        found(reject, LOGGED);
        found(quit, LOGGED);
        log.take();
        found(reject, HELD);
        assertTrue(only(log.take()).contains("the agent will try again"));
        found(quit, HELD);
        assertTrue(only(log.take()).contains("the agent will try again"));
        for (int i = 0; i < 5_000; i++) {
            reject.countStillHeld();
            found(reject, HELD);
        }
        assertEquals(List.of(), log.take());
        found(reject, new Outcome.StillHeld("JDK channel", 15, true, 600_000));
        assertTrue(only(log.take()).contains("given up"));
        found(reject, new Outcome.StillHeld("JDK channel", 15, true, 600_000));
        assertEquals(List.of(), log.take());

        assertTrue(sink.tick(now));
        pass(60);
        List<String> lines = log.take();
        assertEquals(2, lines.size());
        assertTrue(
                lines.get(0).contains("leak site 0a1b2c3d") && lines.get(0).contains("still-held=5000"),
                lines::toString);
    }

    @Test
    void whatBecameOfASocketThatWasShownAsHeldIsShown() {
        found(reject, LOGGED);
        var shown = Leaks.leak(reject, Leaks.PEER_OPEN);
        var another = Leaks.leak(reject, Leaks.PEER_OPEN);
        sink.leak(shown, HELD);
        sink.leak(another, HELD);
        sink.leak(Leaks.leak(reject, Leaks.PEER_OPEN), Outcomes.closed("JDK channel", 1));
        log.take();

        sink.leak(another, Outcomes.closed("JDK channel", 2_000));
        assertEquals(List.of(), log.take());
        sink.leak(shown, Outcomes.closed("JDK channel", 2_000));
        assertTrue(only(log.take()).contains("the descriptor is gone"));
    }

    @Test
    void whatCameBackToLifeIsSaidOncePerSiteAndThenCounted() {
        found(reject, LOGGED);
        found(quit, LOGGED);
        log.take();
        sink.releasedAfterAll(Leaks.leak(reject, Leaks.PEER_OPEN), AfterAll.CLOSED, 1000);
        assertTrue(only(log.take()).startsWith("INFO released after all, site 0a1b2c3d"));
        sink.releasedAfterAll(Leaks.leak(quit, Leaks.PEER_OPEN), AfterAll.USED, 1000);
        assertTrue(only(log.take()).startsWith("INFO released after all, site 99999999"));

        for (int i = 0; i < 10; i++) {
            reject.countReleasedAfterAll();
            sink.releasedAfterAll(Leaks.leak(reject, Leaks.PEER_OPEN), AfterAll.CLOSED, 1000);
        }
        assertEquals(NOTHING, log.take());
        pass(60);
        List<String> lines = log.take();
        assertTrue(lines.get(0).contains("released-after-all=10"), lines::toString);
        assertTrue(lines.get(1).contains("10 reports"), lines::toString);
    }

    @Test
    void bracesInAReportAreNotTakenForPlaceholders() {
        found(reject, Outcomes.drained(2, Outcome.DrainEnd.IDLE, "{}", "JDK channel", 1));

        assertTrue(only(log.take()).contains("it began with \"{}\""));
    }

    @Test
    void aHundredThousandLeaksInAMinuteAreAHandfulOfLines() {
        for (int second = 0; second < 60; second++) {
            for (int i = 0; i < 2_000; i++) {
                found(i % 2 == 0 ? reject : quit, LOGGED);
            }
            pass(1);
        }

        assertEquals(5, log.take().size(), "two reports, two counts, and how many were not shown");
    }

    private void found(LeakSite site, Outcome outcome) {
        site.countFound(Grade.WEAK);
        sink.leak(Leaks.leak(site, Leaks.PEER_OPEN), outcome);
    }

    private void pass(int seconds) {
        sink.tick(now);
        for (int i = 0; i < seconds; i++) {
            now += SECOND;
            sink.tick(now);
        }
    }

    private static String only(List<String> lines) {
        assertEquals(1, lines.size(), lines::toString);
        return lines.get(0);
    }
}
