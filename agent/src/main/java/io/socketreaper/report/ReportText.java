package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.GrowingSite;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.ArrayList;
import java.util.List;

/** The words of a report: which connection, which code, what was done, and whether the peer got its data. */
public final class ReportText {
    private static final double SECONDS_PER_MINUTE = 60;

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

    /** The lines about open sockets that pile up, or have stopped to. */
    String growing(GrowingSite site) {
        var out = new StringBuilder();
        if (!site.growing()) {
            return out.append("not growing any more, site ")
                    .append(site.id())
                    .append(": ")
                    .append(opened(site))
                    .toString();
        }
        out.append("GROWING, site ").append(site.id()).append(": ").append(opened(site));
        line(
                out,
                "what",
                HumanText.rate(site.perMinute() / SECONDS_PER_MINUTE) + " for "
                        + HumanText.duration(site.sinceMillis())
                        + (site.onlyCounted() == 0
                                ? "; at least half of the new ones were not read or written while the agent watched them"
                                : "; at least half of the new ones stay open. Whether selectors, datagram sockets and"
                                        + " pipes are used is not watched"));
        line(
                out,
                "limit",
                site.millisToLimit() < 0
                        ? "not foreseeable"
                        : "reached in " + HumanText.duration(site.millisToLimit())
                                + " if all growing sites go on like this");
        line(out, "code", site.port() < 0 ? "opened in" : "accepted in");
        stack(out, site.stack());
        line(out, "process", use(site.descriptors(), site.limit()));
        line(
                out,
                "done",
                "reported only: no single " + (site.onlyCounted() < site.open() ? "socket" : "one")
                        + " is proven to be a leak");
        return out.toString();
    }

    private static String opened(GrowingSite site) {
        return (site.onlyCounted() == 0
                        ? HumanText.count(site.open(), "socket is", "sockets are")
                        : site.open() + (site.open() == 1 ? " is" : " are"))
                + " open that "
                + (site.open() == 1 ? "was " : "were ")
                + (site.port() < 0 ? "opened" : "accepted on port " + site.port())
                + " at " + site.location()
                + (site.onlyCounted() == 0
                        ? ""
                        : "; of these "
                                + HumanText.count(
                                        site.onlyCounted(),
                                        "is a selector, datagram socket, pipe or the like",
                                        "are selectors, datagram sockets, pipes or the like"));
    }

    AfterAllLogEvent afterAllEvent(Leak leak, AfterAll how, long afterMillis) {
        return new AfterAllLogEvent(releasedAfterAll(leak, how, afterMillis), leak, how, afterMillis, addresses);
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
            boolean closed = leak.kind().isClosed();
            line(
                    out,
                    closed ? "held" : "key",
                    (closed ? "by " : "registered with ") + PrintableText.line(leak.holder()));
        }
        String loss = outcome.name().isReleased() ? "" : EvidenceText.loss(leak);
        if (!loss.isEmpty()) {
            line(out, "doubt", "a release may lose " + loss);
        }
        line(out, "done", OutcomeText.of(leak, outcome, addresses));
        if (PeerText.hasPeer(leak)) {
            line(out, "peer", PeerText.of(leak, outcome));
        }
        code(out, leak);
        line(out, "process", process(leak.census()));
        if (outcome.name() == OutcomeName.LOGGED && !leak.snapshot().isOnlyReported()) {
            line(out, "would", OutcomeText.wouldBe(leak));
        }
        return out.toString();
    }

    /** The line to blame, and the stacks that are known. */
    private void code(StringBuilder out, Leak leak) {
        line(out, "blame", BlameText.of(leak.blame()));
        line(out, "code", code(leak));
        stack(out, leak.stack());
        if (leak.endOfInput().isKnown()) {
            line(out, "end", EvidenceText.end(leak.endOfInput()));
            stack(out, leak.endOfInput().stack());
        }
        if (leak.blame().kind().isUse()) {
            line(out, "use", BlameText.use(leak.blame()));
            stack(out, leak.blame().stack());
        }
        if (leak.stackOrigin() == StackOrigin.HALF_CLOSED && leak.opening().length > 0) {
            line(out, "opened", "in");
            stack(out, leak.opening());
        }
    }

    private static String code(Leak leak) {
        if (leak.stack().length == 0) {
            return leak.stackOrigin().withoutStack();
        }
        return leak.stackOrigin() == StackOrigin.HALF_CLOSED
                ? "half-closed by thread \"" + PrintableText.line(leak.thread()) + "\" in"
                : "opened in";
    }

    static void line(StringBuilder out, String label, String text) {
        out.append("\n    ").append(label);
        for (int i = label.length(); i < 8; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    /** How the socket was lost and what is known of it, in one sentence. */
    private static String what(Leak leak) {
        SocketSnapshot snapshot = leak.snapshot();
        String age = HumanText.duration(leak.ageMillis()) + " ago";
        String open = HumanText.duration(leak.openMillis());
        return switch (leak.kind()) {
            case HALF_CLOSED ->
                "the application "
                        + (leak.stackOrigin() == StackOrigin.HALF_CLOSED
                                ? "shut the output " + age
                                : "had shut the output when the agent found the socket " + age)
                        + ", " + EvidenceText.read(leak) + ", and waits for no input: "
                        + sentence(leak, EvidenceText.input(leak, true), "");
            case PEER_CLOSED ->
                EvidenceText.peerClosed(leak, age)
                        + (leak.use().consumed()
                                ? ", and the application " + EvidenceText.read(leak)
                                : ", and the application has not read, written or closed since")
                        + " and waits for no input or output: "
                        + sentence(leak, EvidenceText.input(leak, false), open);
            case WINDOW_FULL ->
                "the receive window is full, seen " + age + ", so the peer can send neither more nor its FIN; "
                        + "the application has not read, written or closed since and waits for no input or output: "
                        + sentence(leak, window(leak), open);
            case UNREACHABLE ->
                "the application dropped the socket without a close, and the object was collected: "
                        + sentence(leak, dropped(leak), open);
            case CLOSED_NOT_RELEASED ->
                "the application has closed the socket, seen " + age + ", but its descriptor, opened " + open
                        + " ago, is still open";
            case NEVER_CONNECTED ->
                "the application opened the socket " + open + " ago, and " + neverConnected(snapshot.tcpState());
        };
    }

    private static List<String> window(Leak leak) {
        var clauses = new ArrayList<>(EvidenceText.unread(leak));
        clauses.add("the receive buffer has " + HumanText.bytes(leak.snapshot().receiveBuffer()));
        return clauses;
    }

    /**
     * Clauses as the end of a sentence.
     *
     * @param open how long it was open; empty if that is not told
     */
    private static String sentence(Leak leak, List<String> known, String open) {
        String idle = "idle for " + HumanText.duration(leak.idleMillis());
        String times = open.isEmpty()
                ? "the socket has been " + idle
                : "the socket has been open for " + open + " and " + idle;
        TcpState state = leak.snapshot().tcpState();
        return (known.isEmpty() ? "" : String.join(", ", known) + ", and ")
                + times
                + (state == TcpState.UNKNOWN ? "" : " (TCP state " + state + ")");
    }

    private static List<String> dropped(Leak leak) {
        var clauses = new ArrayList<String>();
        switch (leak.snapshot().tcpState()) {
            case SYN_SENT -> clauses.add("its connect is under way");
            case LISTEN -> clauses.add("it still listens");
            default -> {}
        }
        if (PeerText.hasPeer(leak)) {
            clauses.addAll(EvidenceText.input(leak, true));
        }
        return clauses;
    }

    private static String neverConnected(TcpState state) {
        return switch (state) {
            case UNKNOWN -> "has neither connected nor bound it";
            case CLOSE -> "its connect has ended, but the application has not asked for the result";
            case SYN_SENT -> "its connect is under way, but no thread selects on its selector any more";
            default -> "its connect has succeeded, but no thread selects on its selector any more";
        };
    }

    /** What was done, in a sentence with full addresses. */
    public static String outcome(Leak leak, Outcome outcome) {
        return OutcomeText.of(leak, outcome, new AddressFormat(false));
    }

    /** What a release may lose, in words; empty unless the leak is doubtful. */
    public static String doubt(Leak leak) {
        return EvidenceText.loss(leak);
    }

    /** What the peer has seen, in words; empty if there is none. */
    public static String peerOutcome(Leak leak, Outcome outcome) {
        return PeerText.hasPeer(leak) ? PeerText.of(leak, outcome) : "";
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
        return use(census.open(), census.limit());
    }

    private static String use(int open, long limit) {
        if (open < 0) {
            return "number of open descriptors unknown";
        }
        return limit < 0 ? open + " descriptors open, no known limit" : descriptors(open, limit);
    }

    /** How many of the descriptors that the process may have are open, also in percent. */
    static String descriptors(long open, long limit) {
        return open + " of " + limit + " descriptors open (" + HumanText.percent(open, Math.max(1, limit)) + " %)";
    }

    /** The line about a leak that was reported and is none any more. */
    public String releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
        return "released after all, site " + leak.site().id() + ": " + addresses.of(leak.endpoints())
                + ", fd " + leak.descriptor() + ", reported as a leak " + HumanText.duration(afterMillis) + " ago, "
                + how.predicate()
                + (how.cameBack() ? "; if this is normal for this code, set a longer timeout or an exclusion" : "");
    }

    /** @param grown as of {@link CountsLogEvent} */
    String counts(LeakSite site, long grown) {
        return "leak site " + site.id() + " (" + site.kind() + ")" + LeakSites.place(site.location()) + ": count="
                + site.found()
                + " released=" + site.released() + " released-after-all=" + site.releasedAfterAll()
                + " excluded=" + site.excluded() + (site.stillHeld() == 0 ? "" : " still-held=" + site.stillHeld())
                + (grown == LogSink.FIRST ? "" : "; +" + grown + " since the last counts");
    }
}
