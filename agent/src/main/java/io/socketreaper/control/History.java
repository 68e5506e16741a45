package io.socketreaper.control;

import java.util.List;

/**
 * The recent past, bounded; the oldest first. Times are milliseconds since 1970.
 *
 * @param samples  figures, taken every 5 s at most while there is anything to watch
 * @param releases what became of the last leaks
 */
public record History(List<Sample> samples, List<Event> releases) {
    /**
     * @param open     open descriptors, -1 if unknown
     * @param limit    how many may be open, -1 if unlimited or unknown
     * @param suspects sockets that show a sign
     * @param found    leaks so far
     * @param released of these: released by the agent
     */
    public record Sample(long atMillis, int open, long limit, int suspects, long found, long released) {}

    /**
     * @param what         {@code logged}, {@code excluded}, {@code spared}, {@code drained}, {@code closed},
     *                     {@code closed-by-application}, {@code still-held}, {@code given-up}, {@code released-after-all}
     * @param done         the same in a sentence
     * @param peerOutcome  what the peer saw, in words; empty if there is none
     * @param drainedBytes bytes read and discarded
     * @param tookMillis   from the claim to the end, -1 if the socket was not claimed
     */
    public record Event(
            long atMillis,
            String site,
            String kind,
            String grade,
            String local,
            String peer,
            int descriptor,
            String what,
            String done,
            String peerOutcome,
            long drainedBytes,
            long tookMillis) {}
}
