package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.History;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class TopScreenTest {
    private static final String CODE = "com.example.server.mail.Session.reject(Session.java:41)";

    private static final List<OpenSiteInfo> OPEN = List.of(new OpenSiteInfo(
            "dddddddd",
            CODE,
            -1,
            List.of(CODE),
            12,
            Map.of("ESTABLISHED", 12),
            Map.of(),
            1,
            2,
            3,
            12,
            null,
            null,
            null,
            5,
            null,
            true,
            0.5,
            600_000,
            -1));

    private final TopScreen screen = new TopScreen(CommandLine.Help.defaultColorScheme(Ansi.OFF));

    @Test
    void sitesAreSortedByWhatTheyLoseAMinuteSuspectsByAgeAndReleasesByTime() {
        lines(view(60_000, List.of(site("aaaaaaaa", 90), site("bbbbbbbb", 5))), Terminal.UNLIMITED);
        var lines = lines(
                view(90_000, List.of(site("aaaaaaaa", 91), site("bbbbbbbb", 8), site("cccccccc", 1))),
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
                lines.subList(12, 15));
        assertEquals(
                List.of(
                        "LAST  TIMES  LEAK SITE  WHAT    DONE    CODE",
                        " 5 s      2  bbbbbbbb   closed  done 3  " + CODE,
                        "10 s      1  bbbbbbbb   logged  done 2  " + CODE),
                lines.subList(16, 19));
    }

    @Test
    void theKeySortsByEachFigureInTurn() {
        var view = view(60_000, List.of(site("aaaaaaaa", 9, 0), site("bbbbbbbb", 8, 5), site("cccccccc", 30, 29)));
        screen.add(view);

        assertEquals(List.of("cccccccc", "aaaaaaaa", "bbbbbbbb"), sites(view, TopSort.FOUND));
        assertEquals(List.of("aaaaaaaa", "bbbbbbbb", "cccccccc"), sites(view, TopSort.HELD));
        assertEquals(List.of("cccccccc", "bbbbbbbb", "aaaaaaaa"), sites(view, TopSort.RELEASED));
        assertEquals(TopSort.FOUND, TopSort.RATE.next());
        assertEquals(TopSort.RATE, TopSort.RELEASED.next());
    }

    private List<String> sites(AgentView view, TopSort sort) {
        return screen.tables(view, sort, 20, 80).stream()
                .skip(1)
                .limit(3)
                .map(line -> line.substring(0, 8))
                .toList();
    }

    @Test
    void atTheFirstLookNoRateIsKnown() {
        assertTrue(lines(view(60_000, List.of(site("aaaaaaaa", 90))), 80).get(5).matches("aaaaaaaa .* 90 +- +89 .*"));
    }

    /** The number of the line is never left out: the screen is read to learn which line to mend. */
    @ParameterizedTest
    @ValueSource(ints = {40, 80, 200})
    void atAnyWidthItFitsAndEachRowShowsTheLineOfItsCode(int width) {
        var view = view(60_000, List.of(site("aaaaaaaa", 123_456), site("bbbbbbbb", 5)));
        var lines = lines(view, width);

        assertEquals(
                List.of(), lines.stream().filter(line -> line.length() > width).toList());
        String shown = width == 40 ? "Session.java:41" : width == 80 ? "Session.reject(Session.java:41)" : CODE;
        // two leak sites, an opening site, a suspect and two groups of releases have a line of code
        assertEquals(6, lines.stream().filter(line -> line.contains(shown)).count(), String.join("\n", lines));
    }

    @Test
    void aLongNameIsCutInItsMiddleBeforeAColumnIsLeftOut() {
        var site = new SiteInfo(
                "aaaaaaaa",
                "half-closed",
                "weak",
                "com.example.leaking.LineConnection.halfCloseIfFlushed(LineConnection.java:107)",
                List.of(),
                new Totals(1234, 1, 0, 0, 0, 0),
                1,
                2,
                "",
                "");

        assertEquals(
                List.of(
                        "LEAK SITE  FOUND  PER MIN  HELD  RELEASED  CODE",
                        "aaaaaaaa    1234        -  1233         1  LineConne...(LineConnection.java:107)"),
                screen.tables(view(60_000, List.of(site)), TopSort.RATE, 20, 80).subList(0, 2));
    }

    @Test
    void onANarrowTerminalTheFigureThatSortsStays() {
        var view = view(60_000, List.of(site("aaaaaaaa", 123_456)));
        for (TopSort sort : TopSort.values()) {
            String heading = screen.tables(view, sort, 20, 40).get(0);
            String figure = sort == TopSort.RATE ? "PER MIN" : sort.name();
            assertTrue(heading.contains(figure), heading);
        }
    }

    private List<String> lines(AgentView view, int width) {
        screen.add(view);
        var lines = new ArrayList<>(screen.head(view, width));
        lines.addAll(screen.tables(view, TopSort.RATE, 20, width));
        return lines;
    }

    // -- The terminal

    @Test
    void theTerminalIsFilledAndItsLastLineNamesTheKeys() {
        var display = display(true);

        for (var size : List.of(new Terminal.Size(24, 80), new Terminal.Size(12, 40), new Terminal.Size(60, 200))) {
            var frame = display.frame(size);
            assertEquals(size.lines(), frame.size());
            assertEquals(
                    List.of(),
                    frame.stream()
                            .filter(line -> line.length() > size.columns())
                            .toList());
            assertTrue(frame.get(size.lines() - 1).startsWith("q quits  "), frame.get(size.lines() - 1));
        }
        assertEquals(2, display.frame(new Terminal.Size(2, 80)).size());
        assertEquals(
                "Ctrl-C quits", display(false).frame(new Terminal.Size(24, 80)).get(23));
    }

    @Test
    void arrowsScrollThroughAllRows() {
        var display = display(true);
        var size = new Terminal.Size(24, 80);
        var first = display.frame(size);
        assertEquals(3, rows(first), "rows of leak sites beside the other tables");

        display.key(TopKey.DOWN);
        var second = display.frame(size);
        assertEquals(first.subList(0, 4), second.subList(0, 4), "the state stays");
        assertEquals(first.get(5), second.get(4));
        assertTrue(rows(second) > 10, String.join("\n", second));
        display.key(TopKey.UP);
        assertEquals(first, display.frame(size));
        display.key(TopKey.UP);
        assertEquals(first, display.frame(size));

        display.key(TopKey.END);
        var end = display.frame(size);
        assertTrue(end.get(22).contains("logged"), String.join("\n", end));
        display.key(TopKey.DOWN);
        assertEquals(end, display.frame(size));
        display.key(TopKey.HOME);
        assertEquals(first, display.frame(size));
        display.key(TopKey.PAGE_DOWN);
        display.frame(size);
        display.key(TopKey.PAGE_UP);
        assertEquals(first, display.frame(size));
    }

    private static long rows(List<String> frame) {
        return frame.stream().filter(line -> line.startsWith("aaaaaa")).count();
    }

    @Test
    void theQuestionMarkShowsAndHidesTheKeys() {
        var display = display(true);
        var size = new Terminal.Size(24, 40);
        var tables = display.frame(size);

        display.key(TopKey.HELP);
        var help = display.frame(size);
        assertTrue(help.get(6).startsWith("q            quits"), String.join("\n", help));
        assertEquals(List.of(), help.stream().filter(line -> line.length() > 40).toList());
        display.key(TopKey.HELP);
        assertEquals(tables, display.frame(size));
    }

    private TopDisplay display(boolean hasKeys) {
        var sites = new ArrayList<SiteInfo>();
        for (int i = 0; i < 20; i++) {
            sites.add(site(String.format("aaaaaa%02d", i), 100 - i));
        }
        var view = view(60_000, sites);
        screen.add(view);
        var display = new TopDisplay(screen, hasKeys);
        assertEquals(List.of(), display.frame(new Terminal.Size(24, 80)));
        display.show(view);
        return display;
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
                new History(
                        List.of(),
                        List.of(
                                release(now - 15_000, "closed", 1),
                                release(now - 10_000, "logged", 2),
                                release(now - 5_000, "closed", 3))),
                OPEN,
                ProcessInfo.UNKNOWN,
                null,
                null);
    }

    private static SiteInfo site(String id, long found) {
        return site(id, found, 1);
    }

    private static SiteInfo site(String id, long found, long released) {
        return new SiteInfo(
                id,
                "closed-not-released",
                "proven",
                CODE,
                List.of(),
                new Totals(found, released, 0, 0, 0, 0),
                1,
                2,
                "",
                "");
    }

    private static History.Event release(long at, String what, int number) {
        return new History.Event(
                at, "bbbbbbbb", "half-closed", "strong", "", "192.168.100.2:4711", 5, what, "done " + number, "", 0, 1);
    }
}
