package io.socketreaper.release;

/** Runs closes, which may block, away from the reaper thread. */
public interface Closers {
    /** Runs the attempt soon, on another thread. */
    void close(Attempt attempt);

    /** Called on every tick: makes room when closes are stuck. */
    void relieve();
}
