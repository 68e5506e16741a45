package io.socketreaper.runtime;

import io.socketreaper.thread.AnyThread;
import java.util.function.IntSupplier;

/** How many frames of a stack a report shows, by the settings that hold at the time. */
@AnyThread
record StackDepth(AgentRequests requests) implements IntSupplier {
    @Override
    public int getAsInt() {
        return requests.inForce().stackDepth();
    }
}
