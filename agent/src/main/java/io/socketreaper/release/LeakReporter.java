package io.socketreaper.release;

import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Blame;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.leak.SuspectFound;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes the record of a leak, counts it at its site, and passes it to the sinks. */
@ReaperThread
final class LeakReporter {
    private final LeakSites sites;
    private final LeakSink sink;
    private final KernelFacts kernel;

    LeakReporter(LeakSites sites, LeakSink sink, KernelFacts kernel) {
        this.sites = sites;
        this.sink = sink;
        this.kernel = kernel;
    }

    void suspected(LeakCandidate candidate, SocketSnapshot snapshot, Grade grade, long timeout, long now) {
        if (sink.wantsSuspects()) {
            sink.suspected(new SuspectFound(
                    candidate.socket().endpoints(),
                    candidate.socket().descriptor(),
                    snapshot,
                    grade,
                    candidate.stackOrigin(),
                    TimeUnit.NANOSECONDS.toMillis(now - candidate.signAt()),
                    TimeUnit.NANOSECONDS.toMillis(now - candidate.openedAt()),
                    TimeUnit.NANOSECONDS.toMillis(timeout),
                    candidate.signThread(),
                    candidate.originStack()));
        }
    }

    /** Counts a leak and tells the sinks, unless it was found before and is only now released, or tried again; true if not. */
    boolean found(LeakCandidate candidate, Leak leak) {
        boolean first = candidate.countsAt(leak.site());
        if (first) {
            leak.site().countFound(leak.grade());
            sink.found(leak);
        }
        return first;
    }

    /** A leak was found which is not released, for the reason that the outcome names. */
    void notReleased(LeakCandidate candidate, Leak leak, Outcome outcome) {
        if (found(candidate, leak) && outcome.name() == OutcomeName.EXCLUDED) {
            leak.site().countExcluded();
        }
        sink.leak(leak, outcome);
    }

    /** A leak that was only reported has come to its end without the agent. */
    void releasedAfterAll(LeakCase openCase, AfterAll how, long now) {
        openCase.site().countReleasedAfterAll();
        sink.releasedAfterAll(openCase.leak(), how, TimeUnit.NANOSECONDS.toMillis(now - openCase.openedAt()));
    }

    /** The record of a leak as it is now. */
    Leak leak(LeakCandidate candidate, Evidence evidence, @Nullable String link, long now) {
        EndOfInputRead end = endOfInput(candidate, now);
        Blame blame = LineToBlame.of(evidence.kind(), candidate, end, now);
        StackTraceElement[] opening = candidate.openingStack();
        LeakSite site = sites.of(evidence.kind(), candidate.stackOrigin(), candidate.originStack(), blame, opening);
        StackTraceElement[] stack = site.shared(candidate.originStack());
        candidate.shareStack(stack);
        return new Leak(
                site,
                evidence.kind(),
                evidence.grade(),
                candidate.socket().endpoints(),
                candidate.socket().descriptor(),
                link,
                evidence.snapshot(),
                evidence.use(),
                candidate.stackOrigin(),
                TimeUnit.NANOSECONDS.toMillis(now - candidate.signAt()),
                TimeUnit.NANOSECONDS.toMillis(now - candidate.openedAt()),
                evidence.idleMillis(),
                candidate.millisSinceRead(now),
                candidate.signThread(),
                stack,
                end,
                blame.sharing(stack),
                opening,
                candidate.socket().holder(),
                Objects.requireNonNull(kernel.census()));
    }

    private static EndOfInputRead endOfInput(LeakCandidate candidate, long now) {
        long millisAgo = candidate.millisSinceEndOfInput(now);
        return millisAgo < 0
                ? EndOfInputRead.NONE
                : new EndOfInputRead(millisAgo, candidate.endOfInputThread(), candidate.endOfInputStack());
    }
}
