package io.socketreaper.report;

import io.socketreaper.leak.LeakSite;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;

/**
 * The counts of one leak site so far.
 *
 * @param grown leaks since its last counts, {@link LogSink#FIRST} if these are the first
 */
record CountsLogEvent(String message, LeakSite site, long grown) implements LogEvent {
    @Override
    public String name() {
        return "counts";
    }

    @Override
    public void facts(LogFields facts) {
        facts.text("site", site.id());
        facts.text("location", site.location());
        facts.text("kind", site.kind().toString());
        facts.number("found", site.found());
        if (grown != LogSink.FIRST) {
            facts.number("found_since", grown);
        }
        facts.number("released", site.released());
        facts.number("released_after_all", site.releasedAfterAll());
        facts.number("excluded", site.excluded());
    }

    @Override
    public String toString() {
        return message;
    }
}
