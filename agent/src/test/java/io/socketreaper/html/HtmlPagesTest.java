package io.socketreaper.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlPagesTest {
    /** What threads, files, frames and programs may be called. */
    private static final String HOSTILE =
            "</script></textarea></pre><script>alert('x')</script><img src=x onerror=\"alert(1)\">"
                    + "&amp;<!--\u0007\u202E\u001b[31m";

    private static final Pattern SCRIPT = Pattern.compile("<script[ >]");

    private static ReportModel hostile() {
        var totals = Samples.totals(2, 0, 0, 0);
        var status = new Status(
                HOSTILE,
                42,
                1,
                2,
                true,
                false,
                false,
                false,
                5,
                100,
                Map.of(HOSTILE, 3),
                1,
                0,
                totals,
                Map.of(),
                List.of(),
                List.of(new SettingValue(HOSTILE, HOSTILE, HOSTILE, true)),
                0,
                List.of(HOSTILE));
        var site = new SiteInfo(
                HOSTILE,
                HOSTILE,
                HOSTILE,
                HOSTILE,
                List.of(HOSTILE, HOSTILE),
                totals,
                1,
                2,
                HOSTILE,
                "half-closed by thread \"" + HOSTILE + "\"");
        var socket = Samples.socket(1, "unix /" + HOSTILE, HOSTILE, HOSTILE);
        var event = new History.Event(
                1, HOSTILE, HOSTILE, HOSTILE, "unix /" + HOSTILE, HOSTILE, 5, HOSTILE, HOSTILE, HOSTILE, 0, -1);
        return new ReportModel(
                "recording " + HOSTILE,
                status,
                List.of(site),
                List.of(socket),
                new History(List.of(new History.Sample(1, 1, 1, 1, 1, 1)), List.of(event)),
                List.of(Samples.openSite(HOSTILE)),
                new ProcessInfo(HOSTILE, HOSTILE, HOSTILE, 1),
                new HoldersNote(
                        1,
                        1,
                        List.of(new HoldersNote.Group(
                                1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, List.of(HOSTILE, HOSTILE))),
                        List.of(HOSTILE)),
                Samples.dryRun(HOSTILE + ".m(C.java:1)", HOSTILE),
                Map.of(HOSTILE, HOSTILE));
    }

    private static int scripts(String html) {
        return (int) SCRIPT.matcher(html).results().count();
    }

    private static void isHarmless(String html, int scripts) {
        assertEquals(scripts, scripts(html), html.substring(html.indexOf("<body")));
        var body = html.substring(html.indexOf("<body"), html.indexOf("<script", html.indexOf("<body")));
        for (String raw : List.of(
                "alert('x')", "<img", "</textarea></pre>", "onerror=\"", "<!--", "\u0007", "\u202E", "\u001b")) {
            assertFalse(body.contains(raw), () -> raw + " is in " + body);
        }
    }

    @Test
    void whatOthersHaveNamedIsOnlyText() {
        // data, chart, script; and the script of the live page
        isHarmless(HtmlPages.report(hostile()), 3);
        isHarmless(HtmlPages.live(hostile(), HOSTILE, HOSTILE.replaceAll("\\p{C}", "")), 4);
        isHarmless(HtmlPages.report(AddressMask.of(hostile())), 3);
        var said = HtmlPages.said(false, HOSTILE);
        assertEquals(0, scripts(said));
        assertFalse(said.contains("<img"), said);
    }

    @Test
    void whatIsSentAsJsonCannotEndAScript() {
        var update = HtmlPages.update(hostile());
        assertFalse(update.contains("<") || update.contains(">"), update);
        var parts = JsonParser.parseString(update).getAsJsonObject().getAsJsonObject("parts");
        for (var part : parts.entrySet()) {
            String html = part.getValue().getAsString();
            assertFalse(html.contains("<script") || html.contains("<img") || html.contains("\u202E"), html);
        }
    }

    /** @param location of a site whose stack is not known */
    @ParameterizedTest
    @CsvSource({
        "opened before the agent came, The stack is not known: opened before the agent came.",
        "'', 'The stack is not known, and the source of this report does not say why.'",
        "Mail.refuse(Mail.java:7), The stack is not known: the source of this report has only the line Mail.refuse(Mail.java:7)."
    })
    void issueTextAndPageSayWhichStackIsNotKnownAndWhy(String location, String said) {
        var site = new SiteInfo(
                "0a1b2c3d",
                "peer-closed",
                "weak",
                location,
                List.of(),
                Samples.totals(2, 0, 0, 0),
                1,
                2,
                "only reported (action=log)",
                "LEAK peer-closed (weak), site 0a1b2c3d",
                "none",
                "",
                List.of(),
                Map.of());
        String issue = IssueText.of(site, Samples.leaking().status());

        assertTrue(
                issue.contains("\n## Stack: the line to blame is not known\n\n" + said + "\n\n## How to reproduce\n"),
                issue);
        String page = HtmlPages.report(Samples.with(Samples.leaking(), List.of(site)));
        assertTrue(page.contains(">" + said + "</pre>"), page);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1024, 'of 1,024 open: they could not be counted in /proc/self/fd'",
        "-1, -1, 'open: they could not be counted in /proc/self/fd'",
        "7, -1, 'open, no known limit'",
        "512, 1024, 'of 1,024 open, 50 %'"
    })
    void whatIsNotKnownOfTheDescriptorsIsSaid(int open, long limit, String said) {
        var status = Samples.status(open, limit, 0, Samples.totals(0, 0, 0, 0), List.of());
        String figures = Sections.figures(Samples.model(status)).render();

        assertTrue(figures.contains(">" + said + "</span>"), figures);
    }

    @Test
    void aReportSaysWhetherAReleaseWouldHaveHurt() {
        var calm = Samples.leaking();
        assertFalse(HtmlPages.report(calm).contains("id=\"dry-run\""), "a recording does not tell");
        var html = HtmlPages.report(new ReportModel(
                calm.source(),
                calm.status(),
                calm.sites(),
                calm.sockets(),
                calm.history(),
                calm.open(),
                calm.process(),
                null,
                Samples.dryRun("com.example.Pool.reject(Pool.java:88)", "none"),
                Map.of()));
        for (String part : List.of(
                "Would a release hurt?",
                "the application came back for 3, after 61.0 s to 74.0 s without use at com.example.Pool.reject(Pool.java:88).",
                "<code>weak.timeout=93s</code>",
                "<code>exclude=stack:com.example.Pool</code>",
                "set 42 action=drain strong.action=as-action weak.action=log")) {
            assertTrue(html.contains(part), () -> part + " is not in " + html);
        }
    }

    @Test
    void theReportNeedsNothingElse() {
        var html = HtmlPages.report(Samples.leaking());
        assertFalse(Pattern.compile("(src|href)=\"(?!#|data:,\")").matcher(html).find());
        assertTrue(
                html.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#x27;none&#x27;; ")
                        || html.contains(
                                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "));
        assertFalse(html.contains("<button type=\"submit\" form=\"act\""), "nothing can be changed from a report");
    }

    @Test
    void theFiguresAreThoseOfTheAgent() {
        var html = HtmlPages.report(Samples.leaking());
        for (String part : List.of(
                "<strong>Leaking</strong><p>1,239 leaked sockets are still held, ",
                "data-figure=\"open\" data-value=\"812\">812<",
                "of 1,024 open, 79 %",
                "data-figure=\"suspects\" data-value=\"5\">5<",
                "data-figure=\"held\" data-value=\"1239\">1,239<",
                "data-figure=\"found\" data-value=\"1270\">1,270<",
                "data-figure=\"released\" data-value=\"30\">30<",
                "data-figure=\"discarded\" data-value=\"1234\">1,234<",
                "by the agent; 1 by the application",
                "First 2023-11-14 22:13:20 UTC, last 2023-11-14 22:17:20 UTC",
                "data-count=\"given-up\">2<",
                "<caption>2 sockets</caption>",
                "<caption>1 outcome, by site and outcome</caption>",
                "192.0.2.1:25 → 192.0.2.8:49999",
                "<td class=\"number\" data-sort=\"12\" data-label=\"Took\">12 ms</td>",
                ">at Session.reject(Session.java:41)\nat Main.main(Main.java:1)</pre>",
                "{\"time\":[1.7E9,1.70000024E9],\"open\":[600,812],\"limit\":[1024,1024],\"suspects\":[3,5],\"found\":[1000,1270],"
                        + "\"released\":[20,30],\"forecast\":{\"time\":1.70000036E9,\"open\":918.0}}")) {
            assertTrue(html.contains(part), () -> part + " is not in " + html.substring(html.indexOf("<body")));
        }
    }

    @Test
    void aSiteTellsTheLineToBlameAndTheOpeningApart() {
        var totals = Samples.totals(3, 0, 0, 0);
        var site = Samples.blamed("0a1b2c3d", "Session.reject(Session.java:41)", "Pool.take(Pool.java:12)", totals);
        var model = Samples.model(Samples.status(90, 1000, 0, totals, List.of()), site);
        for (var shown : List.of(model, AddressMask.of(model))) {
            var html = HtmlPages.report(shown);
            assertTrue(html.contains("it shut the output"), html);
            for (String part : List.of(
                    ">at Session.reject(Session.java:41)\nat Main.main(Main.java:1)</pre>",
                    ">at java.base/java.net.Socket.connect(Socket.java:1)\n"
                            + "at Pool.take(Pool.java:12)\nat Main.main(Main.java:1)</pre>")) {
                assertTrue(html.contains(part), () -> part + " is not in " + html.substring(html.indexOf("<body")));
            }
            var issue = IssueText.of(shown.sites().get(0), shown.status());
            assertTrue(
                    issue.contains(
                            "## Line to blame: it shut the output\n\n    at Session.reject(Session.java:41)\n    at Main"),
                    issue);
            assertTrue(issue.contains("## Opening: it opened the socket\n\n    at java.base/java.net.Socket"), issue);
        }
    }

    @Test
    void anOpeningThatIsTheLineToBlameIsShownOnce() {
        var totals = Samples.totals(3, 0, 0, 0);
        var stack = List.of("Pool.take(Pool.java:12)");
        var site = new SiteInfo(
                "0a1b2c3d",
                "never-connected",
                "strong",
                stack.get(0),
                stack,
                totals,
                1,
                2,
                "",
                "",
                "opening",
                stack.get(0),
                stack,
                Map.of());
        var html = HtmlPages.report(Samples.model(Samples.status(90, 1000, 0, totals, List.of()), site));
        assertTrue(html.contains("it opened the socket"), html);
        assertFalse(html.contains("-opening-frames"), html);
    }

    private static History.Event release(int second, String site, String what) {
        return new History.Event(
                Samples.START + second * 1000L,
                site,
                "half-closed",
                "strong",
                "192.0.2.1:25",
                "192.0.2.8:" + second,
                6,
                what,
                "done at " + second,
                "",
                6,
                second);
    }

    @Test
    void releasesAreOneRowForEachSiteAndOutcome() {
        var events = new ArrayList<History.Event>();
        for (int i = 0; i < 500; i++) {
            events.add(release(i, "0a1b2c3d", i % 100 == 7 ? "given-up" : "drained"));
        }
        events.add(release(500, "00000002", "drained"));
        var html = HtmlPages.report(Samples.with(Samples.leaking(), new History(List.of(), events)));
        var table = html.substring(html.indexOf("id=\"releases-table\""), html.indexOf("id=\"settings-title\""));
        assertEquals(
                3,
                Pattern.compile("<tbody id=\"|<tbody><tr><td data-label=\"What\"")
                        .matcher(table)
                        .results()
                        .count());
        for (String part : List.of(
                "<caption>501 outcomes, by site and outcome</caption>",
                "data-sort=\"495\" data-label=\"Sockets\">495<",
                "data-sort=\"2970\" data-label=\"Discarded\">2,970 B<",
                "data-sort=\"499\" data-label=\"Longest\">499 ms<",
                "<caption>The last 50 of 495, drained, site 0a1b2c3d</caption>",
                "<caption>5 outcomes, given-up, site 0a1b2c3d</caption>",
                "22:13:27 to </span><span>22:20:07 UTC<")) {
            assertTrue(table.contains(part), () -> part + " is not in " + table);
        }
    }

    @Test
    void aLineOfCodeIsCutBeforeItsClass() {
        assertEquals(
                new CodeLine("com.example.shop.", "Session$Inner.<init>(Session.java:41)"),
                CodeLine.of("com.example.shop.Session$Inner.<init>(Session.java:41)"));
        assertEquals(
                new CodeLine("java.base/java.net.", "Socket.connect(Socket.java)"),
                CodeLine.of("java.base/java.net.Socket.connect(Socket.java)"));
        assertEquals(new CodeLine("", "Main.main(Main.java:1)"), CodeLine.of("Main.main(Main.java:1)"));
        assertEquals(
                new CodeLine("", "not known (e.g. sampled too late)"),
                CodeLine.of("not known (e.g. sampled too late)"));
        assertEquals(new CodeLine("", "sites beyond the first 1000"), CodeLine.of("sites beyond the first 1000"));
        assertEquals(new CodeLine("", ""), CodeLine.of(""));
        assertEquals(
                "<code class=\"line\"><span class=\"package\" title=\"a.b.\">a.b.</span><span class=\"place\">C<wbr>.d<wbr>(C.java:1)</span></code>",
                CodeLine.of("a.b.C.d(C.java:1)").html().render());
    }

    @Test
    void theTimelineEndsNow() {
        var model = Samples.leaking();
        var until = ReportModel.upTo(model.history(), model.status());
        assertEquals(3, until.samples().size());
        assertEquals(
                new History.Sample(Samples.START + 5 * Samples.MINUTE, 812, 1024, 5, 1270, 30),
                until.samples().get(2));
        assertEquals(until, ReportModel.upTo(until, model.status()), "there is one already");
        var none = new History(List.of(), List.of());
        assertEquals(none, ReportModel.upTo(none, model.status()));
    }

    @Test
    void aForecastEndsAtTheLimitOrAfterHalfOfWhatWasSeen() {
        var model = Samples.leaking();
        assertEquals(
                new Timeline.Point((Samples.START + 6 * Samples.MINUTE) / 1000.0, 918),
                Timeline.of(model).forecast());
        var near = Samples.with(
                model,
                new History(
                        List.of(
                                new History.Sample(Samples.START, 600, 1024, 3, 1000, 20),
                                new History.Sample(Samples.START + 4 * Samples.MINUTE, 1000, 1024, 5, 1270, 30)),
                        List.of()));
        var end = Timeline.of(near).forecast();
        assertEquals(1024, end.open(), 0.01);
        assertTrue(end.time() < (Samples.START + 5 * Samples.MINUTE) / 1000.0, end::toString);
        var calm = Samples.model(Samples.status(90, 1000, 0, Samples.totals(0, 0, 0, 0), List.of()));
        assertEquals(null, Timeline.of(Samples.with(calm, near.history())).forecast());
    }

    /** The default button of a form is its first one in the document, wherever it stands. */
    @Test
    void enterInTheFieldOfTheTokenReleasesNothing() {
        var html = HtmlPages.live(Samples.leaking(), "", null);
        var first =
                Pattern.compile("<button type=\"submit\" form=\"act\"[^>]*>").matcher(html);
        assertTrue(first.find() && first.group().contains("formaction=\"check\""), first::group);
        assertTrue(first.find() && first.group().contains("formaction=\"release\""), first::group);
    }

    @Test
    void theHeadSaysWhichProcessItIs() {
        var process =
                new ProcessInfo("com.example.shop.Main", "web-7", "OpenJDK 17.0.13", Samples.START - Samples.MINUTE);
        var calm = Samples.leaking();
        var model = new ReportModel(
                calm.source(),
                calm.status(),
                calm.sites(),
                List.of(),
                calm.history(),
                List.of(),
                process,
                null,
                Map.of());
        var html = HtmlPages.live(model, "", null);
        for (String part : List.of(
                "<title>Main (42) on web-7: sockets, Socket Reaper</title>",
                "<h1><span title=\"com.example.shop.Main\">Main</span></h1>",
                "host web-7 · pid 42 · OpenJDK 17.0.13 · up 6 min")) {
            assertTrue(html.contains(part), () -> part + " is not in " + html);
        }
        var unknown = HtmlPages.report(Samples.leaking());
        assertTrue(unknown.contains("<h1><span title=\"\">process 42</span></h1>"), unknown);
        assertEquals("shop.jar", ProcessInfo.program("/opt/shop/shop.jar --password=x"));
    }

    @Test
    void whoHoldsTheSocketsIsShownOnceItWasLookedUp() {
        var before = HtmlPages.report(Samples.leaking());
        assertTrue(before.contains("<code>socket-reaper holders 42</code>"), before);
        var html = HtmlPages.report(Samples.leaking().with(Samples.holders("192.0.2.7:443")));
        for (String part : List.of(
                "Made 2023-11-14 22:14:20 UTC by the command holders of process 42",
                "<strong>40 sockets</strong><span> held by </span><code>static Parked.connections</code>",
                "192.0.2.1:25 → 192.0.2.7:443",
                ">┬───\n│ GC root: class\n├─ com.example.Parked\n│    ↓ static Parked.connections\n╰→ Impl</pre>",
                "descriptor 7: no object of the heap has the descriptor.")) {
            assertTrue(html.contains(part), () -> part + " is not in " + html.substring(html.indexOf("<body")));
        }
    }

    @Test
    void theIssueTextIsWholeWithoutThePage() {
        var model = Samples.leaking();
        assertEquals("""
                # Socket leak (half-closed): Session.reject(Session.java:41)

                Kind: half-closed, the application shut its output, stopped reading and never closed the socket.
                Evidence: strong, site 0a1b2c3d, found by Socket Reaper 1.2.
                Counts: found 1270, still held 1239, released by the agent 30, closed by the application after all 1, excluded 0.
                Seen: 2023-11-14 22:13:20 UTC to 2023-11-14 22:17:20 UTC.

                ## The last one

                    LEAK half-closed (strong), site 0a1b2c3d

                ## Stack

                    at Session.reject(Session.java:41)
                    at Main.main(Main.java:1)

                ## How to reproduce

                1. Start the application with -javaagent:socket-reaper.jar=action=log,timeout=5s
                2. Let a connection run through the line above; after it has shut its output, let the peer send a few more bytes and close.
                3. Wait for the timeout: the log says LEAK half-closed at site 0a1b2c3d, the same id in every run of the same code.
                """, IssueText.of(model.sites().get(0), model.status()));
    }

    @Test
    void whatIsUnknownIsNotDrawnAsNothing() {
        var timeline = Timeline.of(Samples.with(
                Samples.leaking(), new History(List.of(new History.Sample(1500, -1, -1, 0, 0, 0)), List.of())));
        assertEquals(1.5, timeline.time().get(0));
        assertEquals(null, timeline.open().get(0));
        assertEquals(0L, timeline.suspects().get(0));
    }

    @Test
    void nothingIsEndless() {
        var sites = new ArrayList<SiteInfo>();
        for (int i = 0; i < 60; i++) {
            sites.add(Samples.site("site" + i, "A.a(A.java:" + i + ")", Samples.totals(i, 0, 0, 0), 0));
        }
        var status = Samples.status(5, 100, 0, Samples.totals(9, 0, 0, 0), List.of());
        var html = HtmlPages.report(Samples.model(status, sites.toArray(SiteInfo[]::new)));
        assertEquals(
                50,
                Pattern.compile("<tbody id=\"site-site").matcher(html).results().count());
        assertTrue(html.contains("And 10 other sites with fewer sockets."));
    }
}
