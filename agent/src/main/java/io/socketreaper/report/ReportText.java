package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Peer;
import io.socketreaper.leak.Outcome.Told;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import java.util.Locale;

/** The words of a report: which connection, which code, what was done, and whether the peer got its data. */
public final class ReportText {
    private final int stackDepth;
    private final AddressFormat addresses;

    /** @param stackDepth frames that are shown */
    public ReportText(int stackDepth) {
        this(stackDepth, new AddressFormat(false));
    }

    public ReportText(int stackDepth, AddressFormat addresses) {
        this.stackDepth = stackDepth;
        this.addresses = addresses;
    }

    /** The report with its facts, for the log. */
    LeakLogEvent event(Leak leak, Outcome outcome) {
        return new LeakLogEvent(of(leak, outcome), leak, outcome, addresses, stackDepth);
    }

    AliveLogEvent aliveEvent(Leak leak, boolean closed, long afterMillis) {
        return new AliveLogEvent(releasedAfterAll(leak, closed, afterMillis), leak, closed, afterMillis, addresses);
    }

    /** The report in full: several lines, the first of which names the socket. */
    public String of(Leak leak, Outcome outcome) {
        var out = new StringBuilder(1024);
        out.append("LEAK ")
                .append(leak.kind())
                .append(" (")
                .append(leak.grade())
                .append("), site ")
                .append(leak.site().id())
                .append(": ")
                .append(addresses.of(leak.endpoints()))
                .append(", fd ")
                .append(leak.descriptor())
                .append(" = ")
                .append(leak.link());
        line(out, "what", what(leak));
        if (!leak.holder().isEmpty()) {
            boolean closed = leak.kind() == LeakKind.CLOSED_NOT_RELEASED;
            line(out, closed ? "held" : "key", (closed ? "by " : "registered with ") + printable(leak.holder()));
        }
        String loss = released(outcome) ? "" : EvidenceText.loss(leak);
        if (!loss.isEmpty()) {
            line(out, "doubt", "a release may lose " + loss);
        }
        line(out, "done", done(leak, outcome));
        if (hasPeer(leak)) {
            line(out, "peer", peer(leak, outcome));
        }
        line(out, "code", code(leak));
        stack(out, leak.stack());
        if (leak.endOfInput().isKnown()) {
            line(out, "end", EvidenceText.end(leak.endOfInput()));
            stack(out, leak.endOfInput().stack());
        }
        line(out, "process", process(leak.census()));
        if (outcome instanceof Outcome.Logged && !leak.sighting().isOnlyReported()) {
            line(out, "would", would(leak));
        }
        return out.toString();
    }

    private static String code(Leak leak) {
        if (leak.stack().length == 0) {
            return leak.sign().withoutStack();
        }
        return leak.sign() == StackOrigin.HALF_CLOSED
                ? "half-closed by thread \"" + printable(leak.thread()) + "\" in"
                : "opened in";
    }

    /** There was a connection, and the socket is still one end of it. */
    private static boolean hasPeer(Leak leak) {
        return leak.sighting().hold() == Holder.OPEN
                || leak.sighting().hold() == Holder.UNREACHABLE
                        && leak.endpoints().remote() != null
                        && leak.sighting().tcpState() != TcpState.UNKNOWN
                        && leak.sighting().tcpState() != TcpState.SYN_SENT;
    }

    static void line(StringBuilder out, String label, String text) {
        out.append("\n    ").append(label);
        for (int i = label.length(); i < 8; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    private static String what(Leak leak) {
        SocketSnapshot sighting = leak.sighting();
        String age = time(leak.ageMillis());
        return switch (leak.kind()) {
            case HALF_CLOSED ->
                "output shut" + (leak.sign() == StackOrigin.HALF_CLOSED ? " " : ", found ") + age + " ago, "
                        + read(leak) + ", nobody wants to read; " + input(leak);
            case PEER_CLOSED ->
                (sighting.reset() ? "the connection was reset" : "the peer has closed its side") + ", seen "
                        + age + " ago, and nobody reads or writes since, nor wants to; open for "
                        + time(leak.openMillis()) + "; "
                        + input(leak);
            case UNREACHABLE ->
                "dropped without close, the object is collected; open for " + time(leak.openMillis())
                        + (sighting.tcpState() == TcpState.SYN_SENT
                                ? "; its connect is under way, TCP state SYN_SENT"
                                : "")
                        + (sighting.tcpState() == TcpState.LISTEN ? "; it still listens" : "")
                        + (hasPeer(leak) ? "; " + input(leak) : "; idle for " + time(leak.idleMillis()));
            case CLOSED_NOT_RELEASED ->
                "closed by the application, seen " + age + " ago, and the descriptor is still there; open for "
                        + time(leak.openMillis());
            case NEVER_CONNECTED ->
                "opened " + time(leak.openMillis()) + " ago, and "
                        + switch (sighting.tcpState()) {
                            case UNKNOWN -> "neither connected nor bound";
                            case CLOSE -> "its connect has ended, but nobody has asked for the outcome";
                            case SYN_SENT ->
                                "its connect is under way, but nobody selects any more on the selector that would tell how it ends";
                            default ->
                                "its connect has succeeded, but nobody selects any more on the selector that would tell so";
                        };
        };
    }

    private static String read(Leak leak) {
        return leak.sinceReadMillis() < 0 ? "never read since" : "last read " + time(leak.sinceReadMillis()) + " ago";
    }

    private static String input(Leak leak) {
        return EvidenceText.input(leak) + "; TCP state " + leak.sighting().tcpState() + "; idle for "
                + time(leak.idleMillis());
    }

    /** What was done, in a sentence with full addresses. */
    public static String outcome(Leak leak, Outcome outcome) {
        return new ReportText(0).done(leak, outcome);
    }

    private String done(Leak leak, Outcome outcome) {
        String loss = released(outcome) ? EvidenceText.loss(leak) : "";
        return whatWasDone(leak, outcome) + (loss.isEmpty() ? "" : "; this may have lost " + loss);
    }

    private String whatWasDone(Leak leak, Outcome outcome) {
        if (outcome instanceof Outcome.Logged) {
            return notReleasedBecause(leak);
        } else if (outcome instanceof Outcome.Excluded excluded) {
            return "nothing, because of exclude=" + addresses.ofRule(excluded.rule());
        } else if (outcome instanceof Outcome.Spared spared) {
            return "nothing, because " + spared.reason();
        } else if (outcome instanceof Outcome.Drained drained) {
            return "drained: " + bytes(drained.bytes()) + " discarded " + until(drained.end()) + ", then "
                    + by(drained.owner(), drained.told()) + "; the descriptor is gone (" + time(drained.tookMillis())
                    + ")"
                    + (drained.preview().isEmpty() ? "" : "; it began with \"" + drained.preview() + "\"");
        } else if (outcome instanceof Outcome.Closed closed && leak.kind() == LeakKind.CLOSED_NOT_RELEASED) {
            return "released by " + printable(closed.owner()) + "; the descriptor is gone (" + time(closed.tookMillis())
                    + ")";
        } else if (outcome instanceof Outcome.Closed closed) {
            return by(closed.owner(), closed.told()) + ", with "
                    + bytes(leak.sighting().unreadBytes()) + " unread; the descriptor is gone ("
                    + time(closed.tookMillis()) + ")";
        } else if (outcome instanceof Outcome.ClosedByApplication closed) {
            return "claimed, " + bytes(closed.bytes())
                    + " discarded; then the application closed it itself; the descriptor is gone ("
                    + time(closed.tookMillis()) + ")";
        } else if (outcome instanceof Outcome.StillHeld held) {
            return "NOT RELEASED: closed by its owner, " + printable(held.owner()) + ", " + held.attempts()
                    + " time(s) in "
                    + time(held.tookMillis()) + ", but the descriptor is still held"
                    + (held.givenUp() ? "; given up" : "; will be tried again");
        }
        throw new IllegalArgumentException(String.valueOf(outcome));
    }

    private static String notReleasedBecause(Leak leak) {
        if (leak.sighting().isOnlyReported()) {
            return "nothing: " + onlyReportedBecause(leak.sighting());
        }
        return leak.grade() == Grade.DOUBTFUL ? "nothing (action=log for doubtful leaks)" : "nothing (action=log)";
    }

    private static String onlyReportedBecause(SocketSnapshot sighting) {
        return switch (sighting.tcpState()) {
            case LISTEN -> "a socket that listens may hold its port on purpose, and costs no more than its descriptor";
            case UNKNOWN -> "some programs open sockets ahead of use";
            default -> "of this kind sockets are only reported";
        };
    }

    private static String by(String owner, Told told) {
        return "closed by its owner, " + owner
                + switch (told.owner()) {
                    case BY_CLOSE -> "";
                    case BY_ITS_READ -> " (handed back: its owner closed it after its own read failed)";
                    case IN_VAIN -> " (handed back before, which its owner ignored)";
                    case NOT_IN_TIME -> " (its owner's thread could not be told in time)";
                    case NOT_AT_ALL -> " (its owner could not be told, because " + told.why() + ")";
                };
    }

    private static String until(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "up to the end of input";
            case RESET -> "until the connection's reset";
            case IDLE -> "until nothing more came for drain-idle";
            case TLS_OVER -> "all that was there, and both sides had ended TLS";
            case WITH_CLOSE -> "all that was there, in one step with the close";
            case TIME -> "until drain-time was over";
            case BYTES -> "until drain-bytes was reached";
        };
    }

    /** What a release may lose, in words; empty unless the leak is doubtful. */
    public static String doubt(Leak leak) {
        return EvidenceText.loss(leak);
    }

    /** What the peer has seen, in words; empty if there is none. */
    public static String peerOutcome(Leak leak, Outcome outcome) {
        return hasPeer(leak) ? peer(leak, outcome) : "";
    }

    private static String peer(Leak leak, Outcome outcome) {
        SocketSnapshot sighting = leak.sighting();
        if (told(outcome).peer() != Peer.END) {
            return side(leak) + "; " + unfinished(told(outcome).peer());
        }
        if (!finSent(sighting)) {
            return peerOfOpenOutput(leak, outcome);
        }
        String reply = sighting.reset()
                ? "whether it got the whole reply is unknown, the connection ended by an error"
                : "has acknowledged the whole reply and our FIN";
        String now;
        if (outcome instanceof Outcome.Drained drained) {
            now = over(sighting) ? noPacket(sighting) : afterDrain(drained.end());
        } else if (outcome instanceof Outcome.Closed) {
            now = over(sighting)
                    ? noPacket(sighting)
                    : sighting.unreadBytes() > 0
                            ? "was sent a RST, because its last " + bytes(sighting.unreadBytes()) + " were never read"
                            : "was sent nothing";
        } else {
            now = !over(sighting)
                    ? "has not ended its side"
                    : sighting.reset() ? "nothing more can come" : "has ended its side too";
        }
        return reply + "; " + now;
    }

    private static Told told(Outcome outcome) {
        return outcome instanceof Outcome.Drained drained
                ? drained.told()
                : outcome instanceof Outcome.Closed closed ? closed.told() : Told.NOTHING;
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

    /** We had sent no FIN before the release. */
    private static String peerOfOpenOutput(Leak leak, Outcome outcome) {
        SocketSnapshot sighting = leak.sighting();
        if (over(sighting)) {
            return "there is no connection any more; no packet " + (released(outcome) ? "was" : "can be") + " sent";
        }
        String side = side(leak);
        if (outcome instanceof Outcome.Drained drained) {
            return side
                    + switch (drained.end()) {
                        case END_OF_INPUT -> "; gets what we had still to send, then our FIN, a clean end";
                        case IDLE, TLS_OVER, WITH_CLOSE ->
                            "; gets what we had still to send, then our FIN; sees a reset if it sends more";
                        case RESET, TIME, BYTES -> "; " + afterDrain(drained.end());
                    };
        }
        if (outcome instanceof Outcome.Closed) {
            return side
                    + (sighting.unreadBytes() > 0
                            ? "; was sent a RST, because its last " + bytes(sighting.unreadBytes()) + " were never read"
                            : "; gets what we had still to send, then our FIN");
        }
        return side
                + (sighting.endOfInput() && !(outcome instanceof Outcome.ClosedByApplication)
                        ? "; waits for our FIN"
                        : "");
    }

    private static String side(Leak leak) {
        return (leak.sighting().endOfInput() ? "has ended its side" : "has not ended its side")
                + EvidenceText.answer(leak);
    }

    /** Of a collected object only the kernel can tell. */
    private static boolean finSent(SocketSnapshot sighting) {
        return sighting.outputShut() || sighting.tcpState() == TcpState.FIN_WAIT2;
    }

    private static boolean released(Outcome outcome) {
        return outcome instanceof Outcome.Drained
                || outcome instanceof Outcome.Closed
                || outcome instanceof Outcome.ClosedByApplication;
    }

    /** Both FINs are exchanged, or the connection was reset. */
    private static boolean over(SocketSnapshot sighting) {
        return sighting.tcpState() == TcpState.CLOSE;
    }

    private static String noPacket(SocketSnapshot sighting) {
        return "no packet was sent, "
                + (sighting.reset() ? "there was no connection any more" : "both FINs were exchanged before");
    }

    private static String afterDrain(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "ended its side during the drain, a clean end";
            case RESET -> "reset the connection itself";
            case IDLE, TLS_OVER, WITH_CLOSE -> "was sent nothing; it sees a reset only if it sends more";
            case TIME, BYTES -> "may see a reset, because it was still sending";
        };
    }

    private static String would(Leak leak) {
        return wouldBeDone(leak)
                + (leak.grade() == Grade.DOUBTFUL
                        ? "; about a doubtful leak only if doubtful.action, or a request with --doubtful, says so"
                        : "");
    }

    private static String wouldBeDone(Leak leak) {
        String unread = bytes(leak.sighting().unreadBytes());
        if (leak.kind() == LeakKind.CLOSED_NOT_RELEASED) {
            return "action=drain and action=close would wake the selector, or deregister its cancelled keys if nobody selects";
        }
        if (leak.kind() == LeakKind.PEER_CLOSED) {
            return "action=drain and action=close would discard " + unread + " and close; "
                    + (over(leak.sighting())
                            ? "no packet is sent"
                            : "the peer sees a reset, because the application has not ended its answer");
        }
        if (leak.sighting().tcpState() == TcpState.SYN_SENT) {
            return "action=drain and action=close would close it";
        }
        if (over(leak.sighting())) {
            return "action=drain would discard " + unread
                    + " and close, action=close would close; neither sends a packet";
        }
        String drain = "action=drain would discard " + unread + " and whatever else comes, then close ";
        if (finSent(leak.sighting())) {
            return drain + "without a packet; action=close would close and send the peer "
                    + (leak.sighting().unreadBytes() > 0 ? "a RST" : "nothing");
        }
        return drain + "with a reset, as action=close would at once, because the application has not ended its answer";
    }

    private void stack(StringBuilder out, StackTraceElement[] stack) {
        int shown = Math.min(stackDepth, stack.length);
        for (int i = 0; i < shown; i++) {
            out.append("\n            at ").append(stack[i]);
        }
        if (shown < stack.length) {
            out.append("\n            ... ").append(stack.length - shown).append(" more");
        }
    }

    private static String process(DescriptorCensus census) {
        if (census.open() < 0) {
            return "number of open descriptors unknown";
        }
        return census.open()
                + (census.limit() < 0
                        ? " descriptors open, no known limit"
                        : " of " + census.limit() + " descriptors open ("
                                + 100 * census.open() / Math.max(1, census.limit()) + " %)");
    }

    public String releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        return "released after all, site " + leak.site().id() + ": " + addresses.of(leak.endpoints())
                + ", fd " + leak.descriptor() + ", reported as a leak " + time(afterMillis) + " ago, "
                + (closed ? "was closed by the application" : "is in use again")
                + "; if that is normal for this code, a longer timeout or an exclusion fits better";
    }

    /** @param grown as of {@link CountsLogEvent} */
    String counts(LeakSite site, long grown) {
        return "leak site " + site.id() + " (" + site.kind() + ") at " + site.location() + ": count=" + site.found()
                + " released=" + site.released() + " released-after-all=" + site.releasedAfterAll()
                + " excluded=" + site.excluded() + (site.stillHeld() == 0 ? "" : " still-held=" + site.stillHeld())
                + (grown == LogSink.FIRST ? "" : "; +" + grown + " since the last counts");
    }

    /** A thread may be named after what a client sent; a line break in it must not forge a line of the log. */
    static String printable(String name) {
        var text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            text.append(Character.isISOControl(c) ? '?' : c);
        }
        return text.toString();
    }

    private static String bytes(long count) {
        return EvidenceText.bytes(count);
    }

    /** Milliseconds in the unit a person would use. */
    static String time(long millis) {
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 120_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        return millis < 7_200_000 ? millis / 60_000 + " min" : millis / 3_600_000 + " h";
    }
}
