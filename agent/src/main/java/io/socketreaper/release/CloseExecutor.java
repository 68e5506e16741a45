package io.socketreaper.release;

/** Runs closes, which may block, away from the reaper thread. */
public interface CloseExecutor {
    /** Runs the attempt soon, on another thread. Throws if no thread can be had. */
    void close(CloseAttempt attempt);

    /** Called on every tick: makes room when closes are stuck. */
    void relieve();
}
