package io.socketreaper.testapp.corpus;

import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RealProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table of {@code docs/corpus.md}, filled in by tests that run side by side: what it says of a program comes from the corpus, the
 * figures in its last columns from runs.
 */
final class CorpusTable {
    private static final Path FILE =
            Path.of("..", "docs", "corpus.md").toAbsolutePath().normalize();
    private static final String OLDEST = "17";
    private static final String UPDATE = " with -Dupdate-docs=true on both JDKs";

    private final String start;
    private final String end;
    private final String test;
    private final String head;
    private final List<String> described;
    private final int count;
    private final Map<String, String[]> figures = new TreeMap<>();

    /**
     * Reads what the page has.
     *
     * @param name      between the marks on the page
     * @param test      the class that fills it in
     * @param heads     of all columns; the first one is the program's name
     * @param described columns of the corpus that follow it; the rest are figures
     */
    CorpusTable(String name, Class<?> test, List<String> heads, List<String> described) {
        this.start = "<!-- " + name + ": generated, see " + test.getSimpleName() + " -->\n";
        this.end = "<!-- end of " + name + " -->\n";
        this.test = test.getSimpleName();
        this.head = line(heads.stream()) + "|" + "---|".repeat(heads.size()) + "\n";
        this.described = described;
        this.count = heads.size() - 1 - described.size();
        rows().forEach(row -> {
            var cells = row.split(" ?\\| ?", -1);
            // The first and the last cell are the empty ones outside the table.
            figures.put(
                    cells[1].substring(1, cells[1].length() - 1),
                    Arrays.copyOfRange(cells, cells.length - 1 - count, cells.length - 1));
        });
    }

    /** A figure of a run; {@code column} counts those of the table from 0. */
    synchronized void set(RealProgram program, int column, String figure) {
        figures.computeIfAbsent(program.name(), name -> {
            var none = new String[count];
            Arrays.fill(none, "");
            return none;
        })[column] = figure;
    }

    /** The one before the last column is for the oldest JDK, the last one for the newest. */
    void setOfThisJdk(RealProgram program, String figure) {
        set(program, ("" + Jvm.feature()).equals(OLDEST) ? count - 2 : count - 1, figure);
    }

    void write(List<RealProgram> programs) {
        // Another test may have changed another table.
        synchronized (CorpusTable.class) {
            var text = read();
            int from = text.indexOf(start);
            int to = text.indexOf(end);
            if (from < 0 || to < from) {
                throw new AssertionError(FILE + " lacks " + start + "..." + end);
            }
            var rows = programs.stream().map(this::row).collect(Collectors.joining());
            try {
                Files.writeString(FILE, text.substring(0, from + start.length()) + head + rows + text.substring(to));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Every program is there, as the corpus describes it, and no other; and every figure was measured. */
    void check(List<RealProgram> programs) {
        var rows = rows();
        if (rows.size() != programs.size()) {
            throw new AssertionError(FILE + " has " + rows.size() + " rows for " + programs.size() + " programs after "
                    + start + "run " + test + UPDATE);
        }
        programs.forEach(program -> {
            var row = row(program);
            if (!rows.contains(row.strip()) || row.contains("|  |")) {
                throw new AssertionError(FILE + " lacks, or has no figures for: " + row + "run " + test + UPDATE);
            }
        });
    }

    private synchronized String row(RealProgram program) {
        var measured = figures.getOrDefault(program.name(), new String[] {""});
        return line(Stream.concat(
                Stream.concat(
                        Stream.of("`" + program.name() + "`"),
                        described.stream().map(program::column)),
                Stream.of(measured)));
    }

    private static String line(Stream<String> cells) {
        return cells.collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private List<String> rows() {
        var text = read();
        int from = text.indexOf(start);
        int to = text.indexOf(end);
        return from < 0 || to < from
                ? List.of()
                : text.substring(from, to)
                        .lines()
                        .filter(line -> line.startsWith("| `"))
                        .toList();
    }

    private static String read() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
