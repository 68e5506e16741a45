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
        return leak.sighting().hold() == Holder.OPEN
                || leak.sighting().hold() == Holder.UNREACHABLE
                        && leak.endpoints().remote() != null
                        && leak.sighting().tcpState() != TcpState.UNKNOWN
                        && leak.sighting().tcpState() != TcpState.SYN_SENT;
    }

    /** Whether both FINs are exchanged, or the connection was reset. */
    static boolean isOver(SocketSnapshot sighting) {
        return sighting.tcpState() == TcpState.CLOSE;
    }

    /** Whether our FIN was sent before the release. Of a collected object only the kernel can tell. */
    static boolean isFinSent(SocketSnapshot sighting) {
        return sighting.outputShut() || sighting.tcpState() == TcpState.FIN_WAIT2;
    }

    /** What the peer has got and sees; it has one. */
    static String of(Leak leak, Outcome outcome) {
        SocketSnapshot sighting = leak.sighting();
        Peer peer = outcome.told().peer();
        if (peer != Peer.END) {
            return side(leak) + "; " + unfinished(peer);
        }
        if (!isFinSent(sighting)) {
            return ofOpenOutput(leak, outcome);
        }
        String reply = sighting.reset()
                ? "whether it got the whole reply is unknown, the connection ended by an error"
                : "has acknowledged the whole reply and our FIN";
        return reply + "; "
                + (isOver(sighting) ? ofOverConnection(sighting, outcome) : ofHalfClosed(sighting, outcome));
    }

    private static String ofOverConnection(SocketSnapshot sighting, Outcome outcome) {
        if (outcome.name().isReleasedByAgent()) {
            return "no packet was sent, "
                    + (sighting.reset() ? "there was no connection any more" : "both FINs were exchanged before");
        }
        return sighting.reset() ? "nothing more can come" : "has ended its side too";
    }

    private static String ofHalfClosed(SocketSnapshot sighting, Outcome outcome) {
        if (outcome.end() != null) {
            return afterDrain(outcome.end());
        }
        if (outcome.name() != OutcomeName.CLOSED) {
            return "has not ended its side";
        }
        return sighting.unreadBytes() > 0 ? resetByUnread(sighting) : "was sent nothing";
    }

    private static String ofOpenOutput(Leak leak, Outcome outcome) {
        SocketSnapshot sighting = leak.sighting();
        if (isOver(sighting)) {
            return "there is no connection any more; no packet "
                    + (outcome.name().isReleased() ? "was" : "can be") + " sent";
        }
        if (outcome.end() != null) {
            return side(leak) + "; " + afterDrainOfOpenOutput(outcome.end());
        }
        if (outcome.name() == OutcomeName.CLOSED) {
            return side(leak) + "; "
                    + (sighting.unreadBytes() > 0
                            ? resetByUnread(sighting)
                            : "gets what we had still to send, then our FIN");
        }
        boolean waits = sighting.endOfInput() && outcome.name() != OutcomeName.CLOSED_BY_APPLICATION;
        return side(leak) + (waits ? "; waits for our FIN" : "");
    }

    private static String resetByUnread(SocketSnapshot sighting) {
        return "was sent a RST, because its last " + HumanText.bytes(sighting.unreadBytes()) + " were never read";
    }

    private static String afterDrain(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "ended its side during the drain, a clean end";
            case RESET -> "reset the connection itself";
            case IDLE, TLS_OVER, WITH_CLOSE -> "was sent nothing; it sees a reset only if it sends more";
            case TIME, BYTES -> "may see a reset, because it was still sending";
        };
    }

    private static String afterDrainOfOpenOutput(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "gets what we had still to send, then our FIN, a clean end";
            case IDLE, TLS_OVER, WITH_CLOSE ->
                "gets what we had still to send, then our FIN; sees a reset if it sends more";
            case RESET, TIME, BYTES -> afterDrain(end);
        };
    }

    private static String side(Leak leak) {
        return (leak.sighting().endOfInput() ? "has ended its side" : "has not ended its side")
                + EvidenceText.answer(leak);
    }

    private static String unfinished(Peer peer) {
        return switch (peer) {
            case RESET ->
                "was sent a reset, because the application had not ended its answer; what it has acknowledged it can still read";
            case UNREAD -> "sees a reset, because the application had not ended its answer";
            case UNFINISHED ->
                "sees a normal end, though the application had not ended its answer: a unix-domain socket cannot be reset";
            case END -> "";
        };
    }
}
