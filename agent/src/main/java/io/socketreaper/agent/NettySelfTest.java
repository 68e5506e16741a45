package io.socketreaper.agent;

import io.socketreaper.socket.JdkStack;

/**
 * Netty's native transports have none: a test would need an event loop of the application's own Netty. That the woven code
 * can be linked was made sure when it was woven.
 */
final class NettySelfTest implements SelfTest {
    @Override
    public Result run(JdkStack stack) {
        return new Result(true, false, "woven");
    }
}
