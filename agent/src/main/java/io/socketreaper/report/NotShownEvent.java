package io.socketreaper.report;

import io.socketreaper.log.Event;
import io.socketreaper.log.Facts;

/** How much the counts before it stand for. */
record NotShownEvent(long reports) implements Event {
    @Override
    public String name() {
        return "not-shown";
    }

    @Override
    public void facts(Facts facts) {
        facts.number("reports", reports);
    }

    @Override
    public String toString() {
        return reports + " reports were not shown one by one since the last count";
    }
}
