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

/**
 * Rows in aligned columns. The widest of the columns that may be cut gives way to a narrow terminal; where that is not enough, optional columns
 * are left out.
 */
final class Table {
    private static final String GAP = "  ";
    private static final int NARROWEST = 8;
    /** A file of a longer name is cut, and its line stays. */
    private static final int WIDEST_CODE = 28;

    /** For a longer class or method no other column is left out: its middle is cut. */
    private static final int WANTED_CODE = 32;

    private static final String NOTHING = "-";

    private final ColorScheme colours;
    private final List<List<Cell>> rows = new ArrayList<>();
    private final int[] widths;
    private final int[] least;
    private final int[] wanted;
    private final Set<Integer> right = new HashSet<>();
    private final Set<Integer> cut = new HashSet<>();
    private final Set<Integer> code = new HashSet<>();
    private final List<Integer> optional = new ArrayList<>();
    private final Set<Integer> leftOut = new HashSet<>();

    /** A value with a style of its own. */
    record Cell(String text, IStyle... styles) {}

    Table(ColorScheme colours, String... headings) {
        this.colours = colours;
        widths = new int[headings.length];
        least = new int[headings.length];
        wanted = new int[headings.length];
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

    /** Lines of code, which may be cut; see {@link CodeText#cut}. */
    Table code(int... columns) {
        for (int column : columns) {
            code.add(column);
            cut.add(column);
        }
        return this;
    }

    /** Columns that a narrow terminal does not show, the first to go first. */
    Table optional(int... columns) {
        for (int column : columns) {
            optional.add(column);
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
        for (int i = 0; i < widths.length; i++) {
            least[i] = least(i);
            wanted[i] = wanted(i);
        }
        for (int column : optional) {
            if (excess(width, true) > 0) {
                leftOut.add(column);
            }
        }
        for (int excess = excess(width, false); excess > 0 && widest() >= 0; excess--) {
            widths[widest()]--;
        }
        for (var row : rows) {
            out.println(line(row));
        }
    }

    /**
     * By how many columns the table is too wide.
     *
     * @param cutAlready true if every column that may be cut is, but lines of code only by their packages
     */
    private int excess(int width, boolean cutAlready) {
        int columns = -GAP.length();
        for (int i = 0; i < widths.length; i++) {
            if (!leftOut.contains(i)) {
                columns += (cutAlready ? Math.min(widths[i], wanted[i]) : widths[i]) + GAP.length();
            }
        }
        return columns - width;
    }

    /** The width for which optional columns are left out and others are cut. */
    private int wanted(int column) {
        if (!code.contains(column)) {
            return least[column];
        }
        int wanted = 0;
        for (var row : rows) {
            wanted = Math.max(wanted, CodeText.withoutPackages(row.get(column).text()));
        }
        return Math.max(least[column], Math.min(wanted, WANTED_CODE));
    }

    /** The columns that a column needs; its whole width if it must not be cut. */
    private int least(int column) {
        if (!cut.contains(column)) {
            return widths[column];
        }
        if (!code.contains(column)) {
            return NARROWEST;
        }
        int least = NARROWEST;
        for (var row : rows) {
            least = Math.max(least, CodeText.least(row.get(column).text()));
        }
        return Math.min(least, WIDEST_CODE);
    }

    /** The column that gives way next, lines of code without their packages last; -1 if none can. */
    private int widest() {
        int widest = widest(wanted);
        return widest >= 0 ? widest : widest(least);
    }

    /** The widest of the columns that are wider than that; -1 if there is none. */
    private int widest(int[] than) {
        return cut.stream()
                .filter(column -> !leftOut.contains(column) && widths[column] > than[column])
                .max((a, b) -> widths[a] - widths[b])
                .orElse(-1);
    }

    private String line(List<Cell> row) {
        var line = new StringBuilder();
        int last = widths.length - 1;
        while (leftOut.contains(last)) {
            last--;
        }
        for (int i = 0; i <= last; i++) {
            if (leftOut.contains(i)) {
                continue;
            }
            String text = row.get(i).text();
            if (cut.contains(i)) {
                text = code.contains(i) ? CodeText.cut(text, widths[i]) : PrintableText.line(text, widths[i]);
            }
            String blanks = " ".repeat(Math.max(0, widths[i] - text.length()));
            var styles = List.of(row.get(i).styles());
            // Without a style picocli would still write one that resets it.
            String styled =
                    styles.isEmpty() ? text : colours.apply(text, styles).toString();
            line.append(line.length() == 0 ? "" : GAP)
                    .append(right.contains(i) ? blanks + styled : styled)
                    .append(right.contains(i) || i == last ? "" : blanks);
        }
        return line.toString();
    }
}
