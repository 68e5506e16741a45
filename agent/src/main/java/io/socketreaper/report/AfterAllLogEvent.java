package io.socketreaper.report;

import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Leak;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;

/** A leak that was reported is none any more. */
record AfterAllLogEvent(String message, Leak leak, AfterAll how, long afterMillis, AddressFormat addresses)
        implements LogEvent {
    @Override
    public String name() {
        return "released-after-all";
    }

    @Override
    public void facts(LogFields facts) {
        facts.text("site", leak.site().id());
        facts.text("location", leak.site().location());
        facts.text("kind", leak.kind().toString());
        facts.text("local", addresses.of(leak.endpoints().local()));
        facts.text("peer", addresses.of(leak.endpoints().remote()));
        facts.number("fd", leak.descriptor());
        facts.flag("closed", how != AfterAll.USED);
        facts.flag("collected", how == AfterAll.COLLECTED);
        facts.number("after_ms", afterMillis);
    }

    @Override
    public String toString() {
        return message;
    }
}
