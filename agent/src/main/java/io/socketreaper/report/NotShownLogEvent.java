package io.socketreaper.report;

import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;

/** How much the counts before it stand for. */
record NotShownLogEvent(long reports) implements LogEvent {
    @Override
    public String name() {
        return "not-shown";
    }

    @Override
    public void facts(LogFields facts) {
        facts.number("reports", reports);
    }

    @Override
    public String toString() {
        return reports + " reports were not shown one by one since the last count";
    }
}
