package io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring;

/** What a relocated Netty's class looks like to the agent. */
public abstract class AbstractIoUringChannel {
    public final LinuxSocket socket = new LinuxSocket();
}
