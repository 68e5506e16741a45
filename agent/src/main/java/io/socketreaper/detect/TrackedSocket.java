package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;

/**
 * A socket that is known, from its opening to its release. There is one for every open socket with {@code track=all}, so
 * it is small.
 */
class TrackedSocket {
    private final SocketHandle socket;
    /** Nano time, 0 while it has no date. */
    private volatile long knownSince;

    /**
     * Next in the same chain of the {@link SocketRegistry}. Not volatile: it only ever refers to what was in the chain before,
     * and whoever has found this one, by the chain's head, sees all of those whole.
     */
    TrackedSocket next;
    /** Its descriptor is gone; the reaper thread will take it out. */
    private volatile boolean released;

    /** The suspect of the same socket, null if there is none; see {@link Suspect#join}. */
    volatile Suspect suspect;

    /** Where it was opened or half-closed; shared among the sockets of one place. Only the reaper thread changes it. */
    CapturedStack origin;

    /**
     * The end of its input, once a read has returned it; null before. Plain, because a volatile write costs a fence: what it refers
     * to has final fields only.
     */
    EndOfInput endOfInput;

    TrackedSocket(SocketHandle socket, CapturedStack origin) {
        // Plain fields only: a volatile write costs every opened socket a fence.
        this.socket = socket;
        this.origin = origin;
    }

    public final SocketHandle socket() {
        return socket;
    }

    /** It is known at this nano time; the first call counts. By whoever adds it to the table, then the reaper thread. */
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
