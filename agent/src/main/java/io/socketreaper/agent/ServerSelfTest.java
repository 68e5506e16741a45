package io.socketreaper.agent;

import io.socketreaper.socket.JdkStack;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import sun.nio.ch.SocketReaperHook;

/** The self-test of {@code ServerSocketChannel}. */
final class ServerSelfTest implements SelfTest {
    private final Events events;
    private final boolean all;

    /** @param all whether {@code track=all}; without it no server socket is watched and nothing needs a test */
    ServerSelfTest(Events events, boolean all) {
        this.events = events;
        this.all = all;
    }

    @Override
    public Result run(JdkStack stack) {
        events.newSelfTest();
        if (!all) {
            return events.selfTestResult();
        }
        try (ServerSocketChannel server = stack.provider().openServerSocketChannel()) {
            server.bind(Loopback.anyPort(), 1);
        } catch (IOException | RuntimeException noLoopback) {
            return Result.couldNotRun(noLoopback);
        }
        return events.selfTestResult(SocketReaperHook.OPENED, SocketReaperHook.RELEASED);
    }
}
