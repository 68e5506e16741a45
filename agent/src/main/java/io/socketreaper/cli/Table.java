package io.socketreaper.cli;

import io.socketreaper.text.PrintableText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.ColorScheme;

/** Rows in aligned columns; the widest of the columns that may be cut gives way to a narrow terminal. */
final class Table {
    private static final String GAP = "  ";
    private static final int NARROWEST = 8;
    private static final String NOTHING = "-";

    private final ColorScheme colours;
    private final List<List<Cell>> rows = new ArrayList<>();
    private final int[] widths;
    private final Set<Integer> right = new HashSet<>();
    private final Set<Integer> cut = new HashSet<>();

    /** A value with a style of its own. */
    record Cell(String text, IStyle... styles) {}

    Table(ColorScheme colours, String... headings) {
        this.colours = colours;
        widths = new int[headings.length];
        add(Stream.of(headings).map(heading -> new Cell(heading, Style.bold)).toList());
    }

    /** Numbers: aligned to the right. */
    Table right(int... columns) {
        for (int column : columns) {
            right.add(column);
        }
        return this;
    }

    /** Text that may be cut at its end. */
    Table cut(int... columns) {
        for (int column : columns) {
            cut.add(column);
        }
        return this;
    }

    /** Adds a row, one value a column: an object, a {@link Cell}, or null or an empty text if unknown. */
    Table row(@Nullable Object... values) {
        if (values.length != widths.length) {
            throw new IllegalArgumentException(values.length + " values for " + widths.length + " columns");
        }
        return add(Stream.of(values).map(Table::cell).toList());
    }

    private static Cell cell(@Nullable Object value) {
        if (value instanceof Cell cell) {
            return cell;
        }
        String text = value == null ? "" : value.toString();
        return new Cell(text.isEmpty() ? NOTHING : PrintableText.line(text));
    }

    private Table add(List<Cell> row) {
        rows.add(row);
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).text().length());
        }
        return this;
    }

    void print(PrintWriter out, int width) {
        int excess = GAP.length() * (widths.length - 1) - width;
        for (int column : widths) {
            excess += column;
        }
        for (; excess > 0 && widest() >= 0; excess--) {
            widths[widest()]--;
        }
        for (var row : rows) {
            out.println(line(row));
        }
    }

    private int widest() {
        return cut.stream()
                .filter(column -> widths[column] > NARROWEST)
                .max((a, b) -> widths[a] - widths[b])
                .orElse(-1);
    }

    private String line(List<Cell> row) {
        var line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String text = cut.contains(i)
                    ? PrintableText.line(row.get(i).text(), widths[i])
                    : row.get(i).text();
            String blanks = " ".repeat(Math.max(0, widths[i] - text.length()));
            var styles = List.of(row.get(i).styles());
            // Without a style picocli would still write one that resets it.
            String styled =
                    styles.isEmpty() ? text : colours.apply(text, styles).toString();
            line.append(i == 0 ? "" : GAP)
                    .append(right.contains(i) ? blanks + styled : styled)
                    .append(right.contains(i) || i == widths.length - 1 ? "" : blanks);
        }
        return line.toString();
    }
}
