package io.socketreaper.jmx;

import io.socketreaper.control.Totals;

/** Counts since the agent was loaded. */
public final class CountsData {
    private final Totals info;

    CountsData(Totals info) {
        this.info = info;
    }

    @Description(value = "leaks found, with every outcome", unit = "leaks")
    public long getFound() {
        return info.found();
    }

    @Description(value = "of these: released by the agent, descriptor gone", unit = "leaks")
    public long getReleased() {
        return info.released();
    }

    @Description(
            value = "of these: closed or used again by the application, or dropped by it and closed by the JDK",
            unit = "leaks")
    public long getReleasedAfterAll() {
        return info.releasedAfterAll();
    }

    @Description(value = "of these: not touched because of an exclusion", unit = "leaks")
    public long getExcluded() {
        return info.excluded();
    }

    @Description(value = "of these: closed by the agent, and the descriptor is still held", unit = "leaks")
    public long getGivenUp() {
        return info.givenUp();
    }

    @Description(value = "leaks that are still there", unit = "leaks")
    public long getHeld() {
        return info.held();
    }

    @Description(value = "bytes that were read and discarded", unit = "bytes")
    public long getDrainedBytes() {
        return info.drainedBytes();
    }
}
