package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

/** What a relocated Netty's class looks like to the agent. */
public class EpollDatagramChannel extends AbstractEpollChannel {
    public EpollDatagramChannel() {
        this(0);
    }

    public EpollDatagramChannel(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException();
        }
    }
}
