package io.socketreaper.stack.netty.relocated.netty.channel;

/** What a relocated Netty's interface looks like to the agent. */
@FunctionalInterface
public interface ChannelPipeline {
    ChannelPipeline fireExceptionCaught(Throwable cause);
}
