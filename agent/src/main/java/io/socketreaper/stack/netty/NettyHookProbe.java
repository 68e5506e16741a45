package io.socketreaper.stack.netty;

import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.SocketStack;

/**
 * Netty's native transports have none: a test would need an event loop of the application's own Netty. That the woven code
 * can be linked was made sure when it was woven.
 */
public final class NettyHookProbe implements HookProbe {
    @Override
    public Result run(SocketStack stack) {
        return new Result(true, false, "woven");
    }
}
