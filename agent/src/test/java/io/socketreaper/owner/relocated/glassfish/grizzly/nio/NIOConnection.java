package io.socketreaper.owner.relocated.glassfish.grizzly.nio;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a relocated Grizzly's connection looks like to the agent. */
public abstract class NIOConnection {
    private final List<IOException> reasons = new ArrayList<>();

    public void terminateWithReason(IOException reason) {
        reasons.add(reason);
    }

    public List<IOException> reasons() {
        return reasons;
    }
}
