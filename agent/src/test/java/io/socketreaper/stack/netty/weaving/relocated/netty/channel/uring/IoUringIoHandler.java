package io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring;

/** What a relocated Netty's class looks like to the agent. */
public class IoUringIoHandler {
    public IoUringIoHandler() {
        // opens its descriptors
    }

    public void destroy() {
        // closes them
    }
}
