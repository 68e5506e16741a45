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

    /** Whether the application has read since it shut the output, as a clause that goes on with its subject. */
    static String read(Leak leak) {
        return leak.sinceReadMillis() < 0
                ? "has not read since"
                : "last read " + HumanText.duration(leak.sinceReadMillis()) + " ago";
    }

    /**
     * What of the input the application has not read, and whether more can come, as clauses.
     *
     * @param withSide false if the sentence has said already whether the peer has ended its side
     */
    static List<String> input(Leak leak, boolean withSide) {
        var clauses = new ArrayList<>(unread(leak));
        SocketSnapshot snapshot = leak.snapshot();
        boolean knewNot = snapshot.reset()
                && leak.use().peer() == PeerAnswer.GONE
                && !leak.use().peerEnded();
        if (withSide || knewNot || !snapshot.reset() && !snapshot.endOfInput()) {
            clauses.add(side(leak));
        }
        if (snapshot.tlsOver()) {
            clauses.add("both sides have ended TLS");
        }
        return clauses;
    }

    /** Its bytes, or that there are none, as clauses. */
    static List<String> unread(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        var unread = new ArrayList<String>(2);
        if (snapshot.unreadBytes() > 0) {
            unread.add(HumanText.count(snapshot.unreadBytes(), "byte is", "bytes are") + " unread");
        }
        if (snapshot.plaintext() > 0) {
            unread.add(HumanText.count(snapshot.plaintext(), "byte is", "bytes are") + " decrypted by TLS and unread");
        }
        if (snapshot.held() > 0) {
            unread.add(HumanText.count(snapshot.held(), "message is", "messages are")
                    + " held by a FlowControlHandler and unread");
        }
        if (unread.isEmpty()) {
            boolean told = leak.use().ended() || leak.endOfInput().isKnown();
            unread.add(
                    snapshot.endOfInput() && !snapshot.reset() && !told
                            ? "only the end of input is unread"
                            : "no input is unread");
        }
        return unread;
    }

    private static String side(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        if (snapshot.reset()) {
            return leak.use().peer() == PeerAnswer.GONE
                    ? "the connection was reset while its peer was being asked by a probe"
                    : "the connection was reset";
        } else if (snapshot.endOfInput()) {
            return "the peer has closed its side";
        }
        return snapshot.isSilent() ? "the peer's side is still open but silent" : "the peer's side is still open";
    }

    /**
     * That the peer has closed its side, or that the connection was reset, as the beginning of a sentence.
     *
     * @param age since then, with "ago"
     */
    static String peerClosed(Leak leak, String age) {
        if (!leak.snapshot().reset()) {
            return "the peer has closed its side, seen " + age;
        }
        if (!leak.use().peerEnded()) {
            return "the connection was reset, seen " + age;
        }
        return "the peer has closed its side, seen " + age
                + (leak.use().peer() == PeerAnswer.GONE
                        ? ", and has answered the agent's probe with a reset, because it no longer knows the connection"
                        : ", and the connection was reset later");
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
            case UNREAD -> unreadInput(leak.snapshot()) + " that the application has not read";
            case PLAINTEXT ->
                HumanText.bytes(leak.snapshot().plaintext())
                        + " that TLS has decrypted and the application has not read";
            case READ_ON ->
                leak.snapshot().outputShut()
                        ? "input that is still to come: the application has gone on reading since its half-close"
                        : "the end of input: the application has gone on reading since its peer closed, and has not read it";
            case PEER_ANSWERS ->
                "an answer that the peer may wait for: it still "
                        + (leak.endpoints().isUnix() ? "has its socket" : "answers probes");
            case PEER_NOT_KNOWN -> "an answer that the peer may wait for: it cannot be probed";
        };
    }

    private static String unreadInput(SocketSnapshot snapshot) {
        String bytes = HumanText.bytes(snapshot.unreadBytes());
        if (snapshot.held() == 0) {
            return bytes;
        }
        String held = HumanText.count(snapshot.held(), "message", "messages") + " in a FlowControlHandler";
        return snapshot.unreadBytes() > 0 ? bytes + " and " + held : held;
    }

    /** What the peer has answered, as a clause after a semicolon; empty if the verdict does not depend on it. */
    static String answer(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        if (!snapshot.peerMayWait()) {
            return "";
        }
        return switch (leak.use().peer()) {
            case NOT_ASKED ->
                snapshot.unreadBytes() + snapshot.plaintext() + snapshot.held() > 0 ? "" : "; was not probed";
            case PENDING -> "; was probed and has not answered yet";
            case UNKNOWN -> "; cannot be probed";
            case ANSWERS -> leak.endpoints().isUnix() ? "; still has its socket" : "; still answers probes";
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
