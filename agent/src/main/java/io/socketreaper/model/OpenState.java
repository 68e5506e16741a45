package io.socketreaper.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an open descriptor is, for the counts of {@code open}: the TCP state of a socket, or a word for what is only counted. Its text is the
 * one that command line, JSON, JMX and metrics show.
 */
public sealed interface OpenState permits TcpState, CountedState {
    /** All of them, the TCP states first. */
    static List<OpenState> all() {
        var all = new ArrayList<OpenState>(List.of(TcpState.values()));
        all.addAll(List.of(CountedState.values()));
        return all;
    }

    /** The state of that text in upper or lower case; null if there is none. */
    static @Nullable OpenState named(String text) {
        for (OpenState state : all()) {
            if (state.toString().toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
                return state;
            }
        }
        return null;
    }
}
