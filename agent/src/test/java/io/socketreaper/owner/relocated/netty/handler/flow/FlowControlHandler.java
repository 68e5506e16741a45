package io.socketreaper.owner.relocated.netty.handler.flow;

import java.util.ArrayDeque;

/** What a relocated Netty's handler looks like to the agent. */
public class FlowControlHandler {
    /** Null if nothing was held yet, as in Netty. */
    private ArrayDeque<Object> queue;

    public void hold(Object message) {
        if (queue == null) {
            queue = new ArrayDeque<>();
        }
        queue.add(message);
    }

    public void pass() {
        queue.remove();
    }
}
