package io.socketreaper.judge;

/** How sure a leak is. */
public enum Grade {
    /** Both FINs are exchanged (or the connection was reset): nothing more can arrive, no packet leaves on close. */
    STRONG("strong"),
    /** The peer's side is still open. */
    WEAK("weak");

    private final String text;

    Grade(String text) {
        this.text = text;
    }

    /** The grade of a half-closed socket that looks like this. */
    public static Grade of(Sighting sighting) {
        return sighting.tcpState() == TcpState.CLOSE ? STRONG : WEAK;
    }

    @Override
    public String toString() {
        return text;
    }
}
