package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.HumanText;

/** The words for a {@link DescriptorShortage}. Making them opens no descriptor. */
public final class ShortageText implements DescriptorShortage.Visitor<String> {
    private ShortageText() {}

    /** What has happened, in a line; an exhaustion in several. */
    public static String of(DescriptorShortage shortage) {
        return shortage.accept(new ShortageText());
    }

    @Override
    public String begun(DescriptorShortage.Begun begun) {
        return "few descriptors left: " + use(begun) + "; the timeout of proven and strong leaks is now at most "
                + HumanText.duration(begun.timeoutMillis());
    }

    @Override
    public String ended(DescriptorShortage.Ended ended) {
        return "enough descriptors again: " + use(ended) + ", after " + HumanText.duration(ended.lastedMillis()) + "; "
                + released(ended);
    }

    @Override
    public String over(DescriptorShortage.Over over) {
        return "descriptors are available again after " + HumanText.duration(over.lastedMillis()) + ": " + use(over)
                + ", " + over.openBefore() + " before; " + released(over)
                + (over.collected() ? "; " + collection(over) : "");
    }

    private static String collection(DescriptorShortage.Over over) {
        return over.effective()
                ? "the agent asked for a garbage collection"
                : "the agent asked for a garbage collection, but the JVM ran none (-XX:+DisableExplicitGC?)";
    }

    @Override
    public String exhausted(DescriptorShortage.Exhausted exhausted) {
        var out = new StringBuilder(1024);
        out.append("OUT OF DESCRIPTORS (\"Too many open files\"): a socket could not be opened or accepted, ")
                .append(use(exhausted));
        DescriptorKinds kinds = exhausted.kinds();
        if (kinds.total() == 0) {
            ReportText.line(out, "tcp", "what the descriptors are used for is unknown");
        } else {
            ReportText.line(out, "tcp", tcp(kinds));
            ReportText.line(out, "other", other(kinds));
        }
        sites(out, exhausted);
        String label = "open";
        for (OpenCount site : exhausted.opened()) {
            ReportText.line(
                    out,
                    label,
                    HumanText.count(site.descriptors(), "descriptor", "descriptors") + ": opening site " + site.id()
                            + LeakSites.place(site.location()));
            label = "";
        }
        ReportText.line(out, "freed", freed(exhausted));
        return out.toString();
    }

    private static String tcp(DescriptorKinds kinds) {
        int untracked = kinds.count(DescriptorKind.UNTRACKED);
        int otherTcp = kinds.count(DescriptorKind.OTHER_TCP);
        return "ESTABLISHED " + kinds.count(DescriptorKind.ESTABLISHED)
                + ", CLOSE_WAIT " + kinds.count(DescriptorKind.CLOSE_WAIT)
                + ", FIN_WAIT " + kinds.count(DescriptorKind.FIN_WAIT)
                + ", LISTEN " + kinds.count(DescriptorKind.LISTEN)
                + ", finished or never connected " + kinds.count(DescriptorKind.FINISHED)
                + (untracked > 0 ? " (" + untracked + " of them untracked)" : "")
                + (otherTcp > 0 ? ", other " + otherTcp : "");
    }

    private static String other(DescriptorKinds kinds) {
        return "other sockets " + kinds.count(DescriptorKind.OTHER_SOCKETS)
                + ", pipes " + kinds.count(DescriptorKind.PIPES)
                + ", files " + kinds.count(DescriptorKind.FILES)
                + ", selectors " + kinds.count(DescriptorKind.SELECTORS)
                + ", eventfds " + kinds.count(DescriptorKind.EVENTFDS)
                + ", others " + kinds.count(DescriptorKind.OTHERS);
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
                            + site.kind() + ")" + LeakSites.place(site.location()));
            label = "";
        }
    }

    private static String freed(DescriptorShortage.Exhausted exhausted) {
        return exhausted.openNow() + " open " + HumanText.duration(exhausted.lastedMillis()) + " later; "
                + released(exhausted)
                + (exhausted.collecting()
                        ? "; the agent asked for a garbage collection, which frees sockets that the application has dropped"
                        : "");
    }

    private static String released(DescriptorShortage shortage) {
        return shortage.released() == 0
                ? "no leaked socket was released"
                : HumanText.count(shortage.released(), "leaked socket was released", "leaked sockets were released");
    }

    private static String use(DescriptorShortage shortage) {
        return ReportText.descriptors(shortage.open(), shortage.limit());
    }
}
