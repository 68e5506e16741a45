package io.socketreaper.socket.relocated.netty.channel.unix;

import io.socketreaper.socket.relocated.netty.channel.Channel;

/** What a relocated Netty's interface looks like to the agent. */
public interface UnixChannel extends Channel {
    FileDescriptor fd();
}
