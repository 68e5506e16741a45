package io.socketreaper.leak;

import io.socketreaper.model.BlameKind;
import java.util.Arrays;

/**
 * The line of code to blame for a leak.
 *
 * @param kind      what that line has done; {@link BlameKind#NONE} if no line is known
 * @param millisAgo how long ago; negative if no line is known
 * @param thread    name of the thread; empty if it is not known
 * @param stack     of that thread, innermost frame first; empty if no line is known
 * @param why       why no line is known, a clause without a full stop; empty if one is known
 */
public record Blame(BlameKind kind, long millisAgo, String thread, StackTraceElement[] stack, String why) {
    public static Blame none(String why) {
        return new Blame(BlameKind.NONE, -1, "", new StackTraceElement[0], why);
    }

    /** Whether a line is known. */
    public boolean isKnown() {
        return kind != BlameKind.NONE;
    }

    /** The same with this array if its stack equals it: thousands of leaks of one site then cost one stack. */
    public Blame sharing(StackTraceElement[] same) {
        return Arrays.equals(stack, same) ? new Blame(kind, millisAgo, thread, same, why) : this;
    }

    /** The line, {@code Class.method(File:line)}; empty if it is not known. */
    public String location() {
        return LeakSites.location(stack);
    }
}
