package io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring;

/** What a relocated Netty's class looks like to the agent. */
public class LinuxSocket {
    public boolean outputShutdown;

    public boolean isOutputShutdown() {
        return outputShutdown;
    }
}
