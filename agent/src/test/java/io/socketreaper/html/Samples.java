package io.socketreaper.html;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.List;
import java.util.Map;

/** What an agent might say. */
public final class Samples {
    /** 2023-11-14 22:13:20 UTC. */
    static final long START = 1_700_000_000_000L;

    static final long MINUTE = 60_000;

    private Samples() {}

    static Status status(
            int open, long limit, int suspects, Totals total, List<SettingValue> settings, String... problems) {
        return new Status(
                "1.2",
                42,
                START,
                START + 5 * MINUTE,
                true,
                false,
                false,
                false,
                open,
                limit,
                Map.of("finished", 3),
                suspects,
                0,
                total,
                Map.of(),
                List.of(),
                settings,
                0,
                List.of(problems));
    }

    static Totals totals(long found, long released, long afterAll, long givenUp) {
        return new Totals(found, released, afterAll, 0, givenUp, 1234);
    }

    static SiteInfo site(String id, String location, Totals totals, long overMillis) {
        return new SiteInfo(
                id,
                "half-closed",
                "strong",
                location,
                List.of(location, "Main.main(Main.java:1)"),
                totals,
                START,
                START + overMillis,
                "only reported (action=log)",
                "LEAK half-closed (strong), site " + id);
    }

    static SocketInfo socket(long id, String local, String peer, String location) {
        return new SocketInfo(
                id,
                "0a1b2c3d",
                "half-closed",
                "strong",
                "leak",
                local,
                peer,
                7,
                4711,
                "CLOSE_WAIT",
                6,
                true,
                9000,
                8000,
                5000,
                location);
    }

    static OpenSiteInfo openSite(String peer) {
        return new OpenSiteInfo(
                "4d3c2b1a",
                "Prices.fetch(Prices.java:33)",
                -1,
                List.of("Prices.fetch(Prices.java:33)"),
                412,
                Map.of("ESTABLISHED", 412),
                Map.of(peer, 412),
                2_000,
                20 * MINUTE,
                34 * MINUTE,
                412,
                12,
                0,
                12,
                120,
                null,
                true,
                12,
                34 * MINUTE,
                51 * MINUTE);
    }

    static ReportModel model(Status status, SiteInfo... sites) {
        return new ReportModel(
                "process 42",
                status,
                List.of(sites),
                List.of(),
                new History(List.of(), List.of()),
                List.of(),
                Map.of());
    }

    /** A server in the middle of its trouble. */
    public static ReportModel leaking() {
        var status = status(
                812,
                1024,
                5,
                totals(1270, 30, 1, 2),
                List.of(new SettingValue("action", "drain", "agent argument", true)));
        var site = site("0a1b2c3d", "Session.reject(Session.java:41)", totals(1270, 30, 1, 2), 4 * MINUTE);
        var sockets = List.of(
                socket(7, "192.0.2.1:25", "192.0.2.9:50000", "Session.reject(Session.java:41)"),
                socket(8, "192.0.2.1:25", "198.51.100.7:50001", "Session.reject(Session.java:41)"));
        var history = new History(
                List.of(
                        new History.Sample(START, 600, 1024, 3, 1000, 20),
                        new History.Sample(START + 4 * MINUTE, 812, 1024, 5, 1270, 30)),
                List.of(new History.Event(
                        START + MINUTE,
                        "0a1b2c3d",
                        "half-closed",
                        "strong",
                        "192.0.2.1:25",
                        "192.0.2.8:49999",
                        6,
                        "drained",
                        "drained: 6 bytes",
                        "has acknowledged the whole reply",
                        6,
                        12)));
        return new ReportModel(
                "process 42",
                status,
                List.of(site),
                sockets,
                history,
                List.of(openSite("192.0.2.7:443")),
                Map.of("Program", "Main"));
    }
}
