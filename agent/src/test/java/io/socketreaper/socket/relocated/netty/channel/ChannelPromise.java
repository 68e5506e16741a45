package io.socketreaper.socket.relocated.netty.channel;

/** What a relocated Netty's interface looks like to the agent. */
public interface ChannelPromise {
}
