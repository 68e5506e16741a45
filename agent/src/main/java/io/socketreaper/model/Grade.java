package io.socketreaper.model;

/** How sure it is that a release of a leaked socket loses no data that the application or its peer wants; the surest first. */
public enum Grade {
    /** The object was collected, or the application has closed it: it can never be read or written again. */
    PROVEN("proven"),
    /** Both sides have ended and the application never read on, or the peer is gone and no input is unread. */
    STRONG("strong"),
    /** One side is still open, and no sign of use was seen on either. */
    WEAK("weak"),
    /** Something could be lost: unread input that the application consumes slowly, or an answer that the peer waits for. */
    DOUBTFUL("doubtful");

    private final String text;

    Grade(String text) {
        this.text = text;
    }

    /** The grade of a leaked socket of this evidence. */
    public static Grade of(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        return switch (snapshot.hold()) {
            case CLOSED, UNREACHABLE -> PROVEN;
            case UNUSED -> WEAK;
            case OPEN, DYING, GONE -> snapshot.outputShut() ? halfClosed(evidence) : outputOpen(evidence);
        };
    }

    private static Grade halfClosed(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        if (snapshot.plaintext() > 0) {
            return DOUBTFUL;
        }
        if (snapshot.tlsOver()) {
            return STRONG;
        }
        if (evidence.use().mayReadOn()) {
            return DOUBTFUL;
        }
        return snapshot.tcpState() == TcpState.CLOSE ? STRONG : WEAK;
    }

    private static Grade outputOpen(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        boolean unread = snapshot.unreadBytes() > 0 || snapshot.plaintext() > 0 || snapshot.held() > 0;
        if (unread || evidence.use().mayReadOn()) {
            return DOUBTFUL;
        }
        if (snapshot.tcpState() == TcpState.CLOSE) {
            return STRONG;
        }
        return switch (evidence.use().peer()) {
            case ANSWERS, UNKNOWN -> DOUBTFUL;
            case NOT_ASKED, PENDING, SILENT, GONE -> WEAK;
        };
    }

    /** Whether it is released near the limit of descriptors after the shorter timeout that holds there. */
    public boolean isSure() {
        return this == PROVEN || this == STRONG;
    }

    @Override
    public String toString() {
        return text;
    }
}
