package io.socketreaper.leak;

import org.jspecify.annotations.Nullable;

/** What was done about a leak. */
public sealed interface Outcome {
    /** This outcome in one word. */
    OutcomeName name();

    /** Bytes that were read and discarded. */
    default long bytes() {
        return 0;
    }

    /**
     * Milliseconds from the claim until the descriptor was seen to be gone, or until the last try; -1 if the socket was not
     * claimed.
     */
    default long tookMillis() {
        return -1;
    }

    /** What ended the drain; null if there was none. */
    default @Nullable DrainEnd end() {
        return null;
    }

    /** What owner and peer were told. */
    default Told told() {
        return Told.NOTHING;
    }

    /** Calls the method of the visitor that belongs to this outcome. */
    <T> T accept(Visitor<T> visitor);

    /** Something that is different for each outcome. */
    interface Visitor<T> {
        T logged(Logged outcome);

        T excluded(Excluded outcome);

        T spared(Spared outcome);

        T drained(Drained outcome);

        T closed(Closed outcome);

        T closedByApplication(ClosedByApplication outcome);

        T stillHeld(StillHeld outcome);
    }

    /** Only reported, because the settings say {@code action=log}. */
    record Logged() implements Outcome {
        @Override
        public OutcomeName name() {
            return OutcomeName.LOGGED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.logged(this);
        }
    }

    /** An exclusion of the settings matched: counted, not touched. */
    record Excluded(String rule) implements Outcome {
        @Override
        public OutcomeName name() {
            return OutcomeName.EXCLUDED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.excluded(this);
        }
    }

    /** A veto that only the release can see, e.g. a shared descriptor: not touched. */
    record Spared(String reason) implements Outcome {
        @Override
        public OutcomeName name() {
            return OutcomeName.SPARED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.spared(this);
        }
    }

    /**
     * Read and discarded, closed, and the descriptor is gone.
     *
     * @param bytes      how many bytes were discarded
     * @param end        what ended the drain
     * @param preview    the first of them, escaped; empty if off
     * @param owner      who closed it
     * @param tookMillis from the claim until the descriptor was seen to be gone
     * @param told       what owner and peer were told
     */
    record Drained(long bytes, DrainEnd end, String preview, String owner, long tookMillis, Told told)
            implements Outcome {
        @Override
        public OutcomeName name() {
            return OutcomeName.DRAINED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.drained(this);
        }
    }

    /** Closed without reading, and the descriptor is gone. */
    record Closed(String owner, long tookMillis, Told told) implements Outcome {
        @Override
        public OutcomeName name() {
            return OutcomeName.CLOSED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.closed(this);
        }
    }

    /** The application closed it while it was being drained; the descriptor is gone. */
    record ClosedByApplication(long bytes, long tookMillis) implements Outcome {
        @Override
        public OutcomeName name() {
            return OutcomeName.CLOSED_BY_APPLICATION;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.closedByApplication(this);
        }
    }

    /**
     * Closed, and the descriptor is still held; it is tried again.
     *
     * @param attempts   closes so far
     * @param givenUp    true if this was the last one
     * @param tookMillis since the claim
     */
    record StillHeld(String owner, int attempts, boolean givenUp, long tookMillis) implements Outcome {
        @Override
        public OutcomeName name() {
            return givenUp ? OutcomeName.GIVEN_UP : OutcomeName.STILL_HELD;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.stillHeld(this);
        }
    }

    /**
     * What owner and peer were told of a release.
     *
     * @param peer  what the peer sees
     * @param owner how the owner came to know of it
     * @param why   why the owner could not be told; empty unless that is so
     */
    record Told(Peer peer, ToldOwner owner, String why) {
        /** Owner and peer were told no more than the snapshot shows. */
        public static final Told NOTHING = new Told(Peer.END, ToldOwner.BY_CLOSE, "");
    }

    /** What a peer sees of a release. */
    enum Peer {
        /** What its own state and ours make of a plain close. */
        END,
        /** A reset, because the application had not ended its answer. */
        RESET,
        /** The same of a unix-domain socket, which has no other way to tell it than bytes that were never read. */
        UNREAD,
        /** The end of an answer that may be unfinished, because a unix-domain socket without unread input cannot be reset. */
        UNFINISHED
    }

    /** How an owner came to know of a release. */
    enum ToldOwner {
        /** The object that was closed is the one that it holds, or is closed by the owner itself. */
        BY_CLOSE,
        /** Its own read failed after the socket was handed back, and it closed it. */
        BY_ITS_READ,
        /** The socket was handed back, and its owner left it open. */
        IN_VAIN,
        /** The socket was to be handed back, and its owner's thread did not come to it in time. */
        NOT_IN_TIME,
        /** It has no way to find out. */
        NOT_AT_ALL
    }

    /** What ended a drain. */
    enum DrainEnd {
        /** The end of input: the peer has closed its side. */
        END_OF_INPUT,
        /** The connection was reset. */
        RESET,
        /** {@code drain-idle}: the peer's side is open and silent. */
        IDLE,
        /** All unread input was discarded; both sides have ended TLS, so later input could not be decrypted. */
        TLS_OVER,
        /** All unread input was discarded in one step with the close; the peer's side is open. */
        WITH_CLOSE,
        /** {@code drain-time}: the peer was still sending. */
        TIME,
        /** {@code drain-bytes}: the peer had more to send than we take. */
        BYTES
    }
}
