package io.socketreaper.html;

import static j2html.TagCreator.code;
import static j2html.TagCreator.each;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.wbr;

import io.socketreaper.text.PrintableText;
import j2html.tags.specialized.CodeTag;

/**
 * A line of code in two parts, so that a narrow column shortens the package and never class and line.
 *
 * @param packages the module and the package with its last dot; empty if there is none
 * @param place    {@code Class.method(File:line)}
 */
record CodeLine(String packages, String place) {
    /** @param location {@code package.Class.method(File:line)}; other words are all of it the place */
    static CodeLine of(String location) {
        String line = PrintableText.line(location);
        int end = line.indexOf('(');
        int method = line.lastIndexOf('.', end);
        int type = method <= 0 ? -1 : line.lastIndexOf('.', method - 1);
        return end < 0 || type < 0 || line.substring(0, end).contains(" ")
                ? new CodeLine("", line)
                : new CodeLine(line.substring(0, type + 1), line.substring(type + 1));
    }

    /** Both parts; the text of the element is the whole line. */
    CodeTag html() {
        var html = code().withClass("line");
        if (!packages.isEmpty()) {
            html.with(span(packages).withClass("package").attr("title", packages));
        }
        var shown = span().withClass("place");
        String[] parts = place.split("(?=\\()|(?=\\.[^.]*\\()|(?<=\\$)");
        for (int i = 0; i < parts.length; i++) {
            // Where a narrow column may break it.
            shown.with(i == 0 ? text(parts[i]) : each(wbr(), text(parts[i])));
        }
        return html.with(shown);
    }
}
