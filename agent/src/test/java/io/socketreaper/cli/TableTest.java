package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.cli.Table.Cell;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;

class TableTest {
    @Test
    void columnsAreAligned() {
        assertEquals(
                List.of("SITE     COUNT  CODE", "a            7  Server.run", "bcdefgh  12345  -"),
                lines(table(Ansi.OFF), Terminal.UNLIMITED));
    }

    @Test
    void whatMayBeCutGivesWayToANarrowTerminal() {
        assertEquals(
                List.of("SITE     COUNT  CODE", "a            7  Serve...", "bcdefgh  12345  -"),
                lines(table(Ansi.OFF).cut(2), 20));
    }

    @Test
    void optionalColumnsGoBeforeALineOfCodeLosesMoreThanItsPackages() {
        assertEquals(
                List.of(
                        "ID  KIND         NOTE        CODE",
                        "1   half-closed  some words  a.b.Server.run(Server.java:7)"),
                lines(code(), 58));
        assertEquals(
                List.of("ID  KIND         NOTE      CODE", "1   half-closed  some ...  Server.run(Server.java:7)"),
                lines(code(), 52));
        assertEquals(List.of("ID  NOTE      CODE", "1   some ...  Server.run(Server.java:7)"), lines(code(), 39));
        assertEquals(List.of("ID  NOTE      CODE", "1   some ...  Server.java:7"), lines(code(), 27));
        assertEquals(List.of("ID  NOTE      CODE", "1   some ...  Server.java:7"), lines(code(), 5));
    }

    private static Table code() {
        return new Table(CommandLine.Help.defaultColorScheme(Ansi.OFF), "ID", "KIND", "NOTE", "CODE")
                .cut(2)
                .code(3)
                .optional(1)
                .row("1", "half-closed", "some words", "a.b.Server.run(Server.java:7)");
    }

    @Test
    void aStyleDoesNotCountAsWidth() {
        var styled = new Table(CommandLine.Help.defaultColorScheme(Ansi.ON), "A", "B")
                .row(new Cell("x", Style.fg_red), "y")
                .row("long", "z");
        assertEquals(
                "\u001b[31mx\u001b[39m\u001b[0m     y",
                lines(styled, Terminal.UNLIMITED).get(1));
    }

    private static Table table(Ansi ansi) {
        return new Table(CommandLine.Help.defaultColorScheme(ansi), "SITE", "COUNT", "CODE")
                .right(1)
                .row("a", 7, "Server.run")
                .row("bcdefgh", 12345, null);
    }

    private static List<String> lines(Table table, int width) {
        var out = new StringWriter();
        table.print(new PrintWriter(out), width);
        return out.toString().lines().toList();
    }
}
