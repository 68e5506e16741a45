package io.socketreaper.release;

import io.socketreaper.config.Settings;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.stack.Claim;
import io.socketreaper.thread.ReaperThread;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the phases of one release share: the claim, when the next step is due, the closes so far, and the report at the end. */
@ReaperThread
final class ReleaseContext {
    private static final String IN_USE = "the application used it again at the last moment";

    final LeakCase openCase;
    /** As they were when the release began. */
    final Settings settings;

    final Clock clock;
    final ReleaseResult result;

    private final Descriptors descriptors;
    private final CloseExecutor closers;
    private final LeakSink sink;

    /** Until the socket is condemned it may be a request to its owner's event loop, afterwards it is the claim that was made. */
    Claim claim;
    /** Whether few descriptors are left. */
    boolean underPressure;
    /** Nano time at which the socket was condemned; before that, at which its owner's event loop was asked to. */
    long claimedAt;
    /** Nano time of the next step. */
    long dueAt;
    /** The last close that was begun; null if there was none. */
    @Nullable
    CloseAttempt attempt;
    /** Closes by the agent, including those that another thread makes for it. */
    int attempts;
    /** Nano time at which the owner's last way to close began, or at which a close by another party was seen. */
    long closedAt;

    private long pause = TimeLimits.SHORTEST_PAUSE;
    private boolean over;

    ReleaseContext(
            LeakCase openCase,
            Claim claim,
            Settings settings,
            Clock clock,
            Descriptors descriptors,
            CloseExecutor closers,
            LeakSink sink,
            boolean underPressure) {
        this.openCase = openCase;
        this.claim = claim;
        this.settings = settings;
        this.clock = clock;
        this.descriptors = descriptors;
        this.closers = closers;
        this.sink = sink;
        this.underPressure = underPressure;
        this.result = new ReleaseResult(settings.preview());
        this.claimedAt = clock.nanoTime();
        this.dueAt = claimedAt;
    }

    /** The socket is condemned. */
    void claimed(long now) {
        claim = claim.made();
        claimedAt = now;
    }

    /** A phase begins: its steps come at short intervals again. */
    void resetPause() {
        pause = TimeLimits.SHORTEST_PAUSE;
    }

    /** @param progress whether the step has changed something, so that the next one comes soon */
    void pauseUntilNextStep(long now, boolean progress) {
        pause = progress ? TimeLimits.SHORTEST_PAUSE : Math.min(2 * pause, TimeLimits.LONGEST_PAUSE);
        dueAt = now + pause;
    }

    /** The same without progress, but not longer than until {@code end}. */
    void pauseUntilNextStep(long now, long end) {
        pauseUntilNextStep(now, false);
        if (dueAt - end > 0) {
            dueAt = end;
        }
    }

    /** Begins a close. Throws if no thread is available; then no attempt was made, and the same step is repeated. */
    void beginClose(int way, long now) {
        var made = new CloseAttempt(claim, way, clock);
        closers.close(made);
        attempt = made;
        pauseUntilNextStep(now, true);
    }

    /** Whether the descriptor no longer refers to the socket. */
    boolean isGone() {
        String link = descriptors.link(openCase.leak().descriptor());
        return !Objects.requireNonNull(openCase.leak().link()).equals(link) && !Descriptors.UNKNOWN.equals(link);
    }

    /** True if the application had closed the socket when the leak was found, and a selector or a thread still held its descriptor. */
    boolean wasClosedBefore() {
        return openCase.leak().snapshot().hold() == Holder.CLOSED;
    }

    boolean isOver() {
        return over;
    }

    /** The descriptor is gone. */
    void finish(long now) {
        claim.gone();
        Leak leak = openCase.leak();
        boolean tried = attempts > 0 || attempt != null && attempt.hasBegun();
        Outcome outcome = result.outcome(leak, claim, tried, millisSinceClaim(now));
        leak.site().countReleased();
        sink.leak(leak, outcome);
        over = true;
        openCase.over();
    }

    /** The closes so far have not freed the descriptor. */
    void stillHeld(boolean givenUp, long now) {
        sink.leak(openCase.leak(), new Outcome.StillHeld(claim.owner(), attempts, givenUp, millisSinceClaim(now)));
    }

    /** No more closes: the descriptor stays open. */
    void giveUp(long now) {
        stillHeld(true, now);
        over = true;
        openCase.over();
    }

    /** The owner's thread has found the socket in use, so it stays with the application. */
    void refuseAsInUse() {
        refuse(IN_USE);
    }

    /** @param why the socket stays with the application */
    void refuse(String why) {
        sink.leak(openCase.leak(), new Outcome.Spared(why));
        over = true;
        openCase.refused();
    }

    private long millisSinceClaim(long now) {
        return TimeUnit.NANOSECONDS.toMillis(now - claimedAt);
    }
}
