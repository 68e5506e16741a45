package io.socketreaper.jmx;

/** A leak site: one bug. */
public interface SiteData {
    @Description("eight hex digits, the same in every run of the same code; other for all sites after the first 256")
    String getId();

    @Description("kind of leak")
    String getKind();

    @Description("of its last leak: proven, strong, weak or doubtful; empty while its first leak is being released")
    String getGrade();

    @Description("the line of code to blame")
    String getLocation();

    @Description("of its first leak, innermost frame first: of the line to blame, else of the half-close or opening")
    String[] getStack();

    @Description("what the line to blame has done: end-of-input, half-close, last-read, last-write, opening or none")
    String getBlame();

    @Description("in which its first leak was opened, innermost frame first; empty if it is not known")
    String[] getOpeningStack();

    @Description(value = "leaks found here, with every outcome", unit = "leaks")
    long getFound();

    @Description(value = "of these: released by the agent, descriptor gone", unit = "leaks")
    long getReleased();

    @Description(
            value = "of these: closed or used again by the application, or dropped by it and closed by the JDK",
            unit = "leaks")
    long getReleasedAfterAll();

    @Description(value = "of these: not touched because of an exclusion", unit = "leaks")
    long getExcluded();

    @Description(value = "of these: closed by the agent, and the descriptor is still held", unit = "leaks")
    long getGivenUp();

    @Description(value = "leaks that are still there", unit = "leaks")
    long getHeld();

    @Description(value = "bytes that were read and discarded", unit = "bytes")
    long getDrainedBytes();

    @Description(value = "when its first leak was found, 0 before it was reported", unit = "ms since 1970")
    long getFirstTime();

    @Description(value = "when its last leak was found, 0 before it was reported", unit = "ms since 1970")
    long getLastTime();

    @Description("what was done about the last one, in words")
    String getLastOutcome();

    @Description("the full text of the last report")
    String getReport();
}
