package io.socketreaper.stack.netty.relocated.netty.handler.flow;

import java.util.ArrayDeque;
import java.util.Queue;

/** What a relocated Netty's handler looks like to the agent. */
public class FlowControlHandler {
    /** Null if nothing was held yet, as in Netty. */
    private Queue<Object> queue;

    public void hold(Object message) {
        queue = new ArrayDeque<>();
        queue.add(message);
    }
}
