package io.socketreaper.html;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.DryRunRow;
import io.socketreaper.control.History;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.ProcessInfo;
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

    /** A site whose line to blame is another than the one that opened the socket. */
    static SiteInfo blamed(String id, String location, String openedAt, Totals totals) {
        return new SiteInfo(
                id,
                "half-closed",
                "strong",
                location,
                List.of(location, "Main.main(Main.java:1)"),
                totals,
                START,
                START + MINUTE,
                "only reported (action=log)",
                "LEAK half-closed (strong), site " + id,
                "half-close",
                openedAt,
                List.of("java.base/java.net.Socket.connect(Socket.java:1)", openedAt, "Main.main(Main.java:1)"),
                Map.of());
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

    static ReportModel with(ReportModel model, History history) {
        return new ReportModel(
                model.source(),
                model.status(),
                model.sites(),
                model.sockets(),
                history,
                model.open(),
                model.process(),
                model.holders(),
                model.environment());
    }

    static ReportModel with(ReportModel model, List<SiteInfo> sites) {
        return new ReportModel(
                model.source(),
                model.status(),
                sites,
                model.sockets(),
                model.history(),
                model.open(),
                model.process(),
                model.holders(),
                model.environment());
    }

    static HoldersNote holders(String peer) {
        return new HoldersNote(
                42,
                START + MINUTE,
                List.of(new HoldersNote.Group(
                        40,
                        "40 sockets: Socket in CLOSE_WAIT; descriptor 5, 6 and 38 more",
                        "static Parked.connections",
                        "192.0.2.1:25",
                        peer,
                        List.of(
                                "┬───",
                                "│ GC root: class",
                                "├─ com.example.Parked",
                                "│    ↓ static Parked.connections",
                                "╰→ Impl"))),
                List.of("1 socket: TCP; descriptor 7: no object of the heap has the descriptor."));
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
                ProcessInfo.UNKNOWN,
                null,
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
                        "has acknowledged all sent bytes",
                        6,
                        12)));
        return new ReportModel(
                "process 42",
                status,
                List.of(site),
                sockets,
                history,
                List.of(openSite("192.0.2.7:443")),
                ProcessInfo.UNKNOWN,
                null,
                Map.of("Program", "Main"));
    }

    /** 400 strong leaks that were never touched again, and 14 weak ones, three of which the application came back for. */
    static DryRunInfo dryRun(String location, String exclude) {
        var settings = Map.of(
                "track", "all", "probe", "on", "exclude", exclude, "doubtful.action", "log", "pressure.timeout", "5s");
        long day = 86_400_000L;
        var strong = new DryRunRow(
                "1", "half-closed", "strong", location, 400, 0, 0, 390, 6 * day, 60_000, 0, 0, 60_000, "log");
        var weak = new DryRunRow(
                "2", "peer-closed", "weak", location, 14, 3, 0, 11, 6 * day, 60_000, 61_000, 74_000, 60_000, "log");
        return new DryRunInfo(START, START + 6 * day, settings, false, false, false, List.of(strong, weak));
    }
}
