package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import java.util.List;

/** Descriptors become few, run out, or are there again. */
record ShortageLogEvent(String message, DescriptorShortage shortage) implements LogEvent {
    @Override
    public String name() {
        return shortage instanceof DescriptorShortage.Begun
                ? "pressure-begun"
                : shortage instanceof DescriptorShortage.Ended
                        ? "pressure-ended"
                        : shortage instanceof DescriptorShortage.Exhausted ? "out-of-descriptors" : "descriptors-left";
    }

    @Override
    public void facts(LogFields facts) {
        if (shortage instanceof DescriptorShortage.Begun begun) {
            use(facts, begun.open(), begun.limit());
            facts.number("timeout_ms", begun.timeoutMillis());
        } else if (shortage instanceof DescriptorShortage.Ended ended) {
            use(facts, ended.open(), ended.limit());
            facts.number("lasted_ms", ended.lastedMillis());
            facts.number("released", ended.released());
        } else if (shortage instanceof DescriptorShortage.Exhausted exhausted) {
            exhausted(facts, exhausted);
        } else if (shortage instanceof DescriptorShortage.Over over) {
            use(facts, over.open(), over.limit());
            facts.number("descriptors_before", over.openBefore());
            facts.number("lasted_ms", over.lastedMillis());
            facts.number("released", over.released());
            facts.flag("collected", over.collected());
            facts.flag("effective", over.effective());
        }
    }

    private static void use(LogFields facts, int open, long limit) {
        facts.number("descriptors_open", open);
        facts.number("descriptors_limit", limit);
    }

    private static void exhausted(LogFields facts, DescriptorShortage.Exhausted exhausted) {
        use(facts, exhausted.open(), exhausted.limit());
        facts.number("descriptors_now", exhausted.openNow());
        facts.number("since_ms", exhausted.sinceMillis());
        facts.number("released", exhausted.released());
        facts.flag("collecting", exhausted.collecting());
        DescriptorKinds kinds = exhausted.kinds();
        if (kinds.total() > 0) {
            facts.number("listen", kinds.listen());
            facts.number("established", kinds.established());
            facts.number("close_wait", kinds.closeWait());
            facts.number("fin_wait", kinds.finWait());
            facts.number("finished", kinds.finished());
            facts.number("untracked", kinds.untracked());
            facts.number("other_tcp", kinds.otherTcp());
            facts.number("other_sockets", kinds.otherSockets());
            facts.number("pipes", kinds.pipes());
            facts.number("files", kinds.files());
            facts.number("others", kinds.others());
        }
        List<LeakSite> sites = exhausted.sites();
        var ids = new String[sites.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = sites.get(i).id();
        }
        facts.list("sites", ids);
    }

    @Override
    public String toString() {
        return message;
    }
}
