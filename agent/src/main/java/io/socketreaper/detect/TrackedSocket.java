package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is known to the {@link SocketRegistry}: an {@link OpenSocket} or a {@link Suspect}.
 *
 * @param <S> the kind of entry itself
 */
abstract class TrackedSocket<S extends TrackedSocket<S>> {
    private final SocketHandle socket;
    /** Nano time, 0 while it has no date. */
    private volatile long knownSince;

    /**
     * The next in the same chain. Not volatile: it only ever refers to what was in the chain before, and a thread that has found this
     * entry by the chain's head sees all of those whole.
     */
    @Nullable
    S next;
    /** Its descriptor is gone; the reaper thread will take it out. */
    private volatile boolean released;

    /** Where it was opened or half-closed; shared among the sockets of one place. Only the reaper thread changes it. */
    CapturedStack origin;

    /**
     * The end of its input, once a read has returned it; null before. Plain, because a volatile write costs a fence: what it refers
     * to has final fields only.
     */
    @Nullable
    EndOfInput endOfInput;

    TrackedSocket(SocketHandle socket, CapturedStack origin) {
        // Plain fields only: a volatile write costs every opened socket a fence.
        this.socket = socket;
        this.origin = origin;
    }

    public final SocketHandle socket() {
        return socket;
    }

    /** Dates the socket; the first call counts. Called by the thread that adds the entry, then by the reaper thread. */
    final void metAt(long now) {
        if (knownSince == 0) {
            knownSince = now == 0 ? 1 : now;
        }
    }

    /** Nano time at which it was first met, not before it was opened; {@code now} if it was not met yet. */
    final long knownSince(long now) {
        long since = knownSince;
        return since == 0 ? now : since;
    }

    /** The end of its input; {@link EndOfInput#NOT_TOLD} if it was not told. */
    EndOfInput end() {
        EndOfInput end = endOfInput;
        return end != null ? end : EndOfInput.NOT_TOLD;
    }

    /** Dates an end of input that has no date, and lets go of stacks that others have, too. */
    @ReaperThread
    void settle(long now, StackSamplers stacks) {
        EndOfInput end = endOfInput;
        if (end != null) {
            endOfInput = end.settled(now, stacks.endsOfInput());
        }
    }

    final void release() {
        released = true;
    }

    boolean isReleased() {
        return released;
    }

    /**
     * Whether its descriptor is gone, as far as the hook tells.
     *
     * @param releasesAreTold whether the hook tells of releases; if not, a close counts
     */
    boolean isOver(boolean releasesAreTold) {
        return isReleased();
    }
}
