package io.socketreaper.stack.netty.relocated.netty.channel;

import java.net.SocketAddress;
import java.util.concurrent.Executor;

/** What a relocated Netty's interface looks like to the agent. */
public interface Channel {
    boolean isOpen();

    boolean isActive();

    boolean isRegistered();

    SocketAddress localAddress();

    SocketAddress remoteAddress();

    Executor eventLoop();

    ChannelConfig config();

    Unsafe unsafe();

    ChannelPipeline pipeline();

    Object close();

    ChannelPromise newPromise();

    /** The same of its inner interface. */
    interface Unsafe {
        ChannelOutboundBuffer outboundBuffer();

        void close(ChannelPromise promise);
    }
}
