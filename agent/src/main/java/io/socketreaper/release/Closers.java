package io.socketreaper.release;

import io.socketreaper.socket.Claim;

/** Runs closes, which may block, away from the reaper thread. */
public interface Closers {
    /** Closes the claim soon, on another thread. */
    void close(Claim claim);

    /** Called on every tick: makes room when closes are stuck. */
    void relieve();
}
