package io.socketreaper.report;

import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import io.socketreaper.text.HumanText;

/** How many reports the counts before it stand for. */
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
        return HumanText.count(reports, "report was", "reports were") + " only counted, not shown";
    }
}
