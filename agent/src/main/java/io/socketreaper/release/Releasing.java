package io.socketreaper.release;

import io.socketreaper.config.Action;
import io.socketreaper.config.Settings;
import io.socketreaper.judge.LeakKind;
import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.Sighting.Hold;
import io.socketreaper.judge.TcpState;
import io.socketreaper.report.Leak;
import io.socketreaper.report.Outcome;
import io.socketreaper.report.Outcome.DrainEnd;
import io.socketreaper.report.Sink;
import io.socketreaper.socket.Claim;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.Descriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * One condemned socket on its way out: drain, close, verify. A step never blocks, so one slow peer holds up nobody; a
 * socket with nothing to do is looked at at growing intervals.
 */
final class Releasing {
    static final int BUFFER_BYTES = 64 * 1024;
    /** Bytes of one step, so that one fast sender does not keep the thread from the others. */
    private static final int STEP_BYTES = 1024 * 1024;
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    /** How long an owner may take to let go before the report says that it has not. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PATIENCE = TimeUnit.SECONDS.toNanos(60);
    /** With the patience doubling from one second to sixty this is about ten minutes. */
    private static final int MOST_ATTEMPTS = 15;

    private enum Phase { DRAIN, CLOSE, OVER }

    private final Case openCase;
    private final Claim claim;
    private final Settings settings;
    private final Clock clock;
    private final Descriptors descriptors;
    private final Closers closers;
    private final Sink sink;
    private final ByteBuffer buffer;
    private final long claimedAt;
    private final StringBuilder preview = new StringBuilder();

    private Phase phase;
    private long dueAt;
    private long pause = SHORTEST_PAUSE;
    private long drained;
    private long lastProgress;
    private DrainEnd drainEnd;
    private boolean closedByApplication;
    /** The close is to empty the socket. */
    private boolean withClose;
    private int attempts;
    private long lastAttempt;
    private long patience = PATIENCE;

    Releasing(Case openCase, Claim claim, Action action, Settings settings, Clock clock, Descriptors descriptors, Closers closers,
              Sink sink, ByteBuffer buffer) {
        this.openCase = openCase;
        this.claim = claim;
        this.settings = settings;
        this.clock = clock;
        this.descriptors = descriptors;
        this.closers = closers;
        this.sink = sink;
        this.buffer = buffer;
        this.claimedAt = clock.nanoTime();
        this.lastProgress = claimedAt;
        this.dueAt = claimedAt;
        this.phase = isToBeEmptied(openCase.leak(), action) ? Phase.DRAIN : Phase.CLOSE;
    }

    /**
     * What a peer that has ended its side has sent is finite and all here: taking it off before the close costs nothing, and
     * spares the peer a reset that could overtake the end of our reply.
     */
    private static boolean isToBeEmptied(Leak leak, Action action) {
        Sighting sighting = leak.sighting();
        boolean nothingThere = sighting.hold() == Hold.CLOSED || sighting.tcpState() == TcpState.LISTEN
                || sighting.hold() == Hold.UNREACHABLE && sighting.tcpState() == TcpState.CLOSE && sighting.unreadBytes() == 0;
        return !nothingThere && (action == Action.DRAIN || leak.kind() == LeakKind.PEER_CLOSED);
    }

    long dueAt() {
        return dueAt;
    }

    boolean isOver() {
        return phase == Phase.OVER;
    }

    void step() {
        if (phase == Phase.DRAIN) {
            drain();
        }
        if (phase == Phase.CLOSE) {
            close();
        }
    }

    /** The step before this has failed. */
    void tryLater() {
        pauseUntilNextStep(clock.nanoTime(), false);
    }

    // -- Drain

    private void drain() {
        long before = drained;
        long stepEnd = drained + STEP_BYTES;
        while (drainEnd == null && !closedByApplication && drained < stepEnd) {
            if (drained >= settings.drainBytes()) {
                drainEnd = DrainEnd.BYTES;
                break;
            }
            int count = readOnce();
            if (count <= 0) {
                break;
            }
            remember(count);
            drained += count;
            lastProgress = clock.nanoTime();
        }
        long now = clock.nanoTime();
        if (drainEnd == null && !closedByApplication && !withClose) {
            if (now - claimedAt >= TimeUnit.MILLISECONDS.toNanos(settings.drainTimeMillis())) {
                drainEnd = DrainEnd.TIME;
            } else if (now - lastProgress >= TimeUnit.MILLISECONDS.toNanos(settings.drainIdleMillis())) {
                drainEnd = DrainEnd.IDLE;
            }
        }
        if (drainEnd == null && !closedByApplication && !withClose) {
            pauseUntilNextStep(now, drained > before);
        } else {
            pause = SHORTEST_PAUSE;
            phase = Phase.CLOSE;
        }
    }

    private int readOnce() {
        buffer.clear().limit((int) Math.min(buffer.capacity(), settings.drainBytes() - drained));
        try {
            int count = claim.read(buffer);
            if (count == Claim.END_OF_INPUT) {
                drainEnd = DrainEnd.END_OF_INPUT;
            } else if (count == Claim.CLOSED_MEANWHILE) {
                closedByApplication = true;
                lastAttempt = clock.nanoTime();
            } else if (count == Claim.WITH_CLOSE) {
                withClose = true;
            }
            return count;
        } catch (IOException reset) {
            drainEnd = DrainEnd.RESET;
            return Claim.END_OF_INPUT;
        }
    }

    private void remember(int count) {
        for (int i = 0; i < count && drained + i < settings.preview(); i++) {
            Escape.append(preview, buffer.get(i));
        }
    }

    // -- Close and verify

    private void close() {
        long now = clock.nanoTime();
        String link = descriptors.link(openCase.leak().descriptor());
        if (!openCase.leak().link().equals(link) && !Descriptors.UNKNOWN.equals(link)) {
            finish(now);
            return;
        }
        if (claim.isRefused()) {
            sink.leak(openCase.leak(), new Outcome.Spared("it was in use again at the last moment"));
            phase = Phase.OVER;
            openCase.refused();
            return;
        }
        // After a close of the application's that frees nothing comes ours, which also wakes the selectors.
        if ((closedByApplication || attempts > 0) && now - lastAttempt < patience) {
            pauseUntilNextStep(now, false);
            return;
        }
        if (attempts > 0) {
            boolean givenUp = attempts >= MOST_ATTEMPTS;
            if (attempts == 1 || givenUp) {
                sink.leak(openCase.leak(), new Outcome.StillHeld(claim.owner(), attempts, givenUp, millisSinceClaim(now)));
            }
            if (givenUp) {
                over();
                return;
            }
            patience = Math.min(2 * patience, LONGEST_PATIENCE);
        }
        attempts++;
        lastAttempt = now;
        closers.close(claim);
        pauseUntilNextStep(now, true);
    }

    private void finish(long now) {
        if (withClose) {
            takeEmptied(claim.emptied());
        }
        Leak leak = openCase.leak();
        long took = millisSinceClaim(now);
        Outcome outcome;
        // One flush of a selector frees all closed channels that it holds, also those whose turn has not come.
        boolean closedBefore = leak.sighting().hold() == Hold.CLOSED;
        if (!closedBefore && (attempts == 0 || closedByApplication)) {
            outcome = new Outcome.ClosedByApplication(drained, took);
        } else if (drainEnd != null) {
            outcome = new Outcome.Drained(drained, drainEnd, preview.toString(),
                    claim.owner(), took);
        } else {
            outcome = new Outcome.Closed(claim.owner(), took);
        }
        leak.site().countReleased();
        sink.leak(leak, outcome);
        over();
    }

    private void takeEmptied(Claim.Emptied emptied) {
        if (emptied == null) {
            closedByApplication = true;
            return;
        }
        drained = emptied.bytes();
        drainEnd = emptied.reset() ? DrainEnd.RESET : emptied.endOfInput() ? DrainEnd.END_OF_INPUT : DrainEnd.WITH_CLOSE;
        for (int i = 0; i < emptied.first().length && i < settings.preview(); i++) {
            Escape.append(preview, emptied.first()[i]);
        }
    }

    private void over() {
        phase = Phase.OVER;
        openCase.over();
    }

    private long millisSinceClaim(long now) {
        return TimeUnit.NANOSECONDS.toMillis(now - claimedAt);
    }

    private void pauseUntilNextStep(long now, boolean progress) {
        pause = progress ? SHORTEST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
        dueAt = now + pause;
    }
}
