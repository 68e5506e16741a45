package io.socketreaper.testapp.suite;

import io.socketreaper.junit.NoSocketLeaks;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** All tests run at the same time, from their beginning to their end, and one of them loses a socket. */
@NoSocketLeaks(timeoutMillis = 500)
@Execution(ExecutionMode.CONCURRENT)
class SideBySide {
    private static final CyclicBarrier BARRIER = new CyclicBarrier(3);

    private static void together() throws Exception {
        BARRIER.await(20, TimeUnit.SECONDS);
    }

    @Test
    void loses() throws Exception {
        together();
        Peers.hold(SocketChannel.open()); // lost: loses
        together();
    }

    @Test
    void closes() throws Exception {
        together();
        try (var channel = SocketChannel.open(Peers.address())) {
            together();
        }
    }

    @Test
    void opensNothing() throws Exception {
        together();
        together();
    }
}
