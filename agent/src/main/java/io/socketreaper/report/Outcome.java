package io.socketreaper.report;

/** What was done about a leak. */
public sealed interface Outcome {
    /** {@code action=log}: nothing. */
    record Logged() implements Outcome {
    }

    /** An exclusion of the settings matched: counted, not touched. */
    record Excluded(String rule) implements Outcome {
    }

    /** A veto that only the release can see, e.g. a shared descriptor: not touched. */
    record Spared(String reason) implements Outcome {
    }

    /**
     * Read and discarded, closed, and the descriptor is gone.
     *
     * @param bytes      how many bytes were discarded
     * @param end        what ended the drain
     * @param preview    the first of them, escaped; empty if off
     * @param owner      who closed it
     * @param tookMillis from the claim until the descriptor was seen to be gone
     */
    record Drained(long bytes, DrainEnd end, String preview, String owner, long tookMillis) implements Outcome {
    }

    /** Closed without reading, and the descriptor is gone. */
    record Closed(String owner, long tookMillis) implements Outcome {
    }

    /** The application closed it while it was being drained; the descriptor is gone. */
    record ClosedByApplication(long bytes, long tookMillis) implements Outcome {
    }

    /**
     * Closed, and the descriptor is still held; it is tried again.
     *
     * @param attempts   closes so far
     * @param givenUp    true if this was the last one
     * @param tookMillis since the claim
     */
    record StillHeld(String owner, int attempts, boolean givenUp, long tookMillis) implements Outcome {
    }

    /** What ended a drain. */
    enum DrainEnd {
        /** The end of input: the peer has closed its side, nothing is left to be said. */
        END_OF_INPUT,
        /** The connection was reset. */
        RESET,
        /** {@code drain-idle}: the peer's side is open and silent. */
        IDLE,
        /** All that was there, in one step with the close; the peer's side is open. */
        WITH_CLOSE,
        /** {@code drain-time}: the peer was still sending. */
        TIME,
        /** {@code drain-bytes}: the peer had more to send than we take. */
        BYTES
    }
}
