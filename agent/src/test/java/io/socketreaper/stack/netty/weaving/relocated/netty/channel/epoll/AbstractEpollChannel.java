package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

import io.socketreaper.stack.netty.weaving.relocated.netty.buffer.ByteBuf;

/** What a relocated Netty's class looks like to the agent. */
public abstract class AbstractEpollChannel {
    final LinuxSocket socket = new LinuxSocket();
    /** What the next read returns. */
    public int next;

    public void doBeginRead() {
        // nothing to read
    }

    public int doReadBytes(ByteBuf buffer) {
        return next;
    }

    public void doClose() {
        // nothing to close
    }
}
