package io.socketreaper.testapp.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.junit.NoSocketLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** No test loses a socket, though some of them leave one for a while, or for good reasons. */
@NoSocketLeaks
class Clean {
    private static final ScheduledExecutorService EXECUTOR = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });

    private SocketChannel ofTheTest;

    @BeforeAll
    static void peersFirst() {
        Peers.port();
    }

    @AfterEach
    void closeIt() throws IOException {
        if (ofTheTest != null) {
            ofTheTest.close();
        }
    }

    @Test
    void closedInTheTest() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), Peers.port());
                var peer = Peers.accept()) {
            assertEquals(socket.getLocalPort(), peer.socket().getPort());
        }
    }

    @Test
    void closedAfterEach() throws IOException {
        ofTheTest = SocketChannel.open(Peers.address());
        Peers.accept().close();
    }

    @Test
    void keptAlive() throws IOException {
        Peers.hold(SocketChannel.open(Peers.address()));
        Peers.hold(Peers.accept());
    }

    @Test
    void closedLateByAnExecutor() throws IOException {
        var channel = SocketChannel.open(Peers.address());
        Peers.accept().close();
        EXECUTOR.schedule(
                () -> {
                    channel.close();
                    return null;
                },
                300,
                TimeUnit.MILLISECONDS);
    }

    @Test
    @NoSocketLeaks(kinds = NoSocketLeaks.Kind.HALF_CLOSED)
    void aKindThatDoesNotCount() throws IOException {
        Peers.hold(SocketChannel.open());
    }

    @Test
    void noSocketAtAll() {
        assertEquals(4, 2 + 2);
    }
}
