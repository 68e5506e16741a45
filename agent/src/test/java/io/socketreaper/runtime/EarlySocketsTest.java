package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.detect.Detector;
import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Judge;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.nio.NioStack;
import io.socketreaper.stack.nio.ServerSocketStack;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sockets that the application drops before the agent has looked at them even once: because it has just been started and
 * still tests itself, or because the collector came first.
 */
class EarlySocketsTest {
    private final Selections selections = new Selections(Clock.SYSTEM, () -> {});
    private final NioStack stack = new NioStack(new ProcDescriptors(Clock.SYSTEM), selections);
    private final ServerSocketStack servers = new ServerSocketStack(new ProcDescriptors(Clock.SYSTEM), selections);

    @TempDir
    private Path directory;

    private SocketHandle handle;
    private SocketChannel peer;

    @AfterEach
    void closePeer() throws IOException {
        if (peer != null) {
            peer.close();
        }
    }

    @ParameterizedTest(name = "track={0}, before the stack is proven: {1}, unix: {2}")
    @CsvSource({
        "half-closed, true, false",
        "half-closed, false, false",
        "all, true, false",
        "all, false, false",
        "half-closed, true, true",
        "half-closed, false, true",
        "all, true, true",
        "all, false, true"
    })
    void whatIsCollectedBeforeTheFirstLookIsFoundAndClosed(String track, boolean unproven, boolean unix)
            throws Exception {
        stack.resolve();
        if (!unproven) {
            stack.proven();
        }
        Detector detector = detector(track);
        var channel = lose(detector, track, unix);
        collect(10);
        detector.identifyArrivals();
        collect(10);
        stack.proven();
        detector.identifyArrivals();

        await(() -> channel.get() == null);
        await(() -> handle.snapshot().hold() == Holder.UNREACHABLE);
        assertEquals(
                track.equals("half-closed"),
                handle.snapshot().outputShut(),
                "what the report says of the peer depends on it");
        assertLeakedAndClosed();
    }

    @ParameterizedTest(name = "looked at before: {0}, unix: {1}, bound: {2}")
    @CsvSource({
        "false, false, true",
        "false, true, true",
        "true, false, true",
        "true, true, true",
        "false, true, false",
        "true, true, false"
    })
    void aListenerThatIsDroppedIsFoundAndClosed(boolean lookedAt, boolean unix, boolean bound) throws Exception {
        servers.resolve();
        servers.proven();
        var listener = lose(lookedAt, unix, bound);
        await(() -> listener.get() == null);
        await(() -> handle.snapshot().hold() == Holder.UNREACHABLE);
        assertLeakedAndClosed();
    }

    private WeakReference<ServerSocketChannel> lose(boolean lookedAt, boolean unix, boolean bound) throws IOException {
        ServerSocketChannel listener =
                unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
        handle = servers.handle(listener);
        handle.opened(listener);
        if (bound) {
            listener.bind(address(unix));
        }
        if (lookedAt) {
            handle.quickCheck();
        }
        return new WeakReference<>(listener);
    }

    private void assertLeakedAndClosed() throws IOException {
        assertEquals(SocketHandle.QuickCheck.SIGN, handle.quickCheck());
        Claim claim = handle.claim(
                snapshot -> Judge.judge(new Evidence(snapshot, 1, 0, false)).isLeak());
        claim.close();
        assertEquals(Holder.GONE, handle.snapshot().hold());
    }

    /** Nobody must wait for a look that will never come. */
    @ParameterizedTest
    @ValueSource(strings = {"half-closed", "all"})
    void whatTheAgentWillNeverLookAtIsLeftToTheCollector(String track) throws Exception {
        Detector detector = detector(track);
        var channel = lose(detector, track, false);
        detector.identifyArrivals();
        collect(3);
        assertFalse(channel.get() == null, "held until it is known whether the stack is watched");

        stack.stopListening();
        detector.identifyArrivals();
        await(() -> channel.get() == null);
    }

    @Test
    void whatIsClosedInTimeIsForgotten() throws Exception {
        Detector detector = detector("all");
        var channel = lose(detector, "all", false);
        stack.resolve();
        SocketChannel ours = channel.get();
        detector.events().closed(ours);
        ours.close();
        detector.events().released(ours);
        stack.proven();
        detector.identifyArrivals();
        ours = null;
        await(() -> channel.get() == null);
        assertEquals(Holder.GONE, handle.snapshot().hold());
    }

    private Detector detector(String track) {
        return new Detector(
                new FakeClock(),
                World.settings("timeout=10s,track=" + track),
                socket -> {
                    handle = stack.handle(socket);
                    return handle;
                },
                null,
                new NoReaperThread());
    }

    private SocketAddress address(boolean unix) {
        return unix
                ? UnixDomainSocketAddress.of(directory.resolve("s"))
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private WeakReference<SocketChannel> lose(Detector detector, String track, boolean unix) throws IOException {
        try (var server = (unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open())
                .bind(address(unix))) {
            peer = SocketChannel.open(server.getLocalAddress());
            SocketChannel ours = server.accept();
            if (track.equals("all")) {
                detector.events().opened(ours);
            } else {
                ours.shutdownOutput();
                peer.write(ByteBuffer.wrap(new byte[6]));
                detector.events().halfClosed(ours);
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

    private static final class NoReaperThread implements Detector.Host {
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
