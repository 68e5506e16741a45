package io.socketreaper.testapp.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.junit.NoSocketLeaks;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;

/** The example of docs/testing.md. */
final class TestingExample {
    @NoSocketLeaks
    static class MailClientChecks {
        @Test
        void closesAfterARefusal() throws IOException {
            try (var mail = SocketChannel.open(Peers.address())) {
                assertTrue(mail.isConnected());
            }
        }

        @Test
        @NoSocketLeaks(
                timeoutMillis = 5000,
                kinds = {NoSocketLeaks.Kind.HALF_CLOSED, NoSocketLeaks.Kind.UNREACHABLE})
        void mayTakeItsTime() throws IOException {
            SocketChannel.open(Peers.address()).close();
        }
    }

    private TestingExample() {}
}
