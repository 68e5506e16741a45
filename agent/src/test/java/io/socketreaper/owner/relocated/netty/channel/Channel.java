package io.socketreaper.owner.relocated.netty.channel;

import java.util.concurrent.Executor;

/** What a relocated Netty's interface looks like to the agent. */
public interface Channel {
    Object close();

    Executor eventLoop();
}
