package io.socketreaper.owner.relocated.netty.channel;

import java.util.Map;

/** What a relocated Netty's interface looks like to the agent. */
public interface ChannelPipeline extends Iterable<Map.Entry<String, Object>> {
    ChannelPipeline fireExceptionCaught(Throwable cause);
}
