package io.socketreaper.judge;

/** How sure a leak is. */
public enum Grade {
    /** The object is gone: nobody can ever read, write or close it. */
    PROVEN("proven"),
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
        if (sighting.reach() == Sighting.Reach.UNREACHABLE) {
            return PROVEN;
        }
        return sighting.tcpState() == TcpState.CLOSE ? STRONG : WEAK;
    }

    @Override
    public String toString() {
        return text;
    }
}
