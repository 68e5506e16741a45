package io.socketreaper.bridge;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A look at the sockets that were opened in a span of time.
 *
 * @param state         what an earlier look has returned; null for the first
 * @param from          nano time of the beginning
 * @param to            nano time of the end
 * @param timeoutMillis how long a socket must have been idle to be lost
 * @param kinds         the kinds of leaks that count, by their words
 * @param isMine        tells by the stack of its opening whether a socket counts; null if all do
 */
public record Look(
        @Nullable Object state,
        long from,
        long to,
        long timeoutMillis,
        Set<String> kinds,
        @Nullable Predicate<StackTraceElement[]> isMine) {
    /** The same look again, after an earlier one. */
    public Look after(Result earlier) {
        return new Look(earlier.state, from, to, timeoutMillis, kinds, isMine);
    }

    /**
     * What a look has seen.
     *
     * @param state     for the next look
     * @param open      sockets that are open
     * @param waiting   of these: those that may still turn out lost
     * @param preparing socket stacks of the JDK that the agent has still to look into
     * @param lost      a report on each socket that is lost
     */
    public record Result(Object state, int open, int waiting, int preparing, List<String> lost) {}
}
