package io.socketreaper.report;

import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.model.Doubt;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.ArrayList;
import java.util.List;

/** The words for the evidence of a leak: what is unread, what a release may lose, what the peer has answered. */
final class EvidenceText {
    private EvidenceText() {}

    /** What of the input the application has not read, and whether more can come. */
    static String input(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        return unread(leak) + ", " + side(leak) + (snapshot.tlsOver() ? ", both sides have ended TLS" : "");
    }

    private static String unread(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        var unread = new ArrayList<String>(2);
        if (snapshot.unreadBytes() > 0) {
            unread.add(HumanText.bytes(snapshot.unreadBytes()) + " unread");
        }
        if (snapshot.plaintext() > 0) {
            unread.add(HumanText.bytes(snapshot.plaintext()) + " decrypted by TLS and unread");
        }
        if (!unread.isEmpty()) {
            return String.join(" and ", unread);
        }
        boolean told = leak.use().ended() || leak.endOfInput().isKnown();
        return snapshot.endOfInput() && !snapshot.reset() && !told
                ? "only the end of input is unread"
                : "no unread input";
    }

    private static String side(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        if (snapshot.reset()) {
            return leak.use().peer() == PeerAnswer.GONE
                    ? "the peer no longer knew the connection: it has answered a probe with a reset"
                    : "the connection was reset";
        } else if (snapshot.endOfInput()) {
            return "the peer has closed its side";
        }
        return snapshot.isSilent() ? "the peer's side is still open, and silent" : "the peer's side is still open";
    }

    /** What a release may lose; empty unless the leak is doubtful. */
    static String loss(Leak leak) {
        List<Doubt> doubts = Doubt.of(leak.snapshot(), leak.use());
        var lost = new ArrayList<String>(doubts.size());
        for (Doubt doubt : doubts) {
            lost.add(loss(doubt, leak));
        }
        return String.join("; ", lost);
    }

    private static String loss(Doubt doubt, Leak leak) {
        return switch (doubt) {
            case UNREAD -> HumanText.bytes(leak.snapshot().unreadBytes()) + " that the application has not read";
            case PLAINTEXT ->
                HumanText.bytes(leak.snapshot().plaintext())
                        + " that TLS has decrypted and the application has not read";
            case READ_ON -> "input that is still to come: the application has gone on reading since its half-close";
            case PEER_ANSWERS -> "an answer that the peer may wait for: it still answers probes";
            case PEER_NOT_KNOWN -> "an answer that the peer may wait for: it cannot be probed";
        };
    }

    /** What the peer has answered, as a clause after a semicolon; empty if the verdict does not depend on it. */
    static String answer(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        if (!snapshot.peerMayWait()) {
            return "";
        }
        return switch (leak.use().peer()) {
            case NOT_ASKED -> snapshot.unreadBytes() + snapshot.plaintext() > 0 ? "" : "; was not probed";
            case PENDING -> "; was probed and has not answered yet";
            case UNKNOWN -> "; cannot be probed";
            case ANSWERS -> "; still answers probes";
            case SILENT -> "; does not answer probes";
            case GONE -> "; no longer knows the connection";
        };
    }

    /** The line about the read that returned the end of input, before its stack. */
    static String end(EndOfInputRead end) {
        return "the application read the end of input " + HumanText.duration(end.millisAgo()) + " ago"
                + (end.thread().isEmpty() ? "" : " by thread \"" + PrintableText.line(end.thread()) + "\"")
                + (end.stack().length == 0 ? "; the stack was not sampled" : " in");
    }
}
