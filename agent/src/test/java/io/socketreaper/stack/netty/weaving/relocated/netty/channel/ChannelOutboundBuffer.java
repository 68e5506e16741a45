package io.socketreaper.stack.netty.weaving.relocated.netty.channel;

/** What a relocated Netty's class looks like to the agent. */
public class ChannelOutboundBuffer {}
