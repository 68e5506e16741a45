package io.socketreaper.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.socketreaper.judge.LeakKind;
import io.socketreaper.judge.Sighting;
import io.socketreaper.socket.SocketHandle.Glance;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On real listeners. Those that are dropped are in {@code EarlySocketsTest}. */
class NioServerSocketTest {
    private final ServerStack stack = new ServerStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, () -> { }));
    @TempDir
    private Path directory;

    @BeforeEach
    void resolve() throws ReflectiveOperationException {
        stack.resolve();
        stack.proven();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void showsASignUntilItIsBound(boolean unix) throws Exception {
        try (var listener = unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open()) {
            SocketHandle handle = stack.handle(listener);
            assertEquals(Glance.SIGN, handle.glance());
            assertEquals(Sighting.unused(), handle.sight());
            assertEquals(LeakKind.NEVER_CONNECTED, handle.sight().kind());
            assertNotEquals(0, handle.inode());
            assertNull(handle.claim(any -> true), "it is only ever reported");

            listener.bind(unix ? UnixDomainSocketAddress.of(directory.resolve("s"))
                    : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertEquals(Glance.FINE, handle.glance());
            assertEquals(Sighting.inUse(), handle.sight());
            assertEquals(listener.getLocalAddress(), handle.endpoints().local());

            listener.close();
            assertEquals(Glance.GONE, handle.glance());
            assertEquals(Sighting.gone(), handle.sight());
        }
    }

    @Test
    void oneThatIsClosedAndHeldByItsSelectorIsClosedAndNotReleased() throws Exception {
        try (var selector = Selector.open(); var listener = ServerSocketChannel.open()) {
            SocketHandle handle = stack.handle(listener);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            listener.close();
            assertEquals(Glance.SIGN, handle.glance());
            assertEquals(Sighting.closed(), handle.sight());

            selector.selectNow();
            assertEquals(Glance.GONE, handle.glance());
        }
    }
}
