package io.socketreaper.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.History;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Totals;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadlineTest {
    private static final Totals NONE = Samples.totals(0, 0, 0, 0);
    private static final String LINE = "Session.reject(Session.java:41)";

    private static void says(String tone, String sentence, ReportModel model) {
        assertEquals(new Headline(tone, sentence), Headline.of(model));
        assertEquals(sentence, HtmlPages.verdict(model));
    }

    private static ReportModel one(Totals totals, long overMillis) {
        return Samples.model(
                Samples.status(90, 1000, 0, totals, List.of()), Samples.site("0a1b2c3d", LINE, totals, overMillis));
    }

    private static ReportModel with(ReportModel model, History.Sample... samples) {
        return new ReportModel(
                model.source(),
                model.status(),
                model.sites(),
                model.sockets(),
                new History(List.of(samples), List.of()),
                List.of(),
                ProcessInfo.UNKNOWN,
                null,
                Map.of());
    }

    @Test
    void noLeak() {
        says(
                "calm",
                "No leak was found in 5 min: 90 of 1,000 descriptors are open (9.0 %).",
                Samples.model(Samples.status(90, 1000, 0, NONE, List.of())));
        says(
                "calm",
                "No leak was found in 5 min: 9,000 descriptors are open; 1 socket under watch.",
                Samples.model(Samples.status(9000, -1, 1, NONE, List.of())));
        says(
                "calm",
                "No leak was found in 5 min: how many descriptors are open is unknown; 2 sockets under watch.",
                Samples.model(Samples.status(-1, -1, 2, NONE, List.of())));
    }

    @Test
    void aSiteWithoutAStackIsNotSaidToBeAPlace() {
        var totals = Samples.totals(1, 0, 0, 0);
        says(
                "bad",
                "1 leaked socket is still held, leaked, opened before the agent came (half-closed); the agent released none.",
                Samples.model(
                        Samples.status(90, 1000, 0, totals, List.of()),
                        Samples.site("0a1b2c3d", "opened before the agent came", totals, 0)));
    }

    @Test
    void oneLeak() {
        says(
                "bad",
                "1 leaked socket is still held, leaked at " + LINE + " (half-closed); the agent released none.",
                one(Samples.totals(1, 0, 0, 0), 0));
        says(
                "good",
                "1 leaked socket was found and none is held any more, leaked at " + LINE
                        + " (half-closed); the agent released 1.",
                one(Samples.totals(1, 1, 0, 0), 0));
    }

    /** A suspect of a half-close, idle for two of its five seconds. */
    private static SocketInfo suspect(String line, String grade, long ageMillis) {
        return new SocketInfo(
                8,
                "",
                "half-closed",
                grade,
                "suspect",
                "",
                "",
                7,
                8,
                "FIN_WAIT2",
                6,
                false,
                ageMillis,
                2000,
                5000,
                line);
    }

    private static ReportModel with(ReportModel model, int suspects, List<SocketInfo> sockets) {
        var status = model.status();
        return new ReportModel(
                model.source(),
                Samples.status(status.open(), status.limit(), suspects, status.total(), List.of()),
                model.sites(),
                sockets,
                model.history(),
                model.open(),
                ProcessInfo.UNKNOWN,
                null,
                Map.of());
    }

    @Test
    void whereALineWithLeaksHasSuspectsNotAllIsGood() {
        var released = one(Samples.totals(30, 30, 0, 0), 0);
        String start = "30 leaked sockets were found and none is held any more, leaked at " + LINE
                + " (half-closed, 30 within 1.0 s); the agent released 30";
        var same = suspect(LINE, "weak", 3000);
        says(
                "watch",
                start + "; 10 more sockets show a sign of a leak and have not been idle for long enough, all of them at"
                        + " the same line.",
                with(released, 10, Collections.nCopies(10, same)));
        says(
                "watch",
                start
                        + "; 1 more socket shows a sign of a leak and has not been idle for long enough, at the same line.",
                with(released, 1, List.of(same)));
        says(
                "watch",
                start
                        + "; 2 more sockets show a sign of a leak and have not been idle for long enough, 1 of them at the"
                        + " same line.",
                with(released, 2, List.of(same, suspect("Other.a(Other.java:1)", "weak", 3000))));
        says(
                "watch",
                start
                        + "; at least 500 more sockets show a sign of a leak and have not been idle for long enough, all of"
                        + " them at the same line.",
                with(released, 900, Collections.nCopies(500, same)));
        var held = one(Samples.totals(1, 0, 0, 0), 0);
        says(
                "bad",
                "1 leaked socket is still held, leaked at " + LINE
                        + " (half-closed); the agent released none; 1 more socket"
                        + " shows a sign of a leak and has not been idle for long enough, at the same line.",
                with(held, 2, List.of(Samples.socket(7, "", "", LINE), same)));
        String box = Sections.verdict(with(released, 1, List.of(same))).render();
        assertTrue(box.startsWith("<div class=\"verdict watch\"><strong>Leaks released, suspects left</strong>"), box);
    }

    @Test
    void ofSeveralLinesTheOneWithMostSuspectsIsNamed() {
        var totals = Samples.totals(1, 1, 0, 0);
        var model = Samples.model(
                Samples.status(90, 1000, 3, Samples.totals(2, 2, 0, 0), List.of()),
                Samples.site("00000001", "A.a(A.java:1)", totals, 0),
                Samples.blamed("00000002", "B.b(B.java:2)", "C.c(C.java:3)", totals));
        var opened = suspect("C.c(C.java:3)", "weak", 3000);
        String said = Headline.of(with(model, 3, List.of(suspect("A.a(A.java:1)", "weak", 3000), opened, opened)))
                .sentence();
        assertTrue(said.endsWith("for long enough, 2 of them at B.b(B.java:2)."), said);
    }

    /** A half-close is no fault: for a while after it, and of a connection that is read on, the verdict stays good. */
    @Test
    void suspectsOfOtherLinesAreCountedAndNoCauseForWorryUntilTheyOutlastTheTimeout() {
        var released = one(Samples.totals(1, 1, 0, 0), 0);
        String said = "1 leaked socket was found and none is held any more, leaked at " + LINE
                + " (half-closed); the agent released 1; 1 more socket shows a sign of a leak and has not been idle for long"
                + " enough.";
        String other = "Other.a(Other.java:1)";
        says("good", said, with(released, 1, List.of(suspect(other, "weak", 4999))));
        says("watch", said, with(released, 1, List.of(suspect(other, "weak", 5000))));
        says("good", said, with(released, 1, List.of(suspect(other, "doubtful", 5000))));
        says(
                "good",
                said.replace("enough.", "enough, at the same line."),
                with(released, 1, List.of(suspect(LINE, "doubtful", 5000))));
    }

    @Test
    void manyLeaksOfOneLine() {
        says(
                "bad",
                "1,239 leaked sockets are still held, leaked at " + LINE
                        + " (half-closed, 317.3 a minute); the agent released 30,"
                        + " the application 1 after all, 2 could not be released.",
                one(Samples.totals(1270, 30, 1, 2), 4 * Samples.MINUTE));
        says(
                "good",
                "3 leaked sockets were found and none is held any more, leaked at " + LINE
                        + " (half-closed, 3 within 2.5 s);" + " the agent released none, the application 3 after all.",
                one(Samples.totals(3, 0, 3, 0), 2500));
    }

    @Test
    void theWorstLineIsNamedAndTheOthersCounted() {
        var few = Samples.site("00000001", "A.a(A.java:1)", Samples.totals(50, 45, 0, 0), 0);
        var many = Samples.site("00000002", "B.b(B.java:2)", Samples.totals(11, 0, 0, 0), Samples.MINUTE);
        var status = Samples.status(90, 1000, 0, Samples.totals(61, 45, 0, 0), List.of());
        says(
                "bad",
                "16 leaked sockets are still held, most of them leaked at B.b(B.java:2) (half-closed, 10.0 a minute), the rest at"
                        + " 1 other line; the agent released 45.",
                Samples.model(status, few, many));
    }

    @Test
    void socketsThatPileUpAreNamedThoughNoneIsProven() {
        var calm = Samples.model(Samples.status(90, 1000, 0, NONE, List.of()));
        var growing = new ReportModel(
                calm.source(),
                calm.status(),
                List.of(),
                List.of(),
                calm.history(),
                List.of(Samples.openSite("192.0.2.7:443")),
                ProcessInfo.UNKNOWN,
                null,
                Map.of());
        says(
                "warn",
                "No single socket is proven to be leaked and held, but sockets pile up at Prices.fetch(Prices.java:33): 412 are"
                        + " open, 12.0 more a minute; at this rate the limit of 1,000 descriptors is reached in 51 min.",
                growing);
    }

    @Test
    void socketsThatPileUpAreNamedBesidesTheLeaks() {
        var held = one(Samples.totals(1, 0, 0, 0), 0);
        var growing = new ReportModel(
                held.source(),
                held.status(),
                held.sites(),
                List.of(),
                held.history(),
                List.of(Samples.openSite("192.0.2.7:443")),
                ProcessInfo.UNKNOWN,
                null,
                Map.of());
        says(
                "bad",
                "1 leaked socket is still held, leaked at " + LINE
                        + " (half-closed); the agent released none; besides, sockets pile up"
                        + " at Prices.fetch(Prices.java:33): 412 are open, 12.0 more a minute.",
                growing);
    }

    /** A burst of an hour ago is no ground for a forecast. */
    @Test
    void onlyRecentGrowthForetellsTheEnd() {
        var held = one(Samples.totals(1, 0, 0, 0), 0);
        var start = "1 leaked socket is still held";
        var rest = "leaked at " + LINE + " (half-closed); the agent released none.";
        var before = new History.Sample(Samples.START, 100, 1000, 0, 0, 0);
        says("bad", start + ", " + rest, with(held, before, at(60, 500), at(62, 500), at(70, 500)));
        says(
                "bad",
                start + ", and the number of open descriptors is not growing any more; " + rest,
                with(held, before, at(60, 300), at(62, 500), at(66, 500), at(70, 500)));
        says(
                "bad",
                start + ", and at this rate the limit of 1,000 descriptors is reached in 20 min; " + rest,
                with(held, before, at(60, 700), at(66, 760), at(70, 800), at(70, 800)));
    }

    /** Many descriptors at the start say nothing of now. */
    @Test
    void aStepBeforeTheNewerHalfForetellsNothing() {
        var held = one(Samples.totals(1, 0, 0, 0), 0);
        var start = "1 leaked socket is still held";
        var rest = "leaked at " + LINE + " (half-closed); the agent released none.";
        says("bad", start + ", " + rest, with(held, at(0, 10), at(1, 50), at(2, 50), at(3, 49), at(4, 50)));
        says(
                "bad",
                start + ", and at this rate the limit of 1,000 descriptors is reached in 80 min; " + rest,
                with(held, at(0, 10), at(1, 370), at(3, 370), at(4, 385), at(5, 400)));
    }

    private static History.Sample at(int minute, int open) {
        return new History.Sample(Samples.START + minute * Samples.MINUTE, open, 1000, 1, 1, 0);
    }

    @Test
    void whenTheDescriptorsRunOutIsForetoldWhereItCanBe() {
        var held = one(Samples.totals(1, 0, 0, 0), 0);
        var start = "1 leaked socket is still held";
        var rest = "leaked at " + LINE + " (half-closed); the agent released none.";
        var calm = start + ", " + rest;
        var first = new History.Sample(Samples.START, 100, 1000, 0, 0, 0);
        says(
                "bad",
                start + ", and at this rate the limit of 1,000 descriptors is reached in 8 min; " + rest,
                with(held, first, new History.Sample(Samples.START + Samples.MINUTE, 200, 1000, 1, 1, 0)));
        says("bad", calm, with(held, first));
        says("bad", calm, with(held, first, new History.Sample(Samples.START + 9_999, 200, 1000, 1, 1, 0)));
        says("bad", calm, with(held, first, new History.Sample(Samples.START + Samples.MINUTE, 104, 1000, 1, 1, 0)));
        says("bad", calm, with(held, first, new History.Sample(Samples.START + Samples.MINUTE, 200, -1, 1, 1, 0)));
        says(
                "bad",
                calm,
                with(held, first, new History.Sample(Samples.START + 200 * 60 * Samples.MINUTE, 101, 1000, 1, 1, 0)));
        says(
                "bad",
                start + ", and at this rate the limit of 1,000 descriptors is reached in 0 ms; " + rest,
                with(held, first, new History.Sample(Samples.START + Samples.MINUTE, 1000, 1000, 1, 1, 0)));
    }
}
