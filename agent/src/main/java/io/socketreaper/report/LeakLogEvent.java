package io.socketreaper.report;

import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import io.socketreaper.model.Doubt;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import java.util.List;
import java.util.Locale;

/** A leak and what was done about it. */
record LeakLogEvent(String message, Leak leak, Outcome outcome, AddressFormat addresses, int stackDepth)
        implements LogEvent {
    private static final String SOCKET = "socket:[";

    @Override
    public String name() {
        return "leak";
    }

    @Override
    public void facts(LogFields facts) {
        facts.text("site", leak.site().id());
        facts.text("location", leak.site().location());
        facts.text("kind", leak.kind().toString());
        facts.text("grade", leak.grade().toString());
        facts.text("local", addresses.of(leak.endpoints().local()));
        facts.text("peer", addresses.of(leak.endpoints().remote()));
        facts.number("fd", leak.descriptor());
        inode(facts);
        sighting(facts);
        facts.number("age_ms", leak.ageMillis());
        facts.number("open_ms", leak.openMillis());
        facts.number("idle_ms", leak.idleMillis());
        if (leak.sinceReadMillis() >= 0) {
            facts.number("since_read_ms", leak.sinceReadMillis());
        }
        evidence(facts);
        facts.text("holder", leak.holder().isEmpty() ? null : leak.holder());
        facts.text("sign", word(leak.sign()));
        facts.text("thread", leak.thread().isEmpty() ? null : leak.thread());
        facts.list("stack", frames(leak.stack()));
        facts.number("stack_frames", leak.stack().length);
        endOfInput(facts);
        if (leak.census().open() >= 0) {
            facts.number("descriptors_open", leak.census().open());
        }
        if (leak.census().limit() >= 0) {
            facts.number("descriptors_limit", leak.census().limit());
        }
        outcome(facts);
    }

    private void inode(LogFields facts) {
        String link = leak.link();
        if (link != null && link.startsWith(SOCKET) && link.endsWith("]")) {
            try {
                facts.number("inode", Long.parseLong(link.substring(SOCKET.length(), link.length() - 1)));
            } catch (NumberFormatException unknown) {
                // then it is not told
            }
        }
    }

    /** Of a socket without a connection, or that nobody can get at, the rest is unknown. */
    private void sighting(LogFields facts) {
        SocketSnapshot sighting = leak.sighting();
        facts.text("hold", word(sighting.hold()));
        if (leak.kind() == LeakKind.CLOSED_NOT_RELEASED || leak.kind() == LeakKind.NEVER_CONNECTED) {
            return;
        }
        facts.text("tcp_state", sighting.tcpState().toString());
        facts.number("unread_bytes", sighting.unreadBytes());
        facts.flag("end_of_input", sighting.endOfInput());
        facts.flag("reset", sighting.reset());
        facts.flag("output_shut", sighting.outputShut());
        facts.flag("silent", sighting.isSilent());
        if (sighting.plaintext() > 0) {
            facts.number("plaintext_bytes", sighting.plaintext());
        }
        if (sighting.tlsOver()) {
            facts.flag("tls_over", true);
        }
    }

    /** Why the grade is what it is. */
    private void evidence(LogFields facts) {
        facts.flag("read_on", leak.use().consumed());
        facts.text("peer_answer", leak.use().peer().toString());
        List<Doubt> doubts = Doubt.of(leak.sighting(), leak.use());
        if (!doubts.isEmpty()) {
            var words = new String[doubts.size()];
            for (int i = 0; i < words.length; i++) {
                words[i] = doubts.get(i).toString();
            }
            facts.list("doubts", words);
        }
    }

    private void endOfInput(LogFields facts) {
        EndOfInputRead end = leak.endOfInput();
        if (end.isKnown()) {
            facts.number("end_of_input_read_ms", end.millisAgo());
            facts.text("end_of_input_thread", end.thread().isEmpty() ? null : end.thread());
            if (end.stack().length > 0) {
                facts.list("end_of_input_stack", frames(end.stack()));
            }
        }
    }

    private String[] frames(StackTraceElement[] stack) {
        var frames = new String[Math.min(stackDepth, stack.length)];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = stack[i].toString();
        }
        return frames;
    }

    private void outcome(LogFields facts) {
        if (outcome instanceof Outcome.Logged) {
            facts.text("outcome", "logged");
        } else if (outcome instanceof Outcome.Excluded excluded) {
            facts.text("outcome", "excluded");
            facts.text("exclusion", addresses.ofRule(excluded.rule()));
        } else if (outcome instanceof Outcome.Spared spared) {
            facts.text("outcome", "spared");
            facts.text("reason", spared.reason());
        } else if (outcome instanceof Outcome.Drained drained) {
            facts.text("outcome", "drained");
            facts.number("drained_bytes", drained.bytes());
            facts.text("drain_end", word(drained.end()));
            facts.text("preview", drained.preview().isEmpty() ? null : drained.preview());
            facts.text("owner", drained.owner());
            facts.number("took_ms", drained.tookMillis());
        } else if (outcome instanceof Outcome.Closed closed) {
            facts.text("outcome", "closed");
            facts.text("owner", closed.owner());
            facts.number("took_ms", closed.tookMillis());
        } else if (outcome instanceof Outcome.ClosedByApplication closed) {
            facts.text("outcome", "closed-by-application");
            facts.number("drained_bytes", closed.bytes());
            facts.number("took_ms", closed.tookMillis());
        } else if (outcome instanceof Outcome.StillHeld held) {
            facts.text("outcome", "still-held");
            facts.text("owner", held.owner());
            facts.number("attempts", held.attempts());
            facts.flag("given_up", held.givenUp());
            facts.number("took_ms", held.tookMillis());
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return message;
    }
}
