package io.socketreaper.agent;

import io.socketreaper.control.Ledger;
import io.socketreaper.report.Leak;
import io.socketreaper.report.Outcome;
import io.socketreaper.report.Sink;
import io.socketreaper.watch.Listed;
import io.socketreaper.watch.Watch;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** The last leaks that the agent has released, which a test would look for in vain. Reaper thread only. */
final class Taken implements Sink {
    private static final int MOST = 1000;

    private final Watch watch;
    final Queue<Released> released = new ArrayDeque<>();

    /** @param openedAt nano time of the opening */
    record Released(Leak leak, Outcome outcome, long openedAt) {
    }

    Taken(Watch watch) {
        this.watch = watch;
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        if (outcome instanceof Outcome.Drained || outcome instanceof Outcome.Closed
                || outcome instanceof Outcome.ClosedByApplication) {
            if (released.size() == MOST) {
                released.remove();
            }
            released.add(new Released(leak, outcome, openedAt(leak, outcome)));
        }
    }

    /** The watch knows it to the nanosecond, until it looks again; a leak is told in milliseconds. */
    private long openedAt(Leak leak, Outcome outcome) {
        for (Listed listed : watch.list()) {
            if (listed.openCase() != null && listed.openCase().inRelease()
                    && listed.finding().socket().descriptor() == leak.descriptor()
                    && listed.finding().socket().endpoints().equals(leak.endpoints())) {
                return listed.finding().openedAt();
            }
        }
        return System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(leak.openMillis() + Ledger.tookMillis(outcome));
    }

    @Override
    public void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        // it was not taken
    }

    @Override
    public boolean tick(long now) {
        return false;
    }
}
