package io.socketreaper.report;

import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Told;
import io.socketreaper.model.Doubt;
import io.socketreaper.model.Grade;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.List;

/** The words for what was done about a leak, or what a release would do. */
final class OutcomeText implements Outcome.Visitor<String> {
    private static final String UNFINISHED = "because the application has not ended its answer";

    private final Leak leak;
    private final AddressFormat addresses;

    private OutcomeText(Leak leak, AddressFormat addresses) {
        this.leak = leak;
        this.addresses = addresses;
    }

    /** What was done, and what may have been lost by it. */
    static String of(Leak leak, Outcome outcome, AddressFormat addresses) {
        String done = outcome.accept(new OutcomeText(leak, addresses));
        String loss = outcome.name().isReleased() ? EvidenceText.loss(leak) : "";
        return loss.isEmpty() ? done : done + "; this may have lost " + loss;
    }

    @Override
    public String logged(Outcome.Logged outcome) {
        if (leak.snapshot().isOnlyReported()) {
            return "only reported, because " + onlyReportedBecause(leak.snapshot());
        }
        if (leak.grade() != Grade.DOUBTFUL) {
            return "only reported (action=log)";
        }
        return "only reported (action=log for doubtful leaks)"
                + (waitsForPeer(leak) ? "; " + untilPeerIsGone(leak) : "");
    }

    /** Whether a leak is doubtful only as long as its peer is there. */
    private static boolean waitsForPeer(Leak leak) {
        return Doubt.of(leak.snapshot(), leak.use()).equals(List.of(Doubt.PEER_ANSWERS));
    }

    private static String untilPeerIsGone(Leak leak) {
        return leak.endpoints().isUnix()
                ? "its peer is still there: the leak becomes strong once the peer has closed"
                : "its peer still answers probes, and is asked again: the leak becomes strong once the peer is gone"
                        + " (a closed peer is known to its kernel for some 60 s)";
    }

    private static String onlyReportedBecause(SocketSnapshot snapshot) {
        return switch (snapshot.tcpState()) {
            case LISTEN -> "a listening socket may hold its port on purpose, and costs only its descriptor";
            case UNKNOWN -> "some programs open sockets ahead of use";
            default -> "leaks of this kind are never released";
        };
    }

    @Override
    public String excluded(Outcome.Excluded outcome) {
        return "not touched, because of exclude=" + addresses.ofRule(outcome.rule());
    }

    @Override
    public String spared(Outcome.Spared outcome) {
        return "not touched, because " + outcome.reason();
    }

    @Override
    public String drained(Outcome.Drained outcome) {
        return "drained: " + HumanText.bytes(outcome.bytes()) + " discarded " + until(outcome.end()) + ", then "
                + closedBy(outcome.owner(), outcome.told()) + gone(outcome)
                + (outcome.preview().isEmpty() ? "" : "; it began with \"" + outcome.preview() + "\"");
    }

    @Override
    public String closed(Outcome.Closed outcome) {
        if (leak.kind().isClosed()) {
            return "released by " + PrintableText.line(outcome.owner()) + gone(outcome);
        }
        return closedBy(outcome.owner(), outcome.told()) + ", with "
                + HumanText.bytes(leak.snapshot().unreadBytes()) + " unread" + gone(outcome);
    }

    @Override
    public String closedByApplication(Outcome.ClosedByApplication outcome) {
        return "claimed, " + HumanText.bytes(outcome.bytes()) + " discarded; then the application closed it itself"
                + gone(outcome);
    }

    @Override
    public String stillHeld(Outcome.StillHeld outcome) {
        return "NOT RELEASED: closed by its owner, " + PrintableText.line(outcome.owner()) + ", "
                + HumanText.count(outcome.attempts(), "time", "times")
                + " in " + HumanText.duration(outcome.tookMillis()) + ", but the descriptor is still held"
                + (outcome.givenUp() ? "; given up" : "; the agent will try again");
    }

    private static String gone(Outcome outcome) {
        return "; the descriptor is gone (" + HumanText.duration(outcome.tookMillis()) + ")";
    }

    private static String closedBy(String owner, Told told) {
        return "closed by its owner, " + owner
                + switch (told.owner()) {
                    case BY_CLOSE -> "";
                    case BY_ITS_READ -> " (handed back: its owner closed it after its own read failed)";
                    case IN_VAIN -> " (it was handed back before, and its owner left it open)";
                    case NOT_IN_TIME -> " (it could not be handed back in time to its owner's thread)";
                    case NOT_AT_ALL ->
                        " (its owner was not told before the close, because " + told.why()
                                + "; the application's next call on the socket fails)";
                };
    }

    private static String until(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "up to the end of input";
            case RESET -> "until the connection was reset";
            case IDLE -> "until no more input came for drain-idle";
            case TLS_OVER -> "(all unread input, after both sides had ended TLS)";
            case WITH_CLOSE -> "(all unread input) in one step with the close";
            case TIME -> "until drain-time was over";
            case BYTES -> "until drain-bytes was reached";
        };
    }

    /** What a release would do about a leak that was only reported. */
    static String wouldBe(Leak leak) {
        if (waitsForPeer(leak)) {
            return "action=drain and action=close would close it once the peer is gone, and send no packet;"
                    + " doubtful.action, or a request with --doubtful, would close it before, and the peer sees a reset, "
                    + UNFINISHED;
        }
        return release(leak)
                + (leak.grade() == Grade.DOUBTFUL
                        ? "; a doubtful leak is released only by doubtful.action or by a request with --doubtful"
                        : "");
    }

    private static String release(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        String unread = HumanText.bytes(snapshot.unreadBytes());
        if (leak.kind().isClosed()) {
            return "action=drain and action=close would wake the selector, or deregister its cancelled keys if no thread selects";
        }
        if (leak.kind().isAlwaysEmptied()) {
            return "action=drain and action=close would discard " + unread + " and close; " + emptied(leak);
        }
        if (snapshot.tcpState() == TcpState.SYN_SENT) {
            return "action=drain and action=close would close it";
        }
        if (PeerText.isOver(snapshot)) {
            return "action=drain would discard " + unread
                    + " and close, action=close would close; neither sends a packet";
        }
        String drain = "action=drain would discard " + unread + " and all input that follows, then close ";
        if (PeerText.isFinSent(snapshot)) {
            return drain + "without a packet; action=close would close and send the peer "
                    + (snapshot.unreadBytes() > 0 ? "a reset" : "no packet");
        }
        return drain + "with a reset, as action=close would at once, " + UNFINISHED;
    }

    /** What the peer sees of a release that discards the unread input first. */
    private static String emptied(Leak leak) {
        if (PeerText.isOver(leak.snapshot())) {
            return "no packet is sent";
        }
        String reset = "the peer sees a reset, " + UNFINISHED;
        return leak.snapshot().dependsOnPeer() && leak.use().peer() == PeerAnswer.NOT_ASKED
                ? "with probe=auto the peer is asked first: if it is gone, no packet is sent, and if it answers, the leak is"
                        + " doubtful; otherwise " + reset
                : reset;
    }
}
