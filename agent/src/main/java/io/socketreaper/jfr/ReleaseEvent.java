package io.socketreaper.jfr;

import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.report.ReportText;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.socketreaper.Release")
@Label("Socket Release")
@Description("The outcome of a leaked socket, unless it was only to be reported")
final class ReleaseEvent extends FoundEvent {
    @Label("Outcome")
    @Description("drained, closed, closed-by-application, still-held, given-up, excluded, spared or released-after-all")
    @Nullable
    String outcome;

    @Label("Done")
    @Description("The same in a sentence")
    @Nullable
    String done;

    @Label("Peer Outcome")
    @Description("What the peer saw, in words; empty if there is no peer")
    @Nullable
    String peerOutcome;

    @Label("Drained")
    @Description("Bytes that were read and discarded")
    @DataAmount
    long drainedBytes;

    @Label("Took")
    @Description("From the claim until the descriptor was seen to be gone; not available if the socket was not claimed")
    @Timespan(Timespan.MILLISECONDS)
    long took;

    void of(Leak leak, Outcome what, int depth) {
        describe(leak, depth);
        outcome = what.name().toString();
        done = ReportText.outcome(leak, what);
        peerOutcome = ReportText.peerOutcome(leak, what);
        drainedBytes = what.bytes();
        long millis = what.tookMillis();
        took = millis < 0 ? UNKNOWN : millis;
    }

    void afterAll(Leak leak, AfterAll how, int depth) {
        describe(leak, depth);
        outcome = OutcomeName.RELEASED_AFTER_ALL.toString();
        done = how.done();
        peerOutcome = "";
        took = UNKNOWN;
    }
}
