package io.socketreaper.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.socket.Claim;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.ProcDescriptors;
import io.socketreaper.socket.SocketHandle;
import io.socketreaper.socket.SocketStack;
import io.socketreaper.watch.Watch;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SocketReaperHook;

class EventsTest {
    /** The first connections of a program may be half-closed before the agent has looked the JDK's internals up. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSocketIsClosedAsAWholeHoweverEarlyItWasHalfClosed(boolean early) throws Exception {
        var stack = new SocketStack(new ProcDescriptors(Clock.SYSTEM));
        var resolver = new SocketStack(new ProcDescriptors(Clock.SYSTEM));
        resolver.resolve();
        resolver.proven();
        var made = new AtomicReference<SocketHandle>();
        var watch = new Watch(Clock.SYSTEM, 60_000, socket -> {
            made.set(stack.handle(socket));
            return made.get();
        }, null, () -> { });
        var events = new Events(watch, stack, null);

        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var peer = new Socket(server.getInetAddress(), server.getLocalPort());
                var ours = server.accept()) {
            stack.resolve();
            if (!early) {
                stack.proven();
            }
            ours.shutdownOutput();
            events.accept(resolver.implementationOf(ours), SocketReaperHook.HALF_CLOSED);
            events.accept(ours, SocketReaperHook.FRONT);
            stack.proven();
            events.nameEarlyFronts();

            made.get().sight();
            Claim claim = made.get().claim(any -> true);
            claim.close();
            assertEquals("java.net.Socket", claim.owner());
            assertEquals(true, ours.isClosed());
        }
    }
}
