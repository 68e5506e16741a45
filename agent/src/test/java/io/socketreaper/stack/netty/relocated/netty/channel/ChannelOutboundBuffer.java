package io.socketreaper.stack.netty.relocated.netty.channel;

/** What a relocated Netty's class looks like to the agent. */
public final class ChannelOutboundBuffer {
    /** Written, not flushed. */
    public long pendingBytes;

    public boolean isEmpty() {
        return true;
    }

    public long totalPendingWriteBytes() {
        return pendingBytes;
    }
}
