package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

/** What a relocated Netty's class looks like to the agent. */
public class LinuxSocket {
    private boolean outputShutdown;

    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    void shutdown() {
        outputShutdown = true;
    }
}
