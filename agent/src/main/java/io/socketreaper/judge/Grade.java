package io.socketreaper.judge;

/** How sure a leak is. */
public enum Grade {
    /** The object is gone, or the application has closed it: nobody can ever read or write it. */
    PROVEN("proven"),
    /** Both sides have ended, or the connection was reset: nothing more can arrive, no packet leaves on close. */
    STRONG("strong"),
    /** One side is still open. */
    WEAK("weak");

    private final String text;

    Grade(String text) {
        this.text = text;
    }

    /** The grade of a leaked socket that looks like this. */
    public static Grade of(Sighting sighting) {
        return switch (sighting.hold()) {
            case CLOSED, UNREACHABLE -> PROVEN;
            case UNUSED -> WEAK;
            case OPEN, DYING, GONE -> sighting.tcpState() == TcpState.CLOSE ? STRONG : WEAK;
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
