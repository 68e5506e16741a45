package io.socketreaper.stack.netty.relocated.netty.channel.unix;

import io.socketreaper.stack.netty.relocated.netty.channel.Channel;

/** What a relocated Netty's interface looks like to the agent. */
public interface UnixChannel extends Channel {
    FileDescriptor fd();
}
