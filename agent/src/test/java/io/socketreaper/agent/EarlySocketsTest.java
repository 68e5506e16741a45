package io.socketreaper.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.World;
import io.socketreaper.judge.Sighting.Hold;
import io.socketreaper.socket.Claim;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.NioStack;
import io.socketreaper.socket.ProcDescriptors;
import io.socketreaper.socket.Selections;
import io.socketreaper.socket.SocketHandle;
import io.socketreaper.watch.Watch;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sockets that the application drops before the agent has looked at them even once: because it has just been started and
 * still tests itself, or because the collector came first.
 */
class EarlySocketsTest {
    private final NioStack stack = new NioStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, () -> { }));
    private SocketHandle handle;
    private SocketChannel peer;

    @AfterEach
    void closePeer() throws IOException {
        if (peer != null) {
            peer.close();
        }
    }

    @ParameterizedTest(name = "track={0}, before the stack is proven: {1}")
    @CsvSource({"half-closed, true", "half-closed, false", "all, true", "all, false"})
    void whatIsCollectedBeforeTheFirstLookIsFoundAndClosed(String track, boolean unproven) throws Exception {
        stack.resolve();
        if (!unproven) {
            stack.proven();
        }
        Watch watch = watch(track);
        var channel = lose(watch, track);
        collect(10);
        watch.meetArrivals();
        collect(10);
        stack.proven();
        watch.meetArrivals();

        await(() -> channel.get() == null);
        await(() -> handle.sight().hold() == Hold.UNREACHABLE);
        assertEquals(track.equals("half-closed"), handle.sight().outputShut(), "what the report says of the peer depends on it");
        Claim claim = handle.claim(any -> true);
        claim.close();
        assertEquals(Hold.GONE, handle.sight().hold());
    }

    /** Nobody must wait for a look that will never come. */
    @ParameterizedTest
    @ValueSource(strings = {"half-closed", "all"})
    void whatTheAgentWillNeverLookAtIsLeftToTheCollector(String track) throws Exception {
        Watch watch = watch(track);
        var channel = lose(watch, track);
        watch.meetArrivals();
        collect(3);
        assertFalse(channel.get() == null, "held until it is known whether the stack is watched");

        stack.stopListening();
        watch.meetArrivals();
        await(() -> channel.get() == null);
    }

    @Test
    void whatIsClosedInTimeIsForgotten() throws Exception {
        Watch watch = watch("all");
        var channel = lose(watch, "all");
        stack.resolve();
        SocketChannel ours = channel.get();
        watch.closed(ours);
        ours.close();
        watch.released(ours);
        stack.proven();
        watch.meetArrivals();
        ours = null;
        await(() -> channel.get() == null);
        assertEquals(Hold.GONE, handle.sight().hold());
    }

    private Watch watch(String track) {
        return new Watch(new FakeClock(), World.settings("timeout=10s,track=" + track), socket -> {
            handle = stack.handle(socket);
            return handle;
        }, null, new NoReaperThread());
    }

    private WeakReference<SocketChannel> lose(Watch watch, String track) throws IOException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            peer = SocketChannel.open(server.getLocalAddress());
            SocketChannel ours = server.accept();
            if (track.equals("all")) {
                watch.opened(ours);
            } else {
                ours.shutdownOutput();
                watch.halfClosed(ours);
            }
            return new WeakReference<>(ours);
        }
    }

    private static void collect(int times) {
        for (int i = 0; i < times; i++) {
            System.gc();
        }
    }

    private static void await(BooleanSupplier something) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!something.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("did not happen");
            }
            System.gc();
            Thread.sleep(1);
        }
    }

    private static final class NoReaperThread implements Watch.Host {
        @Override
        public void arrived() {
            // nobody to wake
        }

        @Override
        public void wantTraffic(boolean wanted) {
            // there is none
        }
    }
}
