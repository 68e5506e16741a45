package io.socketreaper.html;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.header;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.noscript;
import static j2html.TagCreator.option;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.section;
import static j2html.TagCreator.select;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;

import com.google.gson.Gson;
import io.socketreaper.control.Status;
import io.socketreaper.text.PrintableText;
import j2html.tags.DomContent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The documents: the report that is kept, the status page that lives, and what is said in between. */
public final class HtmlPages {
    private static final List<InlineAsset> REPORT = List.of(InlineAsset.CHART, InlineAsset.SCRIPT);
    private static final List<InlineAsset> LIVE = List.of(InlineAsset.CHART, InlineAsset.SCRIPT, InlineAsset.LIVE);
    /** What may be done by a form, and by a script: ask the same server. */
    private static final String SERVED = "connect-src 'self'; form-action 'self'; frame-ancestors 'none'";
    /** Escapes what could end the element it is written into. */
    private static final Gson GSON = new Gson();

    private HtmlPages() {}

    // -- The report

    /** One file that needs no other. */
    public static String report(ReportModel model) {
        return Document.of(
                Identity.of(model).title(model) + ": sockets, report of Socket Reaper",
                Document.policy(REPORT, "form-action 'none'"),
                head(model, false),
                body(model, "", false, null),
                REPORT);
    }

    /** What leaks, how fast, where, and what was done, in one sentence. */
    public static String verdict(ReportModel model) {
        return Headline.of(model).sentence();
    }

    // -- The status page

    /** The Content-Security-Policy of everything below. */
    public static String livePolicy() {
        return Document.policy(LIVE, SERVED);
    }

    /**
     * The status page.
     *
     * @param filter of the sockets; empty for all
     * @param token  if reading needs it, too (the reader has given it already); else null
     */
    public static String live(ReportModel model, String filter, @Nullable String token) {
        return Document.of(
                Identity.of(model).title(model) + ": sockets, Socket Reaper",
                null,
                head(model, true),
                body(model, filter, true, token),
                LIVE);
    }

    /** What changes of the page, as JSON: the inside of elements by id, and the timeline. */
    public static String update(ReportModel model) {
        var parts = new LinkedHashMap<String, String>();
        parts.put("state", Document.text(state(model)));
        parts.put("verdict", Document.text(Sections.verdict(model)));
        parts.put("figures", Document.text(Sections.figures(model)));
        parts.put("samples", Document.text(Tables.samples(model.history())));
        parts.put("sites", Document.text(SiteTable.of(model, true)));
        if (model.dryRun() != null) {
            parts.put("dry-run", Document.text(DryRunSection.of(model)));
        }
        parts.put("holders", Document.text(HoldersSection.of(model)));
        if (model.status().tracksAll()) {
            parts.put("open", Document.text(Tables.open(model.open())));
        }
        parts.put("sockets", Document.text(Tables.sockets(model.sockets(), "", true)));
        parts.put("releases", Document.text(OutcomeTable.of(model)));
        parts.put("settings", Document.text(Tables.settings(model.status().settings(), true)));
        return GSON.toJson(Map.of("parts", parts, "timeline", Timeline.of(model)));
    }

    /**
     * Asks for the token before anything is shown.
     *
     * @param refused true if one was given
     */
    public static String locked(String why, boolean refused) {
        return Document.of(
                "Socket Reaper: locked",
                null,
                header(h1("Socket Reaper")),
                section(
                        h2("Locked"),
                        p(why),
                        form(
                                        label("Token, from the application's log")
                                                .attr("for", "token"),
                                        tokenInput(),
                                        button("Show the page").withType("submit"))
                                .withMethod("post")
                                .withAction("./")
                                .withId("unlock")
                                .withClass("row")
                                .condAttr(refused, "data-refused", "yes")),
                LIVE);
    }

    /** The answer to a form of those who run no script. */
    public static String said(boolean done, String sentence) {
        return Document.of(
                "Socket Reaper",
                null,
                header(h1("Socket Reaper")),
                section(
                        h2(done ? "Done" : "Refused"),
                        p(PrintableText.block(sentence)),
                        p(a("Back to the page").withHref("./"))),
                List.of());
    }

    // -- What they share

    private static DomContent head(ReportModel model, boolean live) {
        var process = Identity.of(model);
        return header(
                div(
                                h1(span(process.name()).attr("title", process.program())),
                                p(state(model)).withId("state"))
                        .withClass("brand"),
                nav(
                                link("timeline", "Timeline"),
                                link("sites", "Leak sites"),
                                iff(model.dryRun() != null, link("dry-run", "Dry run")),
                                link("holders", "Holders"),
                                link("sockets", "Sockets"),
                                link("releases", "Releases"),
                                iff(live, link("act", "Act")),
                                link("settings", "Settings"))
                        .attr("aria-label", "Sections"),
                iff(
                        live,
                        div(
                                        span("Live")
                                                .withId("pulse")
                                                .attr("role", "status")
                                                .isHidden(),
                                        button("Stop updates")
                                                .withType("button")
                                                .withId("stop")
                                                .isHidden(),
                                        noscript(a("Show the latest").withHref("./")))
                                .withClass("pulse")));
    }

    private static DomContent link(String id, String text) {
        return a(text).withHref("#" + id + "-title");
    }

    private static DomContent state(ReportModel model) {
        Status status = model.status();
        boolean recorded = status.version().isEmpty();
        String doing = recorded
                ? "recorded"
                : status.paused() ? "paused" : status.observesOnly() ? "observing only" : "watching";
        return span(
                span(Identity.of(model).facts()).withClass("facts"),
                span(doing).withClass("badge " + (status.paused() ? "warn" : "good")),
                span((recorded ? " " + PrintableText.line(model.source()) : " Socket Reaper " + status.version())
                        + ", since "
                        + HtmlText.moment(status.startedMillis()) + ", as of "
                        + HtmlText.clock(status.nowMillis())));
    }

    private static DomContent body(ReportModel model, String filter, boolean live, @Nullable String token) {
        return each(
                iff(live, enterChecks()),
                section(Sections.verdict(model)).withId("verdict").attr("aria-label", "Verdict"),
                section(Sections.figures(model)).withId("figures").attr("aria-label", "Figures"),
                titled(
                        "timeline",
                        "Timeline",
                        each(
                                figure(
                                        chart(
                                                "Descriptors",
                                                "chart-descriptors",
                                                "Chart of open descriptors over time"),
                                        chart(
                                                "Sockets",
                                                "chart-sockets",
                                                "Chart of suspects, leaks found and released"),
                                        p(model.history().samples().size() >= 2
                                                        ? ""
                                                        : model.status()
                                                                        .version()
                                                                        .isEmpty()
                                                                ? "The recording has fewer than two events Census."
                                                                : "A figure is taken every 5 s while there is"
                                                                        + " something to watch.")
                                                .withId("chart-note")
                                                .withClass("none")),
                                details(
                                        summary("In figures"),
                                        div(Tables.samples(model.history())).withId("samples")))),
                titled("sites", "Leak sites", div(SiteTable.of(model, live)).withId("sites")),
                iff(
                        model.dryRun() != null,
                        titled(
                                "dry-run",
                                "Would a release hurt?",
                                div(DryRunSection.of(model)).withId("dry-run"))),
                titled(
                        "holders",
                        "Who holds the sockets",
                        div(HoldersSection.of(model)).withId("holders")),
                iff(
                        model.status().tracksAll(),
                        titled(
                                "open",
                                "Open sockets, by the line that opened them",
                                div(Tables.open(model.open())).withId("open"))),
                titled(
                        "sockets",
                        "Sockets",
                        each(
                                filter(filter, token),
                                div(Tables.sockets(model.sockets(), filter, live))
                                        .withId("sockets"))),
                titled(
                        "releases",
                        "What was done, and what the peers saw",
                        div(OutcomeTable.of(model)).withId("releases")),
                iff(live, titled("act", "Act", act(token))),
                titled(
                        "settings",
                        "Settings",
                        div(Tables.settings(model.status().settings(), live)).withId("settings")),
                iff(
                        !model.environment().isEmpty(),
                        titled("environment", "Environment", div(Tables.environment(model.environment())))),
                script(rawHtml(GSON.toJson(Timeline.of(model))))
                        .withType("application/json")
                        .withId("timeline-data"));
    }

    private static DomContent chart(String title, String id, String words) {
        return div(h3(title), div().withId(id).attr("role", "img").attr("aria-label", words));
    }

    /** Enter in the token's field presses the form's first button, which must not be one that releases. */
    private static DomContent enterChecks() {
        return button("Check")
                .withType("submit")
                .attr("form", "act")
                .attr("formaction", "check")
                .isHidden();
    }

    private static DomContent titled(String id, String title, DomContent content) {
        return section(h2(title).withId(id + "-title"), content).attr("aria-labelledby", id + "-title");
    }

    private static DomContent filter(String filter, @Nullable String token) {
        return form(
                        label("Show only rows with").attr("for", "q"),
                        input().withType("search")
                                .withId("q")
                                .withName("q")
                                .withValue(filter)
                                .attr("autocomplete", "off")
                                .attr("placeholder", "address, state, class …"),
                        iff(
                                token != null,
                                input().withType("hidden").withName("token").withValue(token)),
                        button("Filter").withType("submit"))
                .withMethod(token == null ? "get" : "post")
                .withAction("./")
                .withId("filter")
                .withClass("row");
    }

    /** One form for all that changes anything: the buttons beside sockets and sites belong to it, too. Enter only checks the token. */
    private static DomContent act(@Nullable String token) {
        return each(
                form(
                                label("Token, from the application's log").attr("for", "token"),
                                tokenInput(token),
                                button("Check").withType("submit").attr("formaction", "check"),
                                label("Release by").attr("for", "action"),
                                select(
                                                option("drain").withValue("drain"),
                                                option("close").withValue("close"),
                                                option("drain, also doubtful").withValue("drain-doubtful"),
                                                option("close, also doubtful").withValue("close-doubtful"))
                                        .withName("action")
                                        .withId("action"),
                                button("Pause")
                                        .withType("submit")
                                        .attr("formaction", "pause")
                                        .withId("pause"),
                                button("Resume")
                                        .withType("submit")
                                        .attr("formaction", "resume")
                                        .withId("resume"))
                        .withMethod("post")
                        .withAction("check")
                        .withId("act")
                        .withClass("row"),
                set(token),
                p("To change anything, give the token once; it is kept in this tab. The buttons beside sites and sockets need it, too.")
                        .withId("said")
                        .attr("role", "status"));
    }

    private static DomContent set(@Nullable String token) {
        return form(
                        label("Change settings").attr("for", "set-settings"),
                        input().withName("settings")
                                .withId("set-settings")
                                .attr("autocomplete", "off")
                                .attr("placeholder", "timeout=30s,action=drain"),
                        noscript(
                                label("Token").attr("for", "set-token"),
                                input().withType("password")
                                        .withName("token")
                                        .withId("set-token")
                                        .withCondValue(token != null, token)
                                        .attr("autocomplete", "off")),
                        button("Set").withType("submit"))
                .withMethod("post")
                .withAction("set")
                .withId("set")
                .withClass("row");
    }

    private static DomContent tokenInput() {
        return tokenInput(null);
    }

    private static DomContent tokenInput(@Nullable String token) {
        return input().withType("password")
                .withName("token")
                .withId("token")
                .attr("autocomplete", "off")
                .attr("required")
                .withCondValue(token != null, token);
    }
}
