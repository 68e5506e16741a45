package io.socketreaper.report;

import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.TcpState;
import io.socketreaper.report.Outcome.DrainEnd;
import io.socketreaper.socket.Census;
import java.util.Locale;

/** The words of a report: which connection, which code, what was done, and whether the peer got its data. */
final class ReportText {
    private final int stackDepth;

    ReportText(int stackDepth) {
        this.stackDepth = stackDepth;
    }

    String of(Leak leak, Outcome outcome) {
        var out = new StringBuilder(1024);
        out.append("LEAK ").append(leak.kind()).append(" (").append(leak.grade()).append("), site ")
                .append(leak.site().id()).append(": ").append(leak.endpoints()).append(", fd ").append(leak.descriptor())
                .append(" = ").append(leak.link());
        line(out, "what", what(leak));
        line(out, "done", done(leak, outcome));
        line(out, "peer", peer(leak, outcome));
        line(out, "code", "half-closed by thread \"" + printable(leak.thread()) + "\" in");
        stack(out, leak.stack());
        line(out, "process", process(leak.census()));
        if (outcome instanceof Outcome.Logged) {
            line(out, "would", would(leak));
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String label, String text) {
        out.append("\n    ").append(label);
        for (int i = label.length(); i < 8; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    private static String what(Leak leak) {
        Sighting sighting = leak.sighting();
        String input = sighting.unreadBytes() > 0 ? bytes(sighting.unreadBytes()) + " unread" : "nothing but the end of input unread";
        String end = sighting.reset() ? "the connection was reset" : sighting.endOfInput()
                ? "the peer has closed its side" : "the peer's side is still open";
        String read = leak.sinceReadMillis() < 0 ? "never read since" : "last read " + time(leak.sinceReadMillis()) + " ago";
        return "output shut " + time(leak.ageMillis()) + " ago, " + read + ", " + (sighting.reach() == Sighting.Reach.UNREACHABLE
                ? "dropped without close, the object is collected" : "nobody wants to read") + "; " + input + ", " + end
                + "; TCP state " + sighting.tcpState() + "; idle for " + time(leak.idleMillis());
    }

    private String done(Leak leak, Outcome outcome) {
        if (outcome instanceof Outcome.Logged) {
            return "nothing (action=log)";
        } else if (outcome instanceof Outcome.Excluded excluded) {
            return "nothing, because of exclude=" + excluded.rule();
        } else if (outcome instanceof Outcome.Spared spared) {
            return "nothing, because " + spared.reason();
        } else if (outcome instanceof Outcome.Drained drained) {
            return "drained: " + bytes(drained.bytes()) + " discarded " + until(drained.end()) + ", then closed by its owner, "
                    + drained.owner() + "; the descriptor is gone (" + time(drained.tookMillis()) + ")"
                    + (drained.preview().isEmpty() ? "" : "; it began with \"" + drained.preview() + "\"");
        } else if (outcome instanceof Outcome.Closed closed) {
            return "closed by its owner, " + closed.owner() + ", with " + bytes(leak.sighting().unreadBytes())
                    + " unread; the descriptor is gone (" + time(closed.tookMillis()) + ")";
        } else if (outcome instanceof Outcome.ClosedByApplication closed) {
            return "claimed, " + bytes(closed.bytes()) + " discarded; then the application closed it itself; the descriptor is gone ("
                    + time(closed.tookMillis()) + ")";
        } else if (outcome instanceof Outcome.StillHeld held) {
            return "NOT RELEASED: closed by its owner, " + held.owner() + ", " + held.attempts() + " time(s) in "
                    + time(held.tookMillis()) + ", but the descriptor is still held"
                    + (held.givenUp() ? "; given up" : "; will be tried again");
        }
        throw new IllegalArgumentException(String.valueOf(outcome));
    }

    private static String until(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "up to the end of input";
            case RESET -> "until the connection's reset";
            case IDLE -> "until nothing more came for drain-idle";
            case TIME -> "until drain-time was over";
            case BYTES -> "until drain-bytes was reached";
        };
    }

    private static String peer(Leak leak, Outcome outcome) {
        Sighting sighting = leak.sighting();
        String reply = sighting.reset() ? "whether it got the whole reply is unknown, the connection ended by an error"
                : "has acknowledged the whole reply and our FIN";
        String now;
        if (outcome instanceof Outcome.Drained drained) {
            now = over(sighting) ? noPacket(sighting) : afterDrain(drained.end());
        } else if (outcome instanceof Outcome.Closed) {
            now = over(sighting) ? noPacket(sighting)
                    : sighting.unreadBytes() > 0 ? "was sent a RST, because its last " + bytes(sighting.unreadBytes())
                    + " were never read" : "was sent nothing";
        } else {
            now = !over(sighting) ? "has not ended its side"
                    : sighting.reset() ? "nothing more can come" : "has ended its side too";
        }
        return reply + "; " + now;
    }

    /** Both FINs are exchanged, or the connection was reset. */
    private static boolean over(Sighting sighting) {
        return sighting.tcpState() == TcpState.CLOSE;
    }

    private static String noPacket(Sighting sighting) {
        return "no packet was sent, " + (sighting.reset() ? "there was no connection any more" : "both FINs were exchanged before");
    }

    private static String afterDrain(DrainEnd end) {
        return switch (end) {
            case END_OF_INPUT -> "ended its side during the drain, a clean end";
            case RESET -> "reset the connection itself";
            case IDLE -> "was sent nothing; it sees a reset only if it sends more";
            case TIME, BYTES -> "may see a reset, because it was still sending";
        };
    }

    private static String would(Leak leak) {
        String unread = bytes(leak.sighting().unreadBytes());
        return over(leak.sighting())
                ? "action=drain would discard " + unread + " and close, action=close would close; neither sends a packet"
                : "action=drain would discard " + unread + " and whatever else comes, then close without a packet; "
                + "action=close would close and send the peer a RST";
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

    private static String process(Census census) {
        if (census.open() < 0) {
            return "number of open descriptors unknown";
        }
        return census.open() + (census.limit() < 0 ? " descriptors open, no known limit" : " of " + census.limit()
                + " descriptors open (" + 100 * census.open() / Math.max(1, census.limit()) + " %)");
    }

    String releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        return "released after all, site " + leak.site().id() + ": " + leak.endpoints() + ", fd " + leak.descriptor()
                + ", reported as a leak " + time(afterMillis) + " ago, " + (closed ? "was closed by the application"
                : "is in use again") + "; if that is normal for this code, a longer timeout or an exclusion fits better";
    }

    String counts(LeakSite site) {
        return "leak site " + site.id() + " (" + site.kind() + ") at " + site.location() + ": count=" + site.found()
                + " released=" + site.released() + " released-after-all=" + site.releasedAfterAll()
                + " excluded=" + site.excluded();
    }

    /** A thread may be named after what a client sent; a line break in it must not forge a line of the log. */
    private static String printable(String name) {
        var text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            text.append(Character.isISOControl(c) ? '?' : c);
        }
        return text.toString();
    }

    private static String bytes(long count) {
        return count == 1 ? "1 byte" : count + " bytes";
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
