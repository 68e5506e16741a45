package io.socketreaper.testapp.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.junit.NoSocketLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The example of docs/testing.md. */
@NoSocketLeaks
class MailClientChecks {
    @Test
    void closesAfterARefusal() throws IOException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var mail = SocketChannel.open(server.getLocalAddress());
                var accepted = server.accept()) {
            accepted.write(ByteBuffer.wrap("552 user quota exceeded".getBytes(StandardCharsets.US_ASCII)));
            assertEquals(23, mail.read(ByteBuffer.allocate(100)));
        }
    }

    @Test
    @NoSocketLeaks(
            timeoutMillis = 5000,
            kinds = {NoSocketLeaks.Kind.HALF_CLOSED, NoSocketLeaks.Kind.UNREACHABLE})
    void mayTakeItsTime() throws IOException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            SocketChannel.open(server.getLocalAddress()).close();
        }
    }
}
