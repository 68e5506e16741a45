package io.socketreaper.runtime;

import io.socketreaper.detect.Detector;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** The last leaks that the agent has released, which a test can no longer find as open sockets. */
@ReaperThread
final class RecentReleases implements LeakSink {
    private static final int MOST = 1000;

    private final Detector detector;
    final Queue<Released> released = new ArrayDeque<>();

    /** @param openedAt nano time of the opening */
    record Released(Leak leak, Outcome outcome, long openedAt) {}

    RecentReleases(Detector detector) {
        this.detector = detector;
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        if (outcome.name().isReleased()) {
            if (released.size() == MOST) {
                released.remove();
            }
            released.add(new Released(leak, outcome, openedAt(leak, outcome)));
        }
    }

    /** The watch knows it to the nanosecond, until it looks again; a leak is told in milliseconds. */
    private long openedAt(Leak leak, Outcome outcome) {
        for (SuspectSnapshot listed : detector.list()) {
            if (listed.openCase() != null
                    && listed.openCase().inRelease()
                    && listed.candidate().socket().descriptor() == leak.descriptor()
                    && listed.candidate().socket().endpoints().equals(leak.endpoints())) {
                return listed.candidate().openedAt();
            }
        }
        return System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(leak.openMillis() + outcome.tookMillis());
    }
}
