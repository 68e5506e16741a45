package io.socketreaper.leak;

/**
 * The last read or write of a socket, where it was sampled.
 *
 * @param wrote     true if it was a write
 * @param millisAgo how long ago it ended; negative if it was not sampled
 * @param thread    name of its thread; empty if it was not sampled
 * @param stack     of that thread, innermost frame first; empty if it was not sampled
 */
public record LastUse(boolean wrote, long millisAgo, String thread, StackTraceElement[] stack) {
    /** Neither a read nor a write was sampled, or a later one was not. */
    public static final LastUse NOT_SAMPLED = new LastUse(false, -1, "", new StackTraceElement[0]);

    /** Whether it was sampled. */
    public boolean isKnown() {
        return millisAgo >= 0;
    }
}
