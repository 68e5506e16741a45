package io.socketreaper.weave.relocated.netty.channel.epoll;

/** What a relocated Netty's class looks like to the agent. */
public abstract class AbstractEpollChannel {
    final LinuxSocket socket = new LinuxSocket();

    public void doBeginRead() {
        // nothing to read
    }

    public void doClose() {
        // nothing to close
    }
}
