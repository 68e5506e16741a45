package io.socketreaper.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.ListenAddress;
import io.socketreaper.config.SettingValue;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.DryRunRow;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import io.socketreaper.http.HttpRequest;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsHandlerTest {
    private static final Pattern LINE = Pattern.compile("socketreaper_\\w+(\\{(\\w+=\"[^\"\\\\]*\",?)*})? \\S+");

    private final List<SiteInfo> sites = new ArrayList<>();
    private final List<OpenSiteInfo> openSites = new ArrayList<>();
    private int asked;
    private int open = 812;
    private boolean busy;
    private final MetricsHandler handler = new MetricsHandler(this::figures, ListenAddress.parse("127.0.0.1:9404"));

    private MetricValues figures() {
        asked++;
        if (busy) {
            throw new ControlException("the agent's thread did not answer");
        }
        var totals = new Totals(7, 5, 1, 0, 1, 30);
        var status = new Status(
                "1.2",
                1,
                1_700_000_000_500L,
                0,
                false,
                true,
                false,
                false,
                open,
                -1,
                Map.of("finished", 3),
                4,
                2,
                totals,
                Map.of("half-closed", totals),
                List.of(new Status.Stack("SocketChannel", "off", "why")),
                List.of(new SettingValue("action", "drain", "", true), new SettingValue("track", "all", "", false)),
                9,
                List.of());
        return new MetricValues(
                status,
                sites,
                openSites,
                Map.of(LeakKind.HALF_CLOSED, Map.of(Grade.STRONG, 7L)),
                Map.of(LeakKind.HALF_CLOSED, Map.of(OutcomeName.DRAINED, 5L)),
                new DryRunInfo(
                        0,
                        1,
                        Map.of(),
                        false,
                        false,
                        false,
                        List.of(
                                new DryRunRow(
                                        "1",
                                        "half-closed",
                                        "weak",
                                        "",
                                        9,
                                        2,
                                        1,
                                        5,
                                        7,
                                        60_000,
                                        61_000,
                                        74_500,
                                        60_000,
                                        "log"),
                                new DryRunRow(
                                        "2", "peer-closed", "weak", "", 4, 0, 0, 3, 7, 60_000, 0, 0, 60_000, "log"))),
                new Durations().snapshot());
    }

    private static SiteInfo site(String id, long found) {
        return site(id, found, 0);
    }

    private static SiteInfo site(String id, long found, long firstMillis) {
        return new SiteInfo(
                id,
                "half-closed",
                "strong",
                "a.B.c(B.java:1)",
                List.of(),
                new Totals(found, 0, 0, 0, 0, 0),
                firstMillis,
                firstMillis,
                "",
                "");
    }

    private String scrape(String... headers) throws IOException {
        var map = new java.util.HashMap<String, List<String>>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], List.of(headers[i + 1]));
        }
        var answer = handler.handle(new HttpRequest("GET", "/metrics", "", map, new byte[0], ""));
        assertEquals(200, answer.status());
        byte[] body = answer.body();
        if ("gzip".equals(answer.headers().get("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        return answer.contentType() + "\n" + new String(body, StandardCharsets.UTF_8);
    }

    @Test
    void openSocketsOfTheLargestSitesHaveSeriesOfTheirOwn() throws IOException {
        for (int i = 0; i < 30; i++) {
            openSites.add(openSite("site" + i, 100 - i, i == 3));
        }
        openSites.add(openSite("other", 5000, false));

        String scrape = scrape();

        assertTrue(
                scrape.contains(
                        "socketreaper_open_sockets{location=\"a.B.c(B.java:1)\",site=\"site0\",state=\"ESTABLISHED\"} 100"),
                scrape);
        assertTrue(scrape.contains("site=\"site19\""));
        assertFalse(scrape.contains("site=\"site20\""));
        int others = 5000 + IntStream.range(20, 30).map(i -> 100 - i).sum();
        assertTrue(
                scrape.contains(
                        "socketreaper_open_sockets{location=\"\",site=\"other\",state=\"ESTABLISHED\"} " + others),
                scrape);
        assertTrue(scrape.contains("socketreaper_growing_sites 1"), scrape);
    }

    private static OpenSiteInfo openSite(String id, int open, boolean growing) {
        return new OpenSiteInfo(
                id,
                "a.B.c(B.java:1)",
                -1,
                List.of(),
                open,
                Map.of("ESTABLISHED", open),
                Map.of(),
                0,
                0,
                0,
                open,
                null,
                null,
                null,
                null,
                null,
                growing,
                growing ? 1 : 0,
                0,
                -1);
    }

    @Test
    void showsWhatTheAgentKnows() throws IOException {
        sites.add(site("0a1b2c3d", 7));
        String scrape = scrape();
        for (String line : List.of(
                "socketreaper_leaks_found_total{grade=\"strong\",kind=\"half-closed\"} 7.0",
                "socketreaper_leaks_found_total{grade=\"weak\",kind=\"half-closed\"} 0.0",
                "socketreaper_sockets_released_total{action=\"drained\",kind=\"half-closed\"} 5.0",
                "socketreaper_dry_run_reported_total{grade=\"weak\"} 13.0",
                "socketreaper_dry_run_reported_total{grade=\"proven\"} 0.0",
                "socketreaper_dry_run_came_back_total{grade=\"weak\",how=\"used\"} 2.0",
                "socketreaper_dry_run_came_back_total{grade=\"weak\",how=\"closed\"} 1.0",
                "socketreaper_dry_run_longest_idle_seconds{grade=\"weak\"} 74.5",
                "socketreaper_leaks_held{kind=\"half-closed\"} 1.0",
                "socketreaper_drained_bytes_total 30.0",
                "socketreaper_descriptors_open 812.0",
                "socketreaper_paused 1.0",
                "socketreaper_stack_off{stack=\"SocketChannel\"} 1.0",
                "socketreaper_info{action=\"drain\",track=\"all\",version=\"1.2\"} 1",
                "socketreaper_leak_site_found_total{kind=\"half-closed\",location=\"a.B.c(B.java:1)\","
                        + "site=\"0a1b2c3d\"} 7.0")) {
            assertTrue(scrape.contains("\n" + line + "\n"), () -> line + " is not in " + scrape);
        }
        assertFalse(scrape.contains("\nsocketreaper_descriptors_limit"), "there is none");
        assertEquals(
                List.of(),
                scrape.lines()
                        .skip(1)
                        .filter(line ->
                                !line.startsWith("#") && !LINE.matcher(line).matches())
                        .toList());
    }

    @Test
    void speaksTheFormatAndEncodingThatAreAccepted() throws IOException {
        assertTrue(scrape().startsWith("text/plain; version=0.0.4"));
        String open = scrape(
                "accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "accept-encoding", "gzip, br");
        assertTrue(open.startsWith("application/openmetrics-text; version=1.0.0") && open.endsWith("# EOF\n"), open);
    }

    @Test
    void fiftySitesHaveSeriesForGoodAndTheRestIsSummed() throws IOException {
        for (int i = 0; i < 60; i++) {
            sites.add(site("id" + i, 2));
        }
        assertEquals(51, lines(scrape(), "socketreaper_leak_site_found_total{"));
        assertTrue(scrape().contains("{kind=\"\",location=\"\",site=\"other\"} 20.0"));
    }

    /** They come sorted by what they hold; one whose first leak is being released has no time yet. */
    @Test
    void theSitesWithSeriesAreThoseThatWereFoundFirstHoweverTheyAreSorted() {
        for (int i = 0; i < 60; i++) {
            sites.add(site("id" + i, 100 - i, i == 0 ? 0 : 1000 - i));
        }
        var exposition = new Exposition();
        var first = sitesOf(exposition);
        assertEquals(51, first.size());
        for (int i = 0; i < 60; i++) {
            assertEquals(i >= 10, first.contains("id" + i), "id" + i);
        }
        Collections.reverse(sites);
        sites.add(0, site("new", 1000, 5));
        assertEquals(first, sitesOf(exposition));
    }

    private Set<String> sitesOf(Exposition exposition) {
        var names = new TreeSet<String>();
        for (var metric : exposition.of(figures())) {
            if (metric.getMetadata().getName().equals("socketreaper_leak_site_held")) {
                metric.getDataPoints()
                        .forEach(point -> names.add(point.getLabels().get("site")));
            }
        }
        return names;
    }

    @Test
    void tenThousandScrapesAskTheAgentOnceASecond() throws IOException {
        long begin = System.nanoTime();
        for (int i = 0; i < 10_000; i++) {
            scrape();
        }
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        assertTrue(asked <= seconds + 2, asked + " questions in " + seconds + " s");
    }

    @Test
    void anAgentThatIsBusyIsNoFailureOfTheServer() {
        busy = true;
        assertEquals(
                503,
                handler.handle(new HttpRequest("GET", "/metrics", "", Map.of(), new byte[0], ""))
                        .status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:9404",
                "localhost.evil.example:9404",
                "127.0.0.1.evil.example",
                "localhost."
            })
    void onLoopbackANameIsRefusedBecauseItCouldBeAnybodys(String host) {
        for (String path : List.of("/metrics", "/")) {
            assertEquals(403, status(handler, path, host));
            assertEquals(
                    200, status(new MetricsHandler(this::figures, ListenAddress.parse("10.0.0.1:9404")), path, host));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1:9404", "127.0.0.1", "localhost:9404", "LocalHost", "[::1]:9404", "10.0.0.1:8080"})
    void onLoopbackItIsReadByAnyAddress(String host) {
        assertEquals(200, status(handler, "/metrics", host));
    }

    private static int status(MetricsHandler handler, String path, String host) {
        return handler.handle(
                        new HttpRequest("GET", path, "", Map.of("host", List.of(host)), new byte[0], "127.0.0.1:9404"))
                .status();
    }

    @Test
    void nothingElseIsServed() {
        assertEquals(
                200,
                handler.handle(new HttpRequest("GET", "/", "", Map.of(), new byte[0], ""))
                        .status());
        assertEquals(
                404,
                handler.handle(new HttpRequest("GET", "/metrics/", "", Map.of(), new byte[0], ""))
                        .status());
        assertEquals(
                405,
                handler.handle(new HttpRequest("POST", "/metrics", "", Map.of(), new byte[0], ""))
                        .status());
    }

    private static long lines(String scrape, String start) {
        return scrape.lines().filter(line -> line.startsWith(start)).count();
    }
}
