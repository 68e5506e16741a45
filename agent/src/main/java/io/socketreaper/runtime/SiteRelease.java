package io.socketreaper.runtime;

import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.ReleaseRequest;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.thread.ReaperThread;
import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Releases all sockets of a request, a part at a time, because there may be very many. */
@ReaperThread
final class SiteRelease {
    private static final int PER_LOOK_AT_THE_CLOCK = 16;

    private final Detector detector;
    private final Predicate<SuspectSnapshot> chosen;
    private final ReleaseRequest request;
    private @Nullable Iterator<SuspectSnapshot> rest;
    private int begun;
    private int spared;
    private int notYet;
    private int doubtful;

    SiteRelease(Detector detector, Predicate<SuspectSnapshot> chosen, ReleaseRequest request) {
        this.detector = detector;
        this.chosen = chosen;
        this.request = request;
    }

    /**
     * Begins the next releases, for so many nanoseconds or a little longer.
     *
     * @return the result for all sockets; null while there are more
     */
    @Nullable
    ReleaseAnswer goOn(long nanos) {
        long start = System.nanoTime();
        if (rest == null) {
            rest = detector.list().iterator();
        }
        for (int done = 1; rest.hasNext(); done++) {
            release(rest.next());
            if (done % PER_LOOK_AT_THE_CLOCK == 0 && System.nanoTime() - start > nanos && rest.hasNext()) {
                return null;
            }
        }
        return new ReleaseAnswer(begun, spared, notYet, doubtful);
    }

    private void release(SuspectSnapshot listed) {
        if (!chosen.test(listed)
                || listed.openCase() != null && listed.openCase().inRelease()) {
            return;
        }
        if (listed.openCase() == null) {
            notYet++;
            return;
        }
        switch (detector.release(listed, request.action(), request.doubtfulToo())) {
            case BEGUN -> begun++;
            case SPARED -> spared++;
            case DOUBTFUL -> doubtful++;
        }
    }
}
