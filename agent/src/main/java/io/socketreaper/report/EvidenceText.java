package io.socketreaper.report;

import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.model.Doubt;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.ArrayList;
import java.util.List;

/** The words for the evidence of a leak: what is unread, what a release may lose, what the peer has answered. */
final class EvidenceText {
    private EvidenceText() {}

    /** What of the input the application has not read, and whether more can come. */
    static String input(Leak leak) {
        SocketSnapshot sighting = leak.sighting();
        return unread(leak) + ", " + side(sighting) + (sighting.tlsOver() ? ", both sides have ended TLS" : "");
    }

    private static String unread(Leak leak) {
        SocketSnapshot sighting = leak.sighting();
        var unread = new ArrayList<String>(2);
        if (sighting.unreadBytes() > 0) {
            unread.add(HumanText.bytes(sighting.unreadBytes()) + " unread");
        }
        if (sighting.plaintext() > 0) {
            unread.add(HumanText.bytes(sighting.plaintext()) + " decrypted by TLS and unread");
        }
        if (!unread.isEmpty()) {
            return String.join(" and ", unread);
        }
        boolean told = leak.use().ended() || leak.endOfInput().isKnown();
        return sighting.endOfInput() && !sighting.reset() && !told
                ? "nothing but the end of input unread"
                : "nothing unread";
    }

    private static String side(SocketSnapshot sighting) {
        if (sighting.reset()) {
            return "the connection was reset";
        } else if (sighting.endOfInput()) {
            return "the peer has closed its side";
        }
        return sighting.isSilent() ? "the peer's side is still open, and silent" : "the peer's side is still open";
    }

    /** What a release may lose; empty unless the leak is doubtful. */
    static String loss(Leak leak) {
        List<Doubt> doubts = Doubt.of(leak.sighting(), leak.use());
        var lost = new ArrayList<String>(doubts.size());
        for (Doubt doubt : doubts) {
            lost.add(loss(doubt, leak));
        }
        return String.join("; ", lost);
    }

    private static String loss(Doubt doubt, Leak leak) {
        return switch (doubt) {
            case UNREAD -> HumanText.bytes(leak.sighting().unreadBytes()) + " that the application has not read";
            case PLAINTEXT ->
                HumanText.bytes(leak.sighting().plaintext())
                        + " that TLS has decrypted and the application has not read";
            case READ_ON -> "input that the application is still to read: it went on reading since its half-close";
            case PEER_ANSWERS -> "an answer that the peer waits for: it still answers";
            case PEER_NOT_KNOWN -> "an answer that the peer waits for: it cannot be asked whether it is still there";
        };
    }

    /** What the peer has answered, to be said after a semicolon; empty if nothing depends on it. */
    static String answer(Leak leak) {
        SocketSnapshot sighting = leak.sighting();
        if (leak.kind() != LeakKind.PEER_CLOSED || sighting.tcpState() != TcpState.CLOSE_WAIT) {
            return "";
        }
        return switch (leak.use().peer()) {
            case NOT_ASKED ->
                sighting.unreadBytes() + sighting.plaintext() > 0 ? "" : "; was not asked whether it is still there";
            case PENDING -> "; was asked whether it is still there";
            case UNKNOWN -> "; cannot be asked whether it is still there";
            case ANSWERS -> "; still answers";
            case SILENT -> "; acknowledges no probe";
            case GONE -> "; no longer knows the connection";
        };
    }

    /** The line about the read that returned the end of input, before its stack. */
    static String end(EndOfInputRead end) {
        return "the application was told the end of input " + HumanText.duration(end.millisAgo()) + " ago"
                + (end.thread().isEmpty() ? "" : " by thread \"" + PrintableText.line(end.thread()) + "\"")
                + (end.stack().length == 0 ? "; the stack was not sampled" : " in");
    }
}
