package io.socketreaper.html;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.each;
import static j2html.TagCreator.emptyTag;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.main;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frame of every document: styles and scripts inside, nothing from outside, and the browser told so. */
final class Document {
    private static final String FRAME = "default-src 'none'; base-uri 'none'; img-src data:; ";

    private Document() {}

    /**
     * Rendered.
     *
     * @param policy the Content-Security-Policy if the document has to carry it itself; null if a header does
     */
    static String of(
            String title, @Nullable String policy, DomContent header, DomContent content, List<InlineAsset> scripts) {
        var styles = List.of(InlineAsset.CHART_STYLE, InlineAsset.STYLE);
        var meta = new ArrayList<DomContent>();
        meta.add(emptyTag("meta").attr("charset", "utf-8"));
        if (policy != null) {
            meta.add(emptyTag("meta")
                    .attr("http-equiv", "Content-Security-Policy")
                    .attr("content", policy));
        }
        meta.add(emptyTag("meta").attr("name", "viewport").attr("content", "width=device-width, initial-scale=1"));
        meta.add(emptyTag("meta").attr("name", "color-scheme").attr("content", "light dark"));
        meta.add(emptyTag("link").attr("rel", "icon").attr("href", "data:,"));
        return "<!DOCTYPE html>\n"
                + html(
                                head(
                                        each(meta, tag -> tag),
                                        title(title),
                                        each(styles, asset -> style(rawHtml(asset.text())))),
                                body(
                                        a("Skip to the content")
                                                .withHref("#content")
                                                .withClass("skip"),
                                        rawHtml(text(each(
                                                header,
                                                main(content).withId("content").attr("tabindex", "-1")))),
                                        each(scripts, asset -> script(rawHtml(asset.text())))))
                        .attr("lang", "en")
                        .render()
                + "\n";
    }

    /** Rendered; whatever others have named, no character of it steers the eye. */
    static String text(DomContent content) {
        return PrintableText.block(content.render());
    }

    static String policy(List<InlineAsset> scripts, String more) {
        var policy = new StringBuilder(FRAME)
                .append("style-src ")
                .append(InlineAsset.STYLE.hash())
                .append(' ')
                .append(InlineAsset.CHART_STYLE.hash())
                .append("; script-src");
        scripts.forEach(script -> policy.append(' ').append(script.hash()));
        return policy.append(scripts.isEmpty() ? " 'none'; " : "; ")
                .append(more)
                .toString();
    }
}
