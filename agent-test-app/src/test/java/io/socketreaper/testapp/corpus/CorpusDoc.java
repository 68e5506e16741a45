package io.socketreaper.testapp.corpus;

import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RealProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The two tables of {@code docs/corpus.md}, filled in by tests that run side by side: what they say of a program comes from the
 * corpus, the figures from a run.
 */
final class CorpusDoc {
    private static final Path FILE =
            Path.of("..", "docs", "corpus.md").toAbsolutePath().normalize();
    private static final String LEAKING_START = "<!-- leaking: generated, see CorpusIT -->\n";
    private static final String LEAKING_END = "<!-- end of leaking -->\n";
    private static final String WELL_BEHAVED_START = "<!-- well-behaved: generated, see CorpusIT -->\n";
    private static final String WELL_BEHAVED_END = "<!-- end of well-behaved -->\n";
    private static final String OLDEST = "17";

    private final String text;
    private final Map<String, String[]> figures = new TreeMap<>();

    private CorpusDoc(String text) {
        this.text = text;
        text.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" ?\\| ?", -1))
                .forEach(cells -> {
                    // The first and the last cell are the empty ones outside the table.
                    int last = cells.length - 2;
                    figures.put(
                            cells[1].substring(1, cells[1].length() - 1),
                            new String[] {cells[last - 2], cells[last - 1], cells[last]});
                });
    }

    static CorpusDoc read() {
        try {
            return new CorpusDoc(Files.exists(FILE) ? Files.readString(FILE) : "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** So many sockets of a leaking program are held without the agent, and so many it has found and released. */
    synchronized void released(RealProgram program, long held, long found, long released, String millis) {
        var row = row(program);
        row[0] = held + " / " + found + " / " + released;
        row[column()] = released > 0 ? millis : "-";
    }

    /** A run of a well-behaved program has checked so many bytes. */
    synchronized void intact(RealProgram program, long bytes) {
        var row = row(program);
        row[0] = "0";
        row[column()] = "" + bytes;
    }

    private String[] row(RealProgram program) {
        return figures.computeIfAbsent(program.name(), name -> new String[] {"", "", ""});
    }

    /** One for the oldest JDK and one for whatever is newest. */
    private static int column() {
        return ("" + Jvm.feature()).equals(OLDEST) ? 1 : 2;
    }

    private static String leaking(RealProgram program, String[] row) {
        return "| `" + program.name() + "` | " + program.column("library") + " | " + program.column("version") + " | "
                + program.column("issue") + " | " + program.column("kind") + " | " + String.join(" | ", row) + " |\n";
    }

    private static String wellBehaved(RealProgram program, String[] row) {
        return "| `" + program.name() + "` | " + program.column("libraries") + " | " + program.column("versions")
                + " | " + program.column("what") + " | " + program.column("reported") + " | " + String.join(" | ", row)
                + " |\n";
    }

    void write(List<RealProgram> leaking, List<RealProgram> wellBehaved) {
        var first = new StringBuilder("| case | library | version | issue | kind | held without / found / released "
                + "| ms on 17 | ms on the newest |\n|---|---|---|---|---|---|---|---|\n");
        leaking.forEach(program -> first.append(leaking(program, row(program))));
        var second =
                new StringBuilder("| program | libraries | versions | what it does | reported | touched | bytes on 17 "
                        + "| bytes on the newest |\n|---|---|---|---|---|---|---|---|\n");
        wellBehaved.forEach(program -> second.append(wellBehaved(program, row(program))));
        try {
            Files.writeString(
                    FILE,
                    replaced(
                            replaced(text, LEAKING_START, first, LEAKING_END),
                            WELL_BEHAVED_START,
                            second,
                            WELL_BEHAVED_END));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String replaced(String text, String start, CharSequence table, String end) {
        int from = text.indexOf(start);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new AssertionError(FILE + " lacks " + start + "..." + end);
        }
        return text.substring(0, from + start.length()) + table + text.substring(to);
    }

    /** Every program is there, as the corpus describes it, and no other; and every figure was measured. */
    void check(List<RealProgram> leaking, List<RealProgram> wellBehaved) {
        long rows = text.lines().filter(line -> line.startsWith("| `")).count();
        if (rows != leaking.size() + wellBehaved.size()) {
            throw new AssertionError(FILE + " has " + rows + " rows for " + leaking.size() + " + " + wellBehaved.size()
                    + " programs; run CorpusIT with -Dupdate-docs=true");
        }
        leaking.forEach(program -> mustStand(leaking(program, row(program))));
        wellBehaved.forEach(program -> mustStand(wellBehaved(program, row(program))));
    }

    private void mustStand(String line) {
        if (!text.contains(line) || line.contains("|  |")) {
            throw new AssertionError(FILE + " lacks, or has no figures for: " + line
                    + "run CorpusIT with -Dupdate-docs=true on both JDKs");
        }
    }
}
