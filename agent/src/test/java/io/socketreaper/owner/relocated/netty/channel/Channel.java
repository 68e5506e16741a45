package io.socketreaper.owner.relocated.netty.channel;

import java.util.concurrent.Executor;

/** What a relocated Netty's interface looks like to the agent. */
public interface Channel {
    boolean isOpen();

    Object close();

    Executor eventLoop();

    ChannelPipeline pipeline();

    ChannelPromise newPromise();

    Unsafe unsafe();

    /** The same of its inner interface. */
    interface Unsafe {
        ChannelOutboundBuffer outboundBuffer();

        void close(ChannelPromise promise);
    }
}
