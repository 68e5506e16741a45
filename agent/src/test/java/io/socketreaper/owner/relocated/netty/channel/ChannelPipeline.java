package io.socketreaper.owner.relocated.netty.channel;

/** What a relocated Netty's interface looks like to the agent. */
@FunctionalInterface
public interface ChannelPipeline {
    ChannelPipeline fireExceptionCaught(Throwable cause);
}
