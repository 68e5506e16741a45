package io.socketreaper.stack.nio;

import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.Loopback;
import io.socketreaper.stack.SocketStack;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import sun.nio.ch.SocketReaperHook;

/**
 * The self-test of {@code ServerSocketChannel}.
 *
 * @param all whether {@code track=all}; without it no server socket is watched, and no test is needed
 */
public record ServerSocketHookProbe(HookTrace trace, boolean all) implements HookProbe {
    @Override
    public Result run(SocketStack stack) {
        trace.begin();
        if (!all) {
            return trace.result();
        }
        try (ServerSocketChannel server = stack.provider().openServerSocketChannel()) {
            server.bind(Loopback.anyPort(), 1);
        } catch (IOException | RuntimeException noLoopback) {
            return Result.couldNotRun(noLoopback);
        }
        return trace.result(SocketReaperHook.OPENED, SocketReaperHook.RELEASED);
    }
}
