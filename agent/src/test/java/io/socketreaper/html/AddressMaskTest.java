package io.socketreaper.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SiteInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AddressMaskTest {
    private static final List<String> SECRETS = List.of(
            "192.0.2.1",
            "198.51.100.7",
            "2001:db8",
            "fe80:",
            "203.0.113",
            "/run/secret",
            "data base.sock",
            "::beef",
            "relative.sock",
            "127.0.0.1",
            "0:0:0:1",
            "0.0.0.0",
            "secret-host");
    private static final String V6 = "[2001:db8:0:0:0:0:0:7]";

    /** Hosts in every place that can hold one. */
    private static ReportModel everywhere() {
        var totals = Samples.totals(3, 1, 0, 0);
        var status = Samples.status(
                9,
                100,
                1,
                totals,
                List.of(
                        new SettingValue(
                                "exclude", "remote:203.0.113.0/24:8080;local:[2001:db8:0:0:0:0:0:7]:25", "file", true),
                        new SettingValue("page", "127.0.0.1:9405", "file", false),
                        new SettingValue("metrics", "0.0.0.0:9404", "file", false)),
                "value 198.51.100.7 is wrong at 12:34:56");
        var site = new SiteInfo(
                "0a1b2c3d",
                "half-closed",
                "strong",
                "A.a(A.java:1)",
                List.of("A.a(A.java:1)"),
                totals,
                Samples.START,
                Samples.START,
                "not touched, because of exclude=remote:203.0.113.0/24:8080",
                "LEAK half-closed: local unix /run/secret/data base.sock, peer unix (unnamed), fd 7 = socket:[42]\n"
                        + "    done    drained: it began with \"EHLO [198.51.100.7] or ::beef\"\n    local 192.0.2.1:25, peer "
                        + V6 + ":4000, fd 8");
        var sockets = List.of(
                Samples.socket(1, "192.0.2.1:25", "198.51.100.7:4000", "A.a(A.java:1)"),
                Samples.socket(2, "[fe80:0:0:0:0:0:0:1%eth0]:25", V6 + ":4000", "A.a(A.java:1)"),
                Samples.socket(3, "unix /run/secret/data base.sock", "unix relative.sock", "A.a(A.java:1)"),
                Samples.socket(4, "127.0.0.1:25", "[0:0:0:0:0:0:0:1]:4000", "A.a(A.java:1)"),
                Samples.socket(5, "unix (unnamed)", "unknown", "A.a(A.java:1)"));
        var history = new History(
                List.of(),
                List.of(new History.Event(
                        Samples.START,
                        "0a1b2c3d",
                        "half-closed",
                        "strong",
                        "192.0.2.1:25",
                        "198.51.100.7:4000",
                        7,
                        "drained",
                        "drained: 198.51.100.7",
                        "192.0.2.1 was sent no packet",
                        1,
                        2)));
        return new ReportModel(
                "recording 192.0.2.1.jfr",
                status,
                List.of(site),
                sockets,
                history,
                List.of(Samples.openSite("198.51.100.7:443")),
                new ProcessInfo("Main", "secret-host.example", "17.0.13", 1),
                Samples.holders("unix /run/secret/data base.sock"),
                Samples.dryRun("A.a(A.java:1)", "remote:203.0.113.0/24:8080"),
                Map.of("JVM", "17.0.13"));
    }

    @Test
    void noHostIsInTheWholeReport() {
        var clear = HtmlPages.report(everywhere());
        SECRETS.forEach(secret -> assertTrue(clear.contains(secret), secret));
        var masked = HtmlPages.report(AddressMask.of(everywhere()));
        SECRETS.forEach(secret -> assertFalse(masked.contains(secret), secret));
    }

    @Test
    void theSameHostHasTheSameNameAndPortsStay() {
        var masked = AddressMask.of(everywhere());
        var sockets = masked.sockets();
        var release = masked.history().releases().get(0);
        assertTrue(sockets.get(0).local().matches("host-\\d+:25"), sockets.get(0)::local);
        assertEquals(sockets.get(0).local(), release.local());
        assertEquals(sockets.get(0).peer(), release.peer());
        assertEquals(release.peer(), release.done().replace("drained: ", "") + ":4000");
        assertTrue(sockets.get(1).peer().matches("host-\\d+:4000"), sockets.get(1)::peer);
        var report = masked.sites().get(0).report();
        assertTrue(
                report.contains("local " + sockets.get(2).local() + ", peer unix (unnamed), fd 7 = socket:[42]\n"),
                report);
        assertTrue(
                report.endsWith("    local " + sockets.get(0).local() + ", peer "
                        + sockets.get(1).peer() + ", fd 8"),
                report);
    }

    @Test
    void whatNamesNobodyStays() {
        var masked = AddressMask.of(everywhere());
        assertEquals("unix (unnamed)", masked.sockets().get(4).local());
        assertEquals("unknown", masked.sockets().get(4).peer());
        assertTrue(masked.status().problems().get(0).endsWith(" is wrong at 12:34:56"));
        assertEquals("17.0.13", masked.environment().get("JVM"));
        assertEquals("A.a(A.java:1)", masked.sites().get(0).location());
    }

    @Test
    void theVerdictIsTheSame() {
        assertEquals(HtmlPages.verdict(everywhere()), HtmlPages.verdict(AddressMask.of(everywhere())));
    }
}
