package io.socketreaper.leak;

import io.socketreaper.model.EnumWord;
import org.jspecify.annotations.Nullable;

/** What became of a leak, in one word: the same in the log, JFR, JMX, metrics, HTML, the command line and the public API. */
public enum OutcomeName {
    /** Only reported, because the settings say {@code action=log}. */
    LOGGED("logged"),
    /** Not touched, because an exclusion of the settings matched. */
    EXCLUDED("excluded"),
    /** Not touched, because of a veto that only the release can see. */
    SPARED("spared"),
    /** Read to its end, closed, and the descriptor is gone. */
    DRAINED("drained"),
    /** Closed without reading, and the descriptor is gone. */
    CLOSED("closed"),
    /** Closed by the application during the release, and the descriptor is gone. */
    CLOSED_BY_APPLICATION("closed-by-application"),
    /** Closed, and the descriptor is still there; the agent tries again. */
    STILL_HELD("still-held"),
    /** Closed as often as the agent tries, and the descriptor is still there. */
    GIVEN_UP("given-up"),
    /** Reported and not touched, and then closed or used again by the application, or dropped by it and closed by the JDK. */
    RELEASED_AFTER_ALL("released-after-all");

    private final String text;

    OutcomeName(String text) {
        this.text = text;
    }

    /** The outcome of that word; null for a word of another version. */
    public static @Nullable OutcomeName named(String text) {
        return EnumWord.find(values(), text);
    }

    /** Whether a release has ended with the descriptor gone, closed by the agent or by the application. */
    public boolean isReleased() {
        return isReleasedByAgent() || this == CLOSED_BY_APPLICATION;
    }

    /** Whether the agent has closed the socket and the descriptor is gone. */
    public boolean isReleasedByAgent() {
        return this == DRAINED || this == CLOSED;
    }

    @Override
    public String toString() {
        return text;
    }
}
