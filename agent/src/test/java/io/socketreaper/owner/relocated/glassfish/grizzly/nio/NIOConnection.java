package io.socketreaper.owner.relocated.glassfish.grizzly.nio;

import io.socketreaper.owner.relocated.glassfish.grizzly.Connection;
import io.socketreaper.owner.relocated.glassfish.grizzly.filterchain.FilterChain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a relocated Grizzly's connection looks like to the agent. */
public abstract class NIOConnection implements Connection {
    private final List<String> calls = new ArrayList<>();
    private Object processor = new FilterChain(calls);

    public void terminateWithReason(IOException reason) {
        calls.add("terminateWithReason: " + reason.getMessage());
    }

    public void setProcessor(Object processor) {
        this.processor = processor;
    }

    @Override
    public Object getProcessor() {
        return processor;
    }

    public List<String> calls() {
        return calls;
    }
}
