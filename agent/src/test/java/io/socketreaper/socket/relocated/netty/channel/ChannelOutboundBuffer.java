package io.socketreaper.socket.relocated.netty.channel;

/** What a relocated Netty's class looks like to the agent. */
public final class ChannelOutboundBuffer {
    public boolean isEmpty() {
        return true;
    }
}
