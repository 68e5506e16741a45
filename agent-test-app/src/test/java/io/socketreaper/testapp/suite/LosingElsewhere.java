package io.socketreaper.testapp.suite;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Watched because its base is; a socket is lost before each test, and another in a nested one. */
class LosingElsewhere extends Watched {
    @BeforeEach
    void open() throws IOException {
        Peers.hold(SocketChannel.open()); // lost: derived
    }

    @Test
    void derived() {
        // it is lost already
    }

    @Nested
    class Inner {
        @Test
        void nested() throws IOException {
            Peers.hold(SocketChannel.open()); // lost: nested
        }
    }
}
