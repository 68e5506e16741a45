package io.socketreaper.report;

import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Told;
import io.socketreaper.model.Grade;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;

/** The words for what was done about a leak, or what a release would do. */
final class OutcomeText implements Outcome.Visitor<String> {
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
        return leak.grade() == Grade.DOUBTFUL
                ? "only reported (action=log for doubtful leaks)"
                : "only reported (action=log)";
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
                    case NOT_AT_ALL -> " (it could not be handed back to its owner, because " + told.why() + ")";
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
            return "action=drain and action=close would discard " + unread + " and close; "
                    + (PeerText.isOver(snapshot)
                            ? "no packet is sent"
                            : "the peer sees a reset, because the application has not ended its answer");
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
        return drain + "with a reset, as action=close would at once, because the application has not ended its answer";
    }
}
