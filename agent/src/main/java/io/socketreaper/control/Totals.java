package io.socketreaper.control;

/**
 * Counts since the agent came.
 *
 * @param found            leaks found, whatever became of them
 * @param released         of these: released by the agent, descriptor gone
 * @param releasedAfterAll of these: closed or used again by the application
 * @param excluded         of these: kept from being touched by an exclusion
 * @param givenUp          of these: closed by the agent, and the descriptor is still held
 * @param drainedBytes     bytes that were read and discarded
 */
public record Totals(long found, long released, long releasedAfterAll, long excluded, long givenUp, long drainedBytes) {
    /** Leaks that are still there. */
    public long held() {
        return Math.max(0, found - released - releasedAfterAll);
    }
}
