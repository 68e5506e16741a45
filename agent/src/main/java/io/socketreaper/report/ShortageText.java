package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSite;

/** The words for a {@link DescriptorShortage}. They are found without a descriptor, and without classes that other reports do not need. */
public final class ShortageText {
    private ShortageText() {}

    /** What has happened, in a line; an exhaustion in several. */
    public static String of(DescriptorShortage shortage) {
        if (shortage instanceof DescriptorShortage.Begun begun) {
            return "descriptors become few: " + use(begun.open(), begun.limit())
                    + "; proven and strong leaks count as leaked after " + ReportText.time(begun.timeoutMillis())
                    + " from now on";
        } else if (shortage instanceof DescriptorShortage.Ended ended) {
            return "descriptors are no longer few: " + use(ended.open(), ended.limit()) + ", after "
                    + ReportText.time(ended.lastedMillis()) + "; " + released(ended.released());
        } else if (shortage instanceof DescriptorShortage.Exhausted exhausted) {
            return of(exhausted);
        } else if (shortage instanceof DescriptorShortage.Over over) {
            return "descriptors are left again after " + ReportText.time(over.lastedMillis()) + ": "
                    + use(over.open(), over.limit()) + ", " + over.openBefore() + " before; "
                    + released(over.released())
                    + (over.collected() ? "; " + collection(over) : "");
        }
        throw new IllegalArgumentException(String.valueOf(shortage));
    }

    private static String collection(DescriptorShortage.Over over) {
        return over.effective()
                ? "a garbage collection was asked for"
                : "a garbage collection was asked for, and the JVM did " + "nothing (-XX:+DisableExplicitGC?)";
    }

    private static String of(DescriptorShortage.Exhausted exhausted) {
        var out = new StringBuilder(1024);
        out.append("OUT OF DESCRIPTORS (\"Too many open files\"): a socket could not be opened or accepted, ")
                .append(use(exhausted.open(), exhausted.limit()));
        DescriptorKinds kinds = exhausted.kinds();
        if (kinds.total() == 0) {
            ReportText.line(out, "tcp", "what they are used for cannot be told");
        } else {
            ReportText.line(out, "tcp", tcp(kinds));
            ReportText.line(out, "other", other(kinds));
        }
        sites(out, exhausted);
        ReportText.line(out, "freed", freed(exhausted));
        return out.toString();
    }

    private static String tcp(DescriptorKinds kinds) {
        var out = new StringBuilder();
        out.append("ESTABLISHED ")
                .append(kinds.established())
                .append(", CLOSE_WAIT ")
                .append(kinds.closeWait())
                .append(", FIN_WAIT ")
                .append(kinds.finWait())
                .append(", LISTEN ")
                .append(kinds.listen())
                .append(", finished or never connected ")
                .append(kinds.finished());
        if (kinds.untracked() > 0) {
            out.append(" (").append(kinds.untracked()).append(" of them untracked)");
        }
        return kinds.otherTcp() == 0
                ? out.toString()
                : out.append(", other ").append(kinds.otherTcp()).toString();
    }

    private static String other(DescriptorKinds kinds) {
        return "other sockets " + kinds.otherSockets() + ", pipes " + kinds.pipes() + ", files " + kinds.files()
                + ", epoll, eventfd and the like " + kinds.others();
    }

    private static void sites(StringBuilder out, DescriptorShortage.Exhausted exhausted) {
        if (exhausted.sites().isEmpty()) {
            ReportText.line(out, "sites", "no leak is known");
        }
        String label = "sites";
        for (LeakSite site : exhausted.sites()) {
            ReportText.line(
                    out,
                    label,
                    "found " + site.found() + ", released " + site.released() + ": site " + site.id() + " ("
                            + site.kind() + ") at " + site.location());
            label = "";
        }
    }

    private static String freed(DescriptorShortage.Exhausted exhausted) {
        return exhausted.openNow() + " open " + ReportText.time(exhausted.sinceMillis()) + " later; "
                + released(exhausted.released())
                + (exhausted.collecting()
                        ? "; a garbage collection was asked for, it frees what the application has dropped"
                        : "");
    }

    private static String released(long count) {
        return count == 0
                ? "no leaked socket was released"
                : count == 1 ? "1 leaked socket was released" : count + " leaked sockets were released";
    }

    private static String use(int open, long limit) {
        return open + " of " + limit + " descriptors open (" + 100L * open / Math.max(1, limit) + " %)";
    }
}
