package io.socketreaper.weave.relocated.netty.channel;

/** What a relocated Netty's class looks like to the agent. */
public class ChannelOutboundBuffer {
}
