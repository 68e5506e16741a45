package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.History;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class TopScreenTest {
    private static final String CODE = "com.example.server.mail.Session.reject(Session.java:41)";

    private final TopScreen screen = new TopScreen(CommandLine.Help.defaultColorScheme(Ansi.OFF));

    @Test
    void sitesAreSortedByWhatTheyLoseAMinuteSuspectsByAgeAndReleasesByTime() {
        screen.lines(view(60_000, List.of(site("aaaaaaaa", 90), site("bbbbbbbb", 5))), 20, Terminal.UNLIMITED);
        var lines = screen.lines(
                view(90_000, List.of(site("aaaaaaaa", 91), site("bbbbbbbb", 8), site("cccccccc", 1))),
                20,
                Terminal.UNLIMITED);

        assertEquals(
                List.of(
                        "LEAK SITE  KIND                 FOUND  PER MIN  HELD  RELEASED  CODE",
                        "bbbbbbbb   closed-not-released      8      6.0     7         1  " + CODE,
                        "aaaaaaaa   closed-not-released     91      2.0    90         1  " + CODE,
                        "cccccccc   closed-not-released      1      2.0     0         1  " + CODE),
                lines.subList(4, 8));
        assertEquals(
                List.of(
                        "ID         AGE  KIND         STATE      PEER                UNREAD  SITE      CODE",
                        " 2  3 min 20 s  half-closed  FIN_WAIT2  192.168.100.2:4711       6  bbbbbbbb  " + CODE,
                        " 1        10 s  -            UNKNOWN    -                        0  -         -"),
                lines.subList(9, 12));
        assertEquals(
                List.of(
                        "LAST  LEAK SITE  KIND         PEER                WHAT    DONE",
                        " 5 s  bbbbbbbb   half-closed  192.168.100.2:4711  closed  done 2",
                        "15 s  bbbbbbbb   half-closed  192.168.100.2:4711  closed  done 1"),
                lines.subList(13, 16));
    }

    @Test
    void atTheFirstLookNoRateIsKnown() {
        assertTrue(screen.lines(view(60_000, List.of(site("aaaaaaaa", 90))), 20, 80)
                .get(5)
                .matches("aaaaaaaa .* 90 +- +89 .*"));
    }

    @Test
    void itFitsOnATerminal() {
        var lines = screen.lines(view(60_000, List.of(site("aaaaaaaa", 123_456), site("bbbbbbbb", 5))), 20, 80);

        var wide = new ArrayList<>(lines);
        wide.removeIf(line -> line.length() <= 80);
        assertEquals(List.of(), wide);
    }

    private static AgentView view(long now, List<SiteInfo> sites) {
        var status = new Status(
                "1.2.3",
                4242,
                0,
                now,
                true,
                false,
                false,
                false,
                900,
                1024,
                Map.of(),
                2,
                0,
                new Totals(99, 1, 0, 0, 0, 0),
                Map.of(),
                List.of(),
                List.of(),
                0,
                List.of());
        var sockets = List.of(
                new SocketInfo(1, "", "", "", "suspect", "", "", -1, 0, "UNKNOWN", 0, false, 10_000, 9_000, 0, ""),
                new SocketInfo(
                        2,
                        "bbbbbbbb",
                        "half-closed",
                        "strong",
                        "leak",
                        "192.168.100.1:12345",
                        "192.168.100.2:4711",
                        17,
                        99,
                        "FIN_WAIT2",
                        6,
                        true,
                        200_000,
                        2_000,
                        60_000,
                        CODE));
        return new AgentView(
                status,
                sites,
                sockets,
                new History(List.of(), List.of(release(now - 15_000, 1), release(now - 5_000, 2))),
                List.of());
    }

    private static SiteInfo site(String id, long found) {
        return new SiteInfo(
                id, "closed-not-released", "proven", CODE, List.of(), new Totals(found, 1, 0, 0, 0, 0), 1, 2, "", "");
    }

    private static History.Event release(long at, int number) {
        return new History.Event(
                at,
                "bbbbbbbb",
                "half-closed",
                "strong",
                "",
                "192.168.100.2:4711",
                5,
                "closed",
                "done " + number,
                "",
                0,
                1);
    }
}
