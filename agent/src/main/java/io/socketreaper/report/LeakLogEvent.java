package io.socketreaper.report;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.Blame;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import io.socketreaper.model.Doubt;
import io.socketreaper.model.SocketSnapshot;
import java.util.List;
import java.util.Locale;

/** A leak and what was done about it. */
record LeakLogEvent(String message, Leak leak, Outcome outcome, AddressFormat addresses, int stackDepth)
        implements LogEvent {
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
        snapshot(facts);
        facts.number("age_ms", leak.ageMillis());
        facts.number("open_ms", leak.openMillis());
        facts.number("idle_ms", leak.idleMillis());
        if (leak.sinceReadMillis() >= 0) {
            facts.number("since_read_ms", leak.sinceReadMillis());
        }
        evidence(facts);
        facts.text("holder", leak.holder().isEmpty() ? null : leak.holder());
        facts.text("sign", word(leak.stackOrigin()));
        facts.text("thread", leak.thread().isEmpty() ? null : leak.thread());
        facts.list("stack", frames(leak.stack()));
        facts.number("stack_frames", leak.stack().length);
        endOfInput(facts);
        blame(facts);
        if (leak.census().open() >= 0) {
            facts.number("descriptors_open", leak.census().open());
        }
        if (leak.census().limit() >= 0) {
            facts.number("descriptors_limit", leak.census().limit());
        }
        facts.text("outcome", outcomeWord());
        outcome.accept(new OutcomeFields(facts, addresses));
    }

    private void inode(LogFields facts) {
        long inode = Descriptors.inode(leak.link());
        if (inode != 0) {
            facts.number("inode", inode);
        }
    }

    /** The rest is unknown for a socket without a connection, or one whose descriptor cannot be used. */
    private void snapshot(LogFields facts) {
        SocketSnapshot snapshot = leak.snapshot();
        facts.text("hold", word(snapshot.hold()));
        if (!leak.kind().hasConnection()) {
            return;
        }
        facts.text("tcp_state", snapshot.tcpState().toString());
        facts.number("unread_bytes", snapshot.unreadBytes());
        facts.flag("end_of_input", snapshot.endOfInput());
        facts.flag("reset", snapshot.reset());
        facts.flag("output_shut", snapshot.outputShut());
        facts.flag("silent", snapshot.isSilent());
        if (snapshot.plaintext() > 0) {
            facts.number("plaintext_bytes", snapshot.plaintext());
        }
        if (snapshot.tlsOver()) {
            facts.flag("tls_over", true);
        }
    }

    private void evidence(LogFields facts) {
        facts.flag("read_on", leak.use().consumed());
        facts.text("peer_answer", leak.use().peer().toString());
        List<Doubt> doubts = Doubt.of(leak.snapshot(), leak.use());
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

    private void blame(LogFields facts) {
        Blame blame = leak.blame();
        facts.text("blame", blame.kind().toString());
        if (blame.isKnown()) {
            facts.text("blame_thread", blame.thread().isEmpty() ? null : blame.thread());
            facts.list("blame_stack", frames(blame.stack()));
            facts.number("blame_ms", blame.millisAgo());
        } else {
            facts.text("blame_missing", blame.why());
        }
        if (leak.opening().length > 0) {
            facts.list("opening_stack", frames(leak.opening()));
        }
    }

    private String[] frames(StackTraceElement[] stack) {
        var frames = new String[Math.min(stackDepth, stack.length)];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = stack[i].toString();
        }
        return frames;
    }

    /** A release that was given up is one that is still held, with a flag of its own. */
    private String outcomeWord() {
        OutcomeName name = outcome.name() == OutcomeName.GIVEN_UP ? OutcomeName.STILL_HELD : outcome.name();
        return name.toString();
    }

    /** The fields of one kind of outcome. */
    private record OutcomeFields(LogFields facts, AddressFormat addresses) implements Outcome.Visitor<Void> {
        @Override
        public Void logged(Outcome.Logged outcome) {
            return null;
        }

        @Override
        public Void excluded(Outcome.Excluded outcome) {
            facts.text("exclusion", addresses.ofRule(outcome.rule()));
            return null;
        }

        @Override
        public Void spared(Outcome.Spared outcome) {
            facts.text("reason", outcome.reason());
            return null;
        }

        @Override
        public Void drained(Outcome.Drained outcome) {
            facts.number("drained_bytes", outcome.bytes());
            facts.text("drain_end", word(outcome.end()));
            facts.text("preview", outcome.preview().isEmpty() ? null : outcome.preview());
            released(outcome.owner(), outcome);
            return null;
        }

        @Override
        public Void closed(Outcome.Closed outcome) {
            released(outcome.owner(), outcome);
            return null;
        }

        private void released(String owner, Outcome outcome) {
            Outcome.Told told = outcome.told();
            facts.text("owner", owner);
            facts.text("owner_told", word(told.owner()));
            facts.text("owner_not_told_because", told.why().isEmpty() ? null : told.why());
            facts.text("peer_told", word(told.peer()));
            facts.number("took_ms", outcome.tookMillis());
        }

        @Override
        public Void closedByApplication(Outcome.ClosedByApplication outcome) {
            facts.number("drained_bytes", outcome.bytes());
            facts.number("took_ms", outcome.tookMillis());
            return null;
        }

        @Override
        public Void stillHeld(Outcome.StillHeld outcome) {
            facts.text("owner", outcome.owner());
            facts.number("attempts", outcome.attempts());
            facts.flag("given_up", outcome.givenUp());
            facts.number("took_ms", outcome.tookMillis());
            return null;
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
