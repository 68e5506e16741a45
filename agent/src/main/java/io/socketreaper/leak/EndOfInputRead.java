package io.socketreaper.leak;

/**
 * The read by which the application was told that its peer has ended its side.
 *
 * @param millisAgo how long ago it returned -1, on the short side; negative if no such read is known
 * @param thread    name of the thread that read; empty if it is not known
 * @param stack     of that thread, innermost frame first; empty if it was not sampled
 */
public record EndOfInputRead(long millisAgo, String thread, StackTraceElement[] stack) {
    /** No read is known to have returned the end of input. */
    public static final EndOfInputRead NONE = new EndOfInputRead(-1, "", new StackTraceElement[0]);

    /** Whether the application was told. */
    public boolean isKnown() {
        return millisAgo >= 0;
    }
}
