package io.socketreaper.control;

/**
 * Counts since the agent was loaded.
 *
 * @param found            leaks found, with every outcome
 * @param held             of these: still there; follows from the others
 * @param released         of these: released by the agent, descriptor gone
 * @param releasedAfterAll of these: closed or used again by the application, or dropped by it and closed by the JDK
 * @param excluded         of these: not touched because of an exclusion
 * @param givenUp          of these: closed by the agent, and the descriptor is still held
 * @param drainedBytes     bytes that were read and discarded
 */
public record Totals(
        long found, long held, long released, long releasedAfterAll, long excluded, long givenUp, long drainedBytes) {
    /** Before the first leak. */
    public static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0);

    public Totals(long found, long released, long releasedAfterAll, long excluded, long givenUp, long drainedBytes) {
        this(
                found,
                Math.max(0, found - released - releasedAfterAll),
                released,
                releasedAfterAll,
                excluded,
                givenUp,
                drainedBytes);
    }

    /** The sum of both. */
    public Totals plus(Totals other) {
        return new Totals(
                found + other.found,
                released + other.released,
                releasedAfterAll + other.releasedAfterAll,
                excluded + other.excluded,
                givenUp + other.givenUp,
                drainedBytes + other.drainedBytes);
    }
}
