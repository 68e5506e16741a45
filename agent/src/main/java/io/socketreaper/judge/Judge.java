package io.socketreaper.judge;

/** The table. Pure and stateless; safe from any thread. */
public final class Judge {
    private Judge() {
    }

    /** Reads the table from top to bottom; the first line that fits decides. */
    public static Verdict judge(Evidence evidence) {
        Veto veto = veto(evidence);
        if (veto != null) {
            return new Verdict.Alive(veto);
        }
        Grade grade = Grade.of(evidence.sighting());
        return evidence.excluded() ? new Verdict.Excluded(grade) : new Verdict.Leak(grade);
    }

    private static Veto veto(Evidence evidence) {
        Sighting sighting = evidence.sighting();
        if (!sighting.open()) {
            return Veto.CLOSED;
        }
        if (evidence.lateTick()) {
            return Veto.LATE_TICK;
        }
        if (sighting.reach() == Sighting.Reach.DYING) {
            return Veto.DYING;
        }
        if (sighting.reading()) {
            return Veto.READER;
        }
        if (sighting.readInterest()) {
            return Veto.READ_INTEREST;
        }
        if (evidence.shared()) {
            return Veto.SHARED;
        }
        switch (sighting.tcpState()) {
            case FIN_WAIT1, CLOSING, LAST_ACK -> {
                return Veto.RESPONSE_IN_FLIGHT;
            }
            case FIN_WAIT2, CLOSE -> {
            }
            default -> {
                return Veto.UNEXPECTED_STATE;
            }
        }
        if (!sighting.unread() && sighting.reach() != Sighting.Reach.UNREACHABLE) {
            return Veto.NOTHING_UNREAD;
        }
        return evidence.idleMillis() < evidence.timeoutMillis() ? Veto.ACTIVE : null;
    }
}
