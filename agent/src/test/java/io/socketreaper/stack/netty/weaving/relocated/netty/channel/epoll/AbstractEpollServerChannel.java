package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

/** What a relocated Netty's class looks like to the agent. */
public class AbstractEpollServerChannel extends AbstractEpollChannel {
    public AbstractEpollServerChannel() {
        // opens its descriptor
    }
}
