package io.socketreaper.cli;

import io.socketreaper.control.Request;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.model.BlameKind;
import io.socketreaper.text.PrintableText;
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
                print(sites);
                printUnwatched(client.ask(new Request.GetStatus()));
            }
        }
        return ExitCode.DONE;
    }

    private void print(List<SiteInfo> sites) {
        if (sites.isEmpty()) {
            out().println(
                            "No leak has been found yet. A socket counts as leaked once it was idle for the timeout, see: "
                                    + "status " + pid());
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
                    + (site.grade().isEmpty() ? "" : " (" + site.grade() + ")") + ": " + counts
                    + (site.lastMillis() == 0
                            ? ""
                            : "; first "
                                    + time(now - site.firstMillis())
                                    + " ago, last " + time(now - site.lastMillis()) + " ago"));
            out().println((site.stack().isEmpty() ? "    " : "    at ")
                    + styled(PrintableText.block(site.location()), Style.fg_red));
            callers(site).forEach(frame -> out().println("       " + PrintableText.block(frame)));
            printBlame(site);
            if (!site.lastOutcome().isEmpty()) {
                out().println("    last: " + PrintableText.block(site.lastOutcome()));
            }
            if (full && !site.report().isEmpty()) {
                out().println(PrintableText.block(site.report()).indent(CALLERS).stripTrailing());
            }
        }
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

    /** The frames below the leak site: only the application's, unless all are wanted. */
    private List<String> callers(SiteInfo site) {
        if (full) {
            return site.stack();
        }
        int blamed = site.stack().indexOf(site.location());
        return site.stack().stream()
                .skip(blamed + 1)
                .filter(frame -> !frame.startsWith("java.base/"))
                .limit(CALLERS)
                .toList();
    }
}
