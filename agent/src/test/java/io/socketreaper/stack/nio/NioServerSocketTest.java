package io.socketreaper.stack.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
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
    private final ServerSocketStack stack =
            new ServerSocketStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, () -> {}));

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
            assertEquals(QuickCheck.SIGN, handle.quickCheck());
            assertEquals(SocketSnapshot.unused(), handle.snapshot());
            assertEquals(LeakKind.NEVER_CONNECTED, handle.snapshot().kind());
            assertNotEquals(0, handle.inode());
            assertNull(handle.claim(any -> true), "it is only ever reported");

            listener.bind(
                    unix
                            ? UnixDomainSocketAddress.of(directory.resolve("s"))
                            : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertEquals(QuickCheck.FINE, handle.quickCheck());
            assertEquals(SocketSnapshot.inUse(), handle.snapshot());
            assertEquals(listener.getLocalAddress(), handle.endpoints().local());

            listener.close();
            assertEquals(QuickCheck.GONE, handle.quickCheck());
            assertEquals(SocketSnapshot.gone(), handle.snapshot());
        }
    }

    @Test
    void oneThatIsClosedAndHeldByItsSelectorIsClosedAndNotReleased() throws Exception {
        try (var selector = Selector.open();
                var listener = ServerSocketChannel.open()) {
            SocketHandle handle = stack.handle(listener);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            listener.close();
            assertEquals(QuickCheck.SIGN, handle.quickCheck());
            assertEquals(SocketSnapshot.closed(), handle.snapshot());

            selector.selectNow();
            assertEquals(QuickCheck.GONE, handle.quickCheck());
        }
    }
}
