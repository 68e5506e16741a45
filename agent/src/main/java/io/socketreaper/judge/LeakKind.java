package io.socketreaper.judge;

/** How a socket was lost. */
public enum LeakKind {
    /** The application shut the output, stopped reading and never closed; input waits unread. */
    HALF_CLOSED("half-closed");

    private final String text;

    LeakKind(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
