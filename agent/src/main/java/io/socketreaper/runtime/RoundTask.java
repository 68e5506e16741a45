package io.socketreaper.runtime;

import io.socketreaper.thread.ReaperThread;

/** A part of the reaper thread's round that does not concern sockets. */
interface RoundTask {
    /** Does what is due. Returns the nanoseconds until it wants to be called again, {@link Long#MAX_VALUE} for no need. */
    @ReaperThread
    long run();
}
