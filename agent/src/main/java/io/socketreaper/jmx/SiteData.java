package io.socketreaper.jmx;

/** A leak site: one bug. */
public interface SiteData {
    @About("eight hex digits, the same in every run of the same code; other for those beyond the first 256")
    String getId();

    @About("kind of leak")
    String getKind();

    @About("of its last leak: proven, strong, weak or doubtful; empty while its first leak is being released")
    String getGrade();

    @About("the line of code to blame")
    String getLocation();

    @About("of its first leak, innermost frame first")
    String[] getStack();

    @About(value = "leaks found here, whatever became of them", unit = "leaks")
    long getFound();

    @About(value = "of these: released by the agent, descriptor gone", unit = "leaks")
    long getReleased();

    @About(value = "of these: closed or used again by the application", unit = "leaks")
    long getReleasedAfterAll();

    @About(value = "of these: kept from being touched by an exclusion", unit = "leaks")
    long getExcluded();

    @About(value = "of these: closed by the agent, and the descriptor is still held", unit = "leaks")
    long getGivenUp();

    @About(value = "leaks that are still there", unit = "leaks")
    long getHeld();

    @About(value = "bytes that were read and discarded", unit = "bytes")
    long getDrainedBytes();

    @About(value = "when its first leak was found, 0 before it was reported", unit = "ms since 1970")
    long getFirstTime();

    @About(value = "when its last leak was found, 0 before it was reported", unit = "ms since 1970")
    long getLastTime();

    @About("what was done about the last, in words")
    String getLastOutcome();

    @About("the last report in full")
    String getReport();
}
