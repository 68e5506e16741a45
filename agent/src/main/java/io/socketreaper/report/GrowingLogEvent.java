package io.socketreaper.report;

import io.socketreaper.leak.GrowingSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;

/** The open sockets of a line of code have begun to pile up, or have stopped. */
record GrowingLogEvent(String message, GrowingSite site) implements LogEvent {
    @Override
    public String name() {
        return site.growing() ? "growing" : "growing-ended";
    }

    @Override
    public void facts(LogFields facts) {
        facts.text("site", site.id());
        facts.text("location", site.location());
        if (site.port() >= 0) {
            facts.number("port", site.port());
        }
        facts.number("sockets_open", site.open());
        facts.number("descriptors_open", site.descriptors());
        facts.number("descriptors_limit", site.limit());
        if (site.growing()) {
            // Whole sockets an hour, because a slow leak has less than one a minute.
            facts.number("per_hour", Math.round(site.perMinute() * 60));
            facts.number("since_ms", site.sinceMillis());
            if (site.millisToLimit() >= 0) {
                facts.number("limit_in_ms", site.millisToLimit());
            }
            var stack = new String[site.stack().length];
            for (int i = 0; i < stack.length; i++) {
                stack[i] = LeakSites.stable(site.stack()[i]);
            }
            facts.list("stack", stack);
        }
    }

    @Override
    public String toString() {
        return message;
    }
}
