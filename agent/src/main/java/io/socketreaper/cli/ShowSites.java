package io.socketreaper.cli;

import io.socketreaper.control.Request;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.model.BlameKind;
import io.socketreaper.text.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Option;

/** Lists the leak sites. */
@Command(
        name = "sites",
        description =
                "Lists the leak sites, which are the lines of code that lose sockets; those with the most held sockets first.")
final class ShowSites extends AgentCommand {
    private static final int CALLERS = 4;

    @Option(names = "--full", description = "Also print the whole stack and the last report of each site.")
    private boolean full;

    @Override
    ExitCode run() {
        try (var client = open()) {
            List<SiteInfo> sites = client.ask(new Request.GetSites());
            if (json()) {
                printJson(sites);
            } else {
                Status status = client.ask(new Request.GetStatus());
                print(sites, status);
                printUnwatched(status);
            }
        }
        return ExitCode.DONE;
    }

    private void print(List<SiteInfo> sites, Status status) {
        if (sites.isEmpty()) {
            out().println("No leak has been found yet"
                    + (status.suspects() == 0
                            ? ", and no socket shows a sign of one. See: status " + pid()
                            : ". " + watched(status)));
        }
        long now = System.currentTimeMillis();
        for (SiteInfo site : sites) {
            var totals = site.totals();
            var counts = new StringJoiner(", ")
                    .add("found " + totals.found())
                    .add("held " + totals.held())
                    .add("released " + totals.released());
            if (totals.releasedAfterAll() > 0) {
                counts.add("after all " + totals.releasedAfterAll());
            }
            if (totals.excluded() > 0) {
                counts.add("excluded " + totals.excluded());
            }
            if (totals.givenUp() > 0) {
                counts.add("given up " + totals.givenUp());
            }
            out().println(styled("site " + site.id(), Style.bold) + "  " + site.kind()
                    + (site.grade().isEmpty() ? "" : " (" + site.grades() + ")") + ": " + counts
                    + (site.lastMillis() == 0
                            ? ""
                            : "; first "
                                    + time(now - site.firstMillis())
                                    + " ago, last " + time(now - site.lastMillis()) + " ago"));
            printCode(site);
            printBlame(site);
            if (!site.lastOutcome().isEmpty()) {
                out().println("    last: " + PrintableText.block(site.lastOutcome()));
            }
            if (full && !site.report().isEmpty()) {
                out().println(PrintableText.block(withoutStack(site.report(), site.stack()))
                        .indent(CALLERS)
                        .stripTrailing());
            }
        }
    }

    /** The line, and the frames below it; with {@code --full} the whole stack, in which the line is marked. */
    private void printCode(SiteInfo site) {
        String line = site.location();
        int named = indexOf(line, site.stack());
        if (!full || named < 0) {
            out().println((site.stack().isEmpty() ? "    " : "    at ")
                    + styled(PrintableText.block(line), Style.fg_red));
        }
        if (!full) {
            site.stack().stream()
                    .skip(named + 1L)
                    .filter(frame -> !frame.startsWith("java.base/"))
                    .limit(CALLERS)
                    .forEach(frame -> out().println("       " + PrintableText.block(frame)));
            return;
        }
        for (int i = 0; i < site.stack().size(); i++) {
            String frame = PrintableText.block(site.stack().get(i));
            out().println(i == named ? "    at " + styled(frame, Style.fg_red) : "       " + frame);
        }
    }

    /** The frame of a line of code: its class may be in a named module or loader, {@code app//com.example.Server}. -1 if there is none. */
    private static int indexOf(String line, List<String> stack) {
        for (int i = 0; i < stack.size(); i++) {
            if (stack.get(i).equals(line) || stack.get(i).endsWith("/" + line)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * A report without a stack that is printed above it.
     *
     * @param stack its frames, innermost first; a report may show only the first of them, and how many more there are
     */
    static String withoutStack(String report, List<String> stack) {
        var kept = new ArrayList<String>();
        List<String> lines = report.lines().toList();
        for (int i = 0; i < lines.size(); ) {
            int same = 0;
            while (i + same < lines.size()
                    && same < stack.size()
                    && lines.get(i + same).strip().equals("at " + stack.get(same))) {
                same++;
            }
            int end = i + same;
            String next = end < lines.size() ? lines.get(end).strip() : "";
            boolean cut = next.equals("... " + (stack.size() - same) + " more");
            if (same > 0 && (cut || same == stack.size() && !next.startsWith("at "))) {
                kept.add(lines.get(i).substring(0, lines.get(i).indexOf("at ")) + "(the stack above)");
                i = cut ? end + 1 : end;
            } else {
                kept.add(lines.get(i));
                i++;
            }
        }
        return String.join("\n", kept);
    }

    /** What the line has done, and which line has opened the socket. */
    private void printBlame(SiteInfo site) {
        BlameKind kind = BlameKind.named(site.blame());
        if (kind != null) {
            String deed = kind == BlameKind.NONE ? "the line to blame is not known" : "blamed: " + kind.deed();
            boolean opens = site.openedAt().isEmpty() || kind == BlameKind.OPENING;
            out().println("    " + PrintableText.block(opens ? deed : deed + "; opened at " + site.openedAt()));
        }
    }
}
