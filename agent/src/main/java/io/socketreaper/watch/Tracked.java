package io.socketreaper.watch;

import io.socketreaper.socket.SocketHandle;

/**
 * A socket that is known, from its opening to its release. There is one for every open socket with {@code track=all}, so
 * it is small.
 */
class Tracked {
    private final SocketHandle socket;
    private final int hash;
    private final long knownSince;

    /** Next in the same chain of the {@link SocketTable}. */
    volatile Tracked next;
    /** Its descriptor is gone; the reaper thread will take it out. */
    private volatile boolean released;

    /** Where it was opened or half-closed; shared among the sockets of one place. */
    volatile Origin origin;

    Tracked(SocketHandle socket, int hash, long now, Origin origin) {
        this.socket = socket;
        this.hash = hash;
        this.knownSince = now;
        this.origin = origin;
    }

    final int hash() {
        return hash;
    }

    public final SocketHandle socket() {
        return socket;
    }

    /** Nano time at which it was opened, or first met. */
    final long knownSince() {
        return knownSince;
    }

    final void release() {
        released = true;
    }

    final boolean isReleased() {
        return released;
    }
}
