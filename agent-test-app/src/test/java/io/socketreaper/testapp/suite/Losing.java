package io.socketreaper.testapp.suite;

import io.socketreaper.junit.NoSocketLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each test loses one socket, in the line that says so. */
@NoSocketLeaks(timeoutMillis = 500)
class Losing {
    @BeforeAll
    static void peersFirst() {
        Peers.port();
    }

    @Test
    void unreachable() throws IOException {
        SocketChannel.open(Peers.address()); // lost: unreachable
        Peers.accept().close();
    }

    @Test
    void unreachableClassic() throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), Peers.port()); // lost: unreachableClassic
        Peers.accept().close();
    }

    @Test
    void peerClosed() throws IOException {
        Peers.hold(SocketChannel.open(Peers.address())); // lost: peerClosed
        Peers.accept().close();
    }

    @Test
    void windowFull() throws IOException {
        Peers.hold(SocketChannel.open(Peers.address())); // lost: windowFull
        Peers.fillWindow(Peers.accept());
    }

    @Test
    void halfClosed() throws IOException {
        var channel = Peers.hold(SocketChannel.open(Peers.address()));
        channel.shutdownOutput(); // lost: halfClosed
        Peers.lastWord(Peers.accept());
    }

    @Test
    void closedNotReleased() throws IOException {
        var channel = SocketChannel.open(Peers.address()); // lost: closedNotReleased
        channel.configureBlocking(false);
        channel.register(Peers.hold(Selector.open()), SelectionKey.OP_READ);
        Peers.hold(channel).close();
        Peers.accept().close();
    }

    @Test
    void neverConnected() throws IOException {
        Peers.hold(SocketChannel.open()); // lost: neverConnected
    }
}
