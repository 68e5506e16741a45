package io.socketreaper.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

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
                "<caption>1 outcome</caption>",
                "192.0.2.1:25 → 192.0.2.8:49999",
                "<td class=\"number\">12 ms</td>",
                "<pre id=\"site-0a1b2c3d-frames\">at Session.reject(Session.java:41)\nat Main.main(Main.java:1)</pre>",
                "{\"time\":[1.7E9,1.70000024E9],\"open\":[600,812],\"limit\":[1024,1024],\"suspects\":[3,5],\"found\":[1000,1270],"
                        + "\"released\":[20,30]}")) {
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
        var timeline = Timeline.of(new History(List.of(new History.Sample(1500, -1, -1, 0, 0, 0)), List.of()));
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
        assertEquals(50, Pattern.compile("<article").matcher(html).results().count());
        assertTrue(html.contains("And 10 other sites with fewer sockets."));
    }
}
