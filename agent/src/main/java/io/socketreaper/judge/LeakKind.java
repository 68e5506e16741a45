package io.socketreaper.judge;

/** How a socket was lost. */
public enum LeakKind {
    /** The application shut the output, stopped reading and never closed; input waits unread. */
    HALF_CLOSED("half-closed"),
    /** The application dropped a half-closed channel without closing it, and the collector has taken the object. */
    UNREACHABLE("unreachable");

    private final String text;

    LeakKind(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
