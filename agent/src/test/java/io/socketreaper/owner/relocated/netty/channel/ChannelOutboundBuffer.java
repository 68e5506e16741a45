package io.socketreaper.owner.relocated.netty.channel;

/** What a relocated Netty's class looks like to the agent. */
public final class ChannelOutboundBuffer {
    private long pendingBytes;

    public void queue(long bytes) {
        pendingBytes += bytes;
    }

    public boolean isEmpty() {
        return true;
    }

    public long totalPendingWriteBytes() {
        return pendingBytes;
    }
}
