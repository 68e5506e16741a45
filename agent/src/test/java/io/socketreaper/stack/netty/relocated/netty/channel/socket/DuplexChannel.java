package io.socketreaper.stack.netty.relocated.netty.channel.socket;

import io.socketreaper.stack.netty.relocated.netty.channel.Channel;

/** What a relocated Netty's interface looks like to the agent. */
public interface DuplexChannel extends Channel {
    boolean isOutputShutdown();

    boolean isInputShutdown();
}
