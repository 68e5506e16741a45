package io.socketreaper.owner.relocated.netty.channel;

/** What a relocated Netty's interface looks like to the agent. */
public interface ChannelPromise {}
