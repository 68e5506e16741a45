package io.socketreaper.html;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import j2html.tags.specialized.TdTag;
import j2html.tags.specialized.TrTag;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table that a script makes sortable. Each cell carries the head of its column: a narrow window shows a row as a card. */
final class RowTable {
    private RowTable() {}

    /**
     * One row.
     *
     * @param id   of the row in the document; null for none
     * @param more what stands below the cells, as wide as the table; null if there is nothing
     */
    record Row(
            @Nullable String id,
            List<TdTag> cells,
            @Nullable DomContent more) {
        static Row of(TdTag... cells) {
            return new Row(null, List.of(cells), null);
        }
    }

    /**
     * Renders a table.
     *
     * @param name  of the part it is in; an update finds by it what the reader has scrolled and sorted
     * @param heads those that begin with # head a column of numbers; those that end with ! are not sorted; one that ends with - is what the rows are sorted by
     *              at first, the largest first
     */
    static DomContent of(String name, String caption, List<String> heads, List<Row> rows) {
        if (rows.isEmpty()) {
            return p("None" + (caption.contains(" of ") ? " of them matches" : "") + ".")
                    .withClass("none");
        }
        boolean folds = rows.get(0).more() != null;
        var head = thead(tr(each(
                heads,
                title -> th(word(title))
                        .attr("scope", "col")
                        .withCondClass(title.startsWith("#"), "number")
                        .condAttr(title.endsWith("!"), "data-fixed", "yes")
                        .condAttr(title.endsWith("-") && rows.size() > 1, "aria-sort", "descending"))));
        DomContent body = folds
                ? each(
                        rows,
                        row -> tbody(
                                        cells(heads, row),
                                        tr(td(row.more()).attr("colspan", Integer.toString(heads.size())))
                                                .withClass("more"))
                                .withCondId(row.id() != null, row.id()))
                : tbody(each(rows, row -> cells(heads, row).withCondId(row.id() != null, row.id())));
        return div(table(caption(caption), head, body).withCondClass(folds, "folding"))
                .withClass("wide")
                .withId(name + "-table")
                .attr("tabindex", "0")
                .attr("role", "region")
                .attr("aria-label", caption);
    }

    private static TrTag cells(List<String> heads, Row row) {
        var cells = tr();
        for (int i = 0; i < heads.size(); i++) {
            cells.with(row.cells().get(i).attr("data-label", word(heads.get(i))));
        }
        return cells;
    }

    private static String word(String head) {
        return head.replaceAll("^#|[!-]$", "");
    }

    /**
     * A cell with a number.
     *
     * @param value what it is sorted by
     */
    static TdTag number(String text, double value) {
        return td(text).withClass("number").attr("data-sort", plain(value));
    }

    static TdTag number(long value) {
        return number(HtmlText.number(value), value);
    }

    /** Without an exponent, which a reader of the source would stumble over. */
    static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
