package io.socketreaper.jmx;

import io.socketreaper.control.DryRunRow;

/** The leaks of one site and grade that were reported and not released. */
public final class DryRunData {
    private final DryRunRow row;

    DryRunData(DryRunRow row) {
        this.row = row;
    }

    @Description("id of the leak site")
    public String getSite() {
        return row.site();
    }

    @Description("kind of leak")
    public String getKind() {
        return row.kind();
    }

    @Description("proven, strong, weak or doubtful, when they were found")
    public String getGrade() {
        return row.grade();
    }

    @Description("the line of code to blame")
    public String getLocation() {
        return row.location();
    }

    @Description(value = "leaks that were reported and not released", unit = "leaks")
    public long getReported() {
        return row.reported();
    }

    @Description(value = "of these: read or written by the application later", unit = "leaks")
    public long getUsed() {
        return row.used();
    }

    @Description(value = "of these: closed by the application later", unit = "leaks")
    public long getClosed() {
        return row.closed();
    }

    @Description(
            value =
                    "the shortest time for which one was idle until the application came back for it, 0 if it never has",
            unit = "ms")
    public long getShortestIdle() {
        return row.shortest();
    }

    @Description(value = "the longest such time, 0 if the application never came back", unit = "ms")
    public long getLongestIdle() {
        return row.longest();
    }

    @Description(value = "the timeout that holds for that kind and grade now", unit = "ms")
    public long getTimeout() {
        return row.timeout();
    }

    @Description("what is done about such a leak now: log, drain or close")
    public String getAction() {
        return row.action();
    }
}
