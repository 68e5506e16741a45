package io.socketreaper.report;

import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Peer;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.text.HumanText;

/** The words for what the peer has got and sees of a leak and its release. */
final class PeerText {
    private PeerText() {}

    /** Whether there was a connection, and the socket is still one end of it. */
    static boolean hasPeer(Leak leak) {
        return leak.snapshot().hold() == Holder.OPEN
                || leak.snapshot().hold() == Holder.UNREACHABLE
                        && leak.endpoints().remote() != null
                        && leak.snapshot().tcpState() != TcpState.UNKNOWN
                        && leak.snapshot().tcpState() != TcpState.SYN_SENT;
    }

    /** Whether both FINs are exchanged, or the connection was reset. */
    static boolean isOver(SocketSnapshot snapshot) {
        return snapshot.tcpState() == TcpState.CLOSE;
    }

    /** Whether our FIN was sent before the release. Of a collected object only the kernel can tell. */
    static boolean isFinSent(SocketSnapshot snapshot) {
        return snapshot.outputShut() || snapshot.tcpState() == TcpState.FIN_WAIT2;
    }

    /** What the peer has got and sees; it has one. */
    static String of(Leak leak, Outcome outcome) {
        SocketSnapshot snapshot = leak.snapshot();
        Peer peer = outcome.told().peer();
        if (peer != Peer.END) {
            return side(leak) + "; " + unfinished(peer);
        }
        if (!isFinSent(snapshot)) {
            return ofOpenOutput(leak, outcome);
        }
        String sent = snapshot.reset()
                ? "may not have received all sent bytes, because the connection ended with an error"
                : "has acknowledged all sent bytes and our FIN";
        return sent + "; " + (isOver(snapshot) ? ofOverConnection(snapshot, outcome) : ofHalfClosed(snapshot, outcome));
    }

    private static String ofOverConnection(SocketSnapshot snapshot, Outcome outcome) {
        if (outcome.name().isReleasedByAgent()) {
            return "was sent no packet, because "
                    + (snapshot.reset() ? "the connection no longer existed" : "both FINs were exchanged before");
        }
        return snapshot.reset() ? "can send no more" : "has ended its side too";
    }

    private static String ofHalfClosed(SocketSnapshot snapshot, Outcome outcome) {
        if (outcome.end() != null) {
            return afterDrain(outcome.end());
        }
        if (outcome.name() != OutcomeName.CLOSED) {
            return "has not ended its side";
        }
        return snapshot.unreadBytes() > 0 ? resetByUnread(snapshot) : "was sent no packet";
    }

    private static String ofOpenOutput(Leak leak, Outcome outcome) {
        SocketSnapshot snapshot = leak.snapshot();
        if (isOver(snapshot)) {
            return "the connection no longer exists; no packet "
                    + (outcome.name().isReleased() ? "was" : "can be") + " sent; "
                    + (leak.use().acknowledged()
                            ? "before it ended, the peer had acknowledged all bytes that were sent to it"
                            : "it is not known whether the peer has received all bytes that were sent to it");
        }
        if (outcome.end() != null) {
            return side(leak) + "; " + afterDrainOfOpenOutput(outcome.end());
        }
        if (outcome.name() == OutcomeName.CLOSED) {
            return side(leak) + "; "
                    + (snapshot.unreadBytes() > 0
                            ? resetByUnread(snapshot)
                            : "receives our remaining output, then our FIN");
        }
        boolean waits = snapshot.endOfInput() && outcome.name() != OutcomeName.CLOSED_BY_APPLICATION;
        return side(leak) + (waits ? "; waits for our FIN" : "");
    }

    private static String resetByUnread(SocketSnapshot snapshot) {
        return "was sent a reset, because its last " + HumanText.bytes(snapshot.unreadBytes())
                + (snapshot.unreadBytes() == 1 ? " was" : " were") + " never read";
    }

    private static String afterDrain(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "ended its side during the drain, a clean end";
            case RESET -> "reset the connection itself";
            case IDLE, TLS_OVER, WITH_CLOSE -> "was sent no packet; it sees a reset only if it sends more";
            case TIME, BYTES -> "may see a reset, because it was still sending";
        };
    }

    private static String afterDrainOfOpenOutput(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "receives our remaining output, then our FIN, a clean end";
            case IDLE, TLS_OVER, WITH_CLOSE ->
                "receives our remaining output, then our FIN; sees a reset if it sends more";
            case RESET, TIME, BYTES -> afterDrain(end);
        };
    }

    private static String side(Leak leak) {
        if (leak.snapshot().isWindowFull()) {
            return "may have ended its side: its FIN could not arrive";
        }
        return (leak.snapshot().endOfInput() ? "has ended its side" : "has not ended its side")
                + EvidenceText.answer(leak);
    }

    private static String unfinished(Peer peer) {
        return switch (peer) {
            case RESET ->
                "was sent a reset, because the application had not ended its answer; it can still read the bytes that it has acknowledged";
            case UNREAD -> "sees a reset, because the application had not ended its answer";
            case UNFINISHED ->
                "sees a normal end although the application had not ended its answer, because a unix-domain socket cannot be reset";
            case END -> "";
        };
    }
}
