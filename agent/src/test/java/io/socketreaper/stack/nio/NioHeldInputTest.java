package io.socketreaper.stack.nio;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.owner.relocated.netty.channel.nio.AbstractNioChannel;
import io.socketreaper.owner.relocated.netty.channel.nio.NioIoHandler;
import io.socketreaper.owner.relocated.netty.handler.flow.FlowControlHandler;
import io.socketreaper.stack.TcpConnection;
import java.nio.channels.Selector;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Input that has left the kernel and waits in a handler of Netty's NIO transport. */
class NioHeldInputTest {
    /** One of a product that carries Netty under another name. */
    public static final class RelocatedChannel extends AbstractNioChannel {}

    /** Of Netty 4.2. */
    public static final class RelocatedUnsafe extends NioIoHandler.AbstractNioUnsafe {
        RelocatedUnsafe(AbstractNioChannel channel) {
            super(channel);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void messagesThatAFlowControlHandlerHoldsAreUnreadAndEachThatItPassesOnIsUse(boolean netty42) throws Exception {
        var netty = new RelocatedChannel();
        var handler = new FlowControlHandler();
        netty.handlers.addAll(List.of("an application's", handler));
        try (TcpConnection connection = TcpConnection.open();
                Selector selector = Selector.open()) {
            connection.ours.configureBlocking(false);
            connection.ours.register(
                    selector, 0, netty42 ? new NioIoHandler.DefaultNioRegistration(new RelocatedUnsafe(netty)) : netty);
            connection.peer.close();
            await("the end", () -> connection.handle.snapshot().endOfInput());
            SocketSnapshot nothing = connection.handle.snapshot();
            assertEquals(0, nothing.held());

            handler.hold("the last but one");
            handler.hold("the last");
            SocketSnapshot two = connection.handle.snapshot();
            assertEquals(nothing.withHeld(2), two);

            handler.pass();
            SocketSnapshot one = connection.handle.snapshot();
            assertEquals(1, one.held());
            assertTrue(one.differsOnTheWire(two) && one.isReadSince(two), "a message was passed on");

            handler.pass();
            assertEquals(nothing, connection.handle.snapshot());
        }
    }
}
