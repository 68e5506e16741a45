package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

import io.socketreaper.stack.netty.weaving.relocated.netty.channel.ChannelOutboundBuffer;

/** What a relocated Netty's class looks like to the agent. */
public class AbstractEpollStreamChannel extends AbstractEpollChannel {
    public AbstractEpollStreamChannel() {
        this(0);
    }

    public AbstractEpollStreamChannel(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException();
        }
    }

    public void doShutdownOutput() {
        socket.shutdown();
    }

    public void doWrite(ChannelOutboundBuffer buffer) {
        // nothing to write
    }
}
