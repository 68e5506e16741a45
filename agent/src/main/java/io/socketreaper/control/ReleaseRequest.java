package io.socketreaper.control;

import io.socketreaper.model.Action;

/** What an operator can ask for when a leak was only reported. */
public enum ReleaseRequest {
    /** Read and discard, then close; a doubtful leak is not touched. */
    DRAIN("drain", Action.DRAIN, false),
    /** Close at once; a doubtful leak is not touched. */
    CLOSE("close", Action.CLOSE, false),
    /** As {@link #DRAIN}, also for a doubtful leak. */
    DRAIN_DOUBTFUL("drain-doubtful", Action.DRAIN, true),
    /** As {@link #CLOSE}, also for a doubtful leak. */
    CLOSE_DOUBTFUL("close-doubtful", Action.CLOSE, true);

    private final String word;
    private final Action action;
    private final boolean doubtful;

    ReleaseRequest(String word, Action action, boolean doubtful) {
        this.word = word;
        this.action = action;
        this.doubtful = doubtful;
    }

    /** What the agent does with the socket. */
    public Action action() {
        return action;
    }

    /** Whether a doubtful leak is released, too. */
    public boolean doubtfulToo() {
        return doubtful;
    }

    /** A drain or a close. */
    public static ReleaseRequest of(boolean close, boolean doubtfulToo) {
        return close ? doubtfulToo ? CLOSE_DOUBTFUL : CLOSE : doubtfulToo ? DRAIN_DOUBTFUL : DRAIN;
    }

    /**
     * The request of that word.
     *
     * @throws ControlException naming the valid words
     */
    public static ReleaseRequest named(String word) {
        for (ReleaseRequest request : values()) {
            if (request.word.equals(word)) {
                return request;
            }
        }
        throw new ControlException("unknown release \"" + word
                + "\"; valid: drain, close, drain-doubtful, close-doubtful. Nothing was released");
    }

    /** The word by which JMX, the status page and the command line name it. */
    @Override
    public String toString() {
        return word;
    }
}
