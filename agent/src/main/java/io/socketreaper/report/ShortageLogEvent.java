package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import io.socketreaper.model.DescriptorKind;
import java.util.List;

/** The event that few descriptors are left, or none, or enough again. */
record ShortageLogEvent(String message, DescriptorShortage shortage) implements LogEvent {
    @Override
    public String name() {
        return shortage.stage().logEvent();
    }

    @Override
    public void facts(LogFields facts) {
        facts.number("descriptors_open", shortage.open());
        facts.number("descriptors_limit", shortage.limit());
        shortage.accept(new Fields(facts));
    }

    @Override
    public String toString() {
        return message;
    }

    /** The fields of one kind of event. */
    private record Fields(LogFields facts) implements DescriptorShortage.Visitor<Void> {
        @Override
        public Void begun(DescriptorShortage.Begun begun) {
            facts.number("timeout_ms", begun.timeoutMillis());
            return null;
        }

        @Override
        public Void ended(DescriptorShortage.Ended ended) {
            facts.number("lasted_ms", ended.lastedMillis());
            facts.number("released", ended.released());
            return null;
        }

        @Override
        public Void exhausted(DescriptorShortage.Exhausted exhausted) {
            facts.number("descriptors_now", exhausted.openNow());
            facts.number("since_ms", exhausted.lastedMillis());
            facts.number("released", exhausted.released());
            facts.flag("collecting", exhausted.collecting());
            DescriptorKinds kinds = exhausted.kinds();
            if (kinds.total() > 0) {
                for (DescriptorKind kind : DescriptorKind.values()) {
                    facts.number(kind.toString(), kinds.count(kind));
                }
            }
            List<LeakSite> sites = exhausted.sites();
            var ids = new String[sites.size()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = sites.get(i).id();
            }
            facts.list("sites", ids);
            List<OpenCount> opened = exhausted.opened();
            var openIds = new String[opened.size()];
            for (int i = 0; i < openIds.length; i++) {
                openIds[i] = opened.get(i).id();
            }
            facts.list("open_sites", openIds);
            return null;
        }

        @Override
        public Void over(DescriptorShortage.Over over) {
            facts.number("descriptors_before", over.openBefore());
            facts.number("lasted_ms", over.lastedMillis());
            facts.number("released", over.released());
            facts.flag("collected", over.collected());
            facts.flag("effective", over.effective());
            return null;
        }
    }
}
