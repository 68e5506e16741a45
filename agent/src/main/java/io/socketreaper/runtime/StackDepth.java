package io.socketreaper.runtime;

import io.socketreaper.thread.AnyThread;
import java.util.function.IntSupplier;

/** How many stack frames a report shows, by the current settings. */
@AnyThread
record StackDepth(AgentRequests requests) implements IntSupplier {
    @Override
    public int getAsInt() {
        return requests.inForce().stackDepth();
    }
}
