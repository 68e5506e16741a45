package io.socketreaper.html;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.model.LeakKind;
import io.socketreaper.text.PrintableText;
import java.util.List;

/** A leak site as an issue for the owner of the code, to be copied into any tracker. */
final class IssueText {
    private IssueText() {}

    static String of(SiteInfo site, Status status) {
        var out = new StringBuilder(2048);
        out.append("# Socket leak (")
                .append(site.kind())
                .append("): ")
                .append(site.location())
                .append("\n\n");
        out.append("Kind: ")
                .append(site.kind())
                .append(", ")
                .append(HtmlText.kind(site.kind()))
                .append(".\n");
        out.append("Evidence: ")
                .append(site.grade().isEmpty() ? "pending" : site.grades())
                .append(", site ")
                .append(site.id())
                .append(", found by Socket Reaper")
                .append(status.version().isEmpty() ? "" : " ")
                .append(status.version())
                .append(".\n");
        var totals = site.totals();
        out.append("Counts: found ")
                .append(totals.found())
                .append(", still held ")
                .append(totals.held())
                .append(", released by the agent ")
                .append(totals.released())
                .append(", closed by the application after all ")
                .append(totals.releasedAfterAll())
                .append(", excluded ")
                .append(totals.excluded())
                .append(".\n");
        out.append("Seen: ")
                .append(HtmlText.moment(site.firstMillis()))
                .append(" to ")
                .append(HtmlText.moment(site.lastMillis()))
                .append(".\n");
        if (!site.report().isEmpty()) {
            indented(out.append("\n## The last one\n\n"), site.report());
        }
        var code = SiteCode.of(site);
        stack(out, code.title(), code.deed(), site.stack());
        if (site.stack().isEmpty()) {
            out.append(SiteCode.withoutStack(site)).append('\n');
        }
        if (code.tellsOpening()) {
            stack(out, "Opening", "it opened the socket", site.opening());
        }
        out.append("\n## How to reproduce\n\n");
        out.append("1. Start the application with -javaagent:socket-reaper.jar=action=log,timeout=5s")
                .append(status.setting("track", "half-closed").equals("all") ? ",track=all" : "")
                .append("\n");
        out.append("2. ").append(hint(site.kind())).append('\n');
        out.append("3. Wait for the timeout: the log says LEAK ")
                .append(site.kind())
                .append(" at site ")
                .append(site.id())
                .append(", the same id in every run of the same code.\n");
        return PrintableText.block(out.toString());
    }

    private static void stack(StringBuilder out, String title, String deed, List<String> frames) {
        out.append("\n## ")
                .append(title)
                .append(deed.isEmpty() ? "" : ": " + deed)
                .append("\n\n");
        for (String frame : frames) {
            out.append("    at ").append(PrintableText.line(frame)).append('\n');
        }
    }

    private static void indented(StringBuilder out, String report) {
        report.lines().forEach(line -> out.append("    ").append(line).append('\n'));
    }

    private static String hint(String word) {
        LeakKind kind = LeakKind.named(word);
        return kind == null
                ? "Let a socket be opened by the line above."
                : switch (kind) {
                    case HALF_CLOSED ->
                        "Let a connection run through the line above; after it has shut its output, let the peer send a few"
                                + " more bytes and close.";
                    case PEER_CLOSED ->
                        "Let a connection be opened by the line above, and let the peer close it first.";
                    case WINDOW_FULL ->
                        "Let a connection be opened by the line above, and let the peer send more than its receive buffer holds.";
                    case CLOSED_NOT_RELEASED ->
                        "Let the line above close a registered channel while no thread selects on its selector.";
                    case UNREACHABLE ->
                        "Let a socket be opened by the line above, drop the last reference, and let the collector run.";
                    case NEVER_CONNECTED -> "Let a socket be opened by the line above.";
                };
    }
}
