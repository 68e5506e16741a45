package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.text.PrintableText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code top} shows on a terminal, and what its keys do. Not for several threads. */
final class TopDisplay {
    private static final int LEAST_ROWS = 3;
    private static final List<String> HELP = List.of(
            "q            quits, as Ctrl-C does",
            "up, down     scroll by a line (k, j)",
            "page up/down scroll by a screen",
            "home, end    to the first, last line",
            "s            sorts the leak sites: rate,",
            "             found, held, released",
            "?            shows and hides this",
            "",
            "PER MIN      leaks a minute, since the",
            "             refresh before",
            "TIMES        of the last 100 outcomes",
            "             those of a site that end so");
    private static final List<String> KEYS = List.of(
            "q quits  arrows scroll  s sorts (by %s)  ? helps",
            "q quits  s sorts (by %s)  ? helps", "q quits  ? helps");

    private final TopScreen screen;
    private final boolean hasKeys;
    private TopSort sort = TopSort.RATE;
    private boolean help;
    /** Lines of the tables that are scrolled away. */
    private int scrolled;
    /** Lines of the last frame that the tables had. */
    private int space = LEAST_ROWS;

    private @Nullable AgentView view;

    /** @param hasKeys false if only Ctrl-C works */
    TopDisplay(TopScreen screen, boolean hasKeys) {
        this.screen = screen;
        this.hasKeys = hasKeys;
    }

    /** Has the screen's last view shown from now on. */
    void show(AgentView next) {
        view = next;
    }

    /** Does what a key says, but for {@link TopKey#QUIT}. */
    void key(TopKey key) {
        help = key == TopKey.HELP && !help;
        switch (key) {
            case UP -> scrolled--;
            case DOWN -> scrolled++;
            case PAGE_UP -> scrolled -= space;
            case PAGE_DOWN -> scrolled += space;
            case HOME -> scrolled = 0;
            case END -> scrolled = Integer.MAX_VALUE - space;
            case SORT -> sort = sort.next();
            case QUIT, HELP, OTHER -> {}
        }
    }

    /** The lines of the screen, no more than it has; none before the first view. */
    List<String> frame(Terminal.Size size) {
        AgentView shown = view;
        if (shown == null) {
            return List.of();
        }
        var lines = new ArrayList<>(screen.head(shown, size.columns()));
        space = Math.max(1, size.lines() - lines.size() - 1);
        var below = help ? HELP : tables(shown, size.columns());
        for (int i = 0; i < space; i++) {
            lines.add(i < below.size() ? below.get(i) : "");
        }
        while (lines.size() > Math.max(0, size.lines() - 1)) {
            lines.remove(lines.size() - 1);
        }
        lines.add(keys(size.columns()));
        return lines;
    }

    /** The tables as far as they fit: unscrolled the first rows of each, scrolled all rows. */
    private List<String> tables(AgentView shown, int width) {
        List<String> all = screen.tables(shown, sort, Integer.MAX_VALUE, width);
        scrolled = Math.max(0, Math.min(scrolled, all.size() - space));
        if (scrolled == 0 && all.size() > space) {
            int tables = shown.open().isEmpty() ? TopScreen.TABLES - 1 : TopScreen.TABLES;
            int rows = (space + 1) / tables - TopScreen.BESIDE_ROWS;
            return screen.tables(shown, sort, Math.max(LEAST_ROWS, rows), width);
        }
        return all.subList(scrolled, all.size());
    }

    private String keys(int width) {
        if (!hasKeys) {
            return PrintableText.line("Ctrl-C quits", width);
        }
        String text = "";
        for (String each : KEYS) {
            text = String.format(each, sort);
            if (text.length() <= width) {
                return text;
            }
        }
        return PrintableText.line(text, width);
    }
}
