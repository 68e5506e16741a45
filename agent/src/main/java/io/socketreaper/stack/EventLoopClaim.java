package io.socketreaper.stack;

import io.socketreaper.model.SocketSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A claim that the event loop of the socket's owner makes, behind all tasks that the application has queued there before. Until
 * the loop comes to it the socket stays untouched: a loop that does not respond is busy.
 */
public final class EventLoopClaim implements Claim, Runnable {
    private static final int ASKED = 0;
    private static final int CLAIMING = 1;
    private static final int CLAIMED = 2;
    private static final int REFUSED = 3;

    private final String owner;
    private final SocketSnapshot seen;
    private final Supplier<? extends Claim> claiming;
    private final AtomicInteger state = new AtomicInteger(ASKED);
    /** Null until the loop has made it. */
    private volatile @Nullable Claim claim;
    /** No close of it may wait for a selection any more. */
    private volatile boolean ends;
    /** Why the loop could not; null once the reaper thread has been told. */
    private volatile @Nullable Throwable failure;

    /** @param claiming makes the claim; null if the socket is in use */
    public EventLoopClaim(String owner, SocketSnapshot seen, Supplier<? extends Claim> claiming) {
        this.owner = owner;
        this.seen = seen;
        this.claiming = claiming;
    }

    /** False if the loop takes no tasks any more. */
    public boolean ask(Executor eventLoop) {
        try {
            eventLoop.execute(this);
            return true;
        } catch (RejectedExecutionException shutDown) {
            return false;
        }
    }

    /** On the event loop. */
    @Override
    public void run() {
        if (!state.compareAndSet(ASKED, CLAIMING)) {
            return;
        }
        try {
            claim = claiming.get();
        } catch (Throwable failed) {
            // The failure is passed to the reaper thread, because the event loop belongs to the application.
            failure = failed;
        } finally {
            state.set(claim == null ? REFUSED : CLAIMED);
        }
        Claim made = claim;
        if (ends && made != null) {
            made.waitsNoLonger();
        }
    }

    /** @throws IllegalStateException once, if the claim has failed */
    @Override
    public State state() {
        Throwable why = failure;
        if (why != null) {
            failure = null;
            throw new IllegalStateException("an event loop could not claim a socket", why);
        }
        return switch (state.get()) {
            case CLAIMED -> State.CLAIMED;
            case REFUSED -> State.REFUSED;
            default -> State.ASKED;
        };
    }

    @Override
    public boolean isCondemned() {
        return state.get() == CLAIMED;
    }

    @Override
    public boolean withdraw() {
        return state.compareAndSet(ASKED, REFUSED);
    }

    @Override
    public Claim made() {
        Claim made = claim;
        if (made == null) {
            throw new IllegalStateException("not claimed");
        }
        return made;
    }

    @Override
    public SocketSnapshot snapshot() {
        Claim made = claim;
        return made == null ? seen : made.snapshot();
    }

    @Override
    public int read(ByteBuffer discarded) throws IOException {
        return made().read(discarded);
    }

    @Override
    public String owner() {
        return owner;
    }

    @Override
    public boolean waitsNoLonger() {
        ends = true;
        Claim made = claim;
        return made != null && made.waitsNoLonger();
    }

    @Override
    public void close() throws IOException {
        made().close();
    }
}
