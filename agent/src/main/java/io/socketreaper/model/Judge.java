package io.socketreaper.model;

import io.socketreaper.model.SocketSnapshot.Holder;
import org.jspecify.annotations.Nullable;

/** The table. Pure and stateless; safe from any thread. */
public final class Judge {
    private Judge() {}

    /** Reads the table from top to bottom; the first line that fits decides. */
    public static Verdict judge(Evidence evidence) {
        Veto veto = veto(evidence);
        if (veto != null) {
            return Verdict.alive(veto);
        }
        return evidence.excluded() ? Verdict.EXCLUDED : Verdict.LEAK;
    }

    private static @Nullable Veto veto(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        if (snapshot.isGone()) {
            return Veto.GONE;
        }
        if (evidence.lateTick()) {
            return Veto.LATE_TICK;
        }
        if (snapshot.hold() == Holder.DYING) {
            return Veto.DYING;
        }
        Veto veto =
                switch (snapshot.hold()) {
                    case OPEN -> snapshot.outputShut() ? halfClosed(evidence) : outputOpen(evidence);
                    case UNREACHABLE -> unreachable(evidence);
                    case CLOSED -> snapshot.sending() ? Veto.RESPONSE_IN_FLIGHT : null;
                    default -> null;
                };
        return veto != null ? veto : evidence.idleMillis() < evidence.timeoutMillis() ? Veto.ACTIVE : null;
    }

    private static @Nullable Veto halfClosed(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        if (snapshot.reading()) {
            return Veto.READER;
        }
        if (snapshot.readInterest()) {
            return Veto.READ_INTEREST;
        }
        if (evidence.shared()) {
            return Veto.SHARED;
        }
        return switch (snapshot.tcpState()) {
            case FIN_WAIT1, CLOSING, LAST_ACK -> Veto.RESPONSE_IN_FLIGHT;
            case FIN_WAIT2, CLOSE -> snapshot.sending() ? Veto.SENDING : null;
            default -> Veto.UNEXPECTED_STATE;
        };
    }

    private static @Nullable Veto outputOpen(Evidence evidence) {
        SocketSnapshot snapshot = evidence.snapshot();
        if (snapshot.reading()) {
            return Veto.READER;
        }
        if (snapshot.readInterest()) {
            return Veto.READ_INTEREST;
        }
        if (snapshot.writing()) {
            return Veto.WRITER;
        }
        if (snapshot.sending()) {
            return Veto.SENDING;
        }
        if (evidence.shared()) {
            return Veto.SHARED;
        }
        return switch (snapshot.tcpState()) {
            case CLOSE_WAIT -> evidence.use().peer() == PeerAnswer.PENDING ? Veto.PEER_ASKED : null;
            case CLOSE -> null;
            case ESTABLISHED -> snapshot.isWindowFull() ? null : Veto.NOTHING_UNREAD;
            default -> Veto.UNEXPECTED_STATE;
        };
    }

    private static @Nullable Veto unreachable(Evidence evidence) {
        if (evidence.shared()) {
            return Veto.SHARED;
        }
        if (evidence.snapshot().sending()) {
            return Veto.SENDING;
        }
        return switch (evidence.snapshot().tcpState()) {
            case FIN_WAIT1, CLOSING, LAST_ACK -> Veto.RESPONSE_IN_FLIGHT;
            case UNKNOWN -> Veto.UNEXPECTED_STATE;
            default -> null;
        };
    }
}
