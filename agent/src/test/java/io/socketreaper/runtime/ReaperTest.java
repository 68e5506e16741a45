package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.ControlException;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.SocketStack;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.nio.ServerSocketStack;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/** The reaper thread itself, with real channels, whose events the tests tell it. */
class ReaperTest {
    private final List<SocketChannel> open = new ArrayList<>();
    private Assembly parts;
    private ReaperRound round;

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = ReaperTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    @AfterEach
    void endAll() throws Exception {
        if (parts != null && parts.loop().thread().isAlive()) {
            parts.loop().end(0, new ArrayList<>());
        }
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    /** The log is the first to fail when memory is short, and what cannot be logged must not end the thread. */
    @Test
    void whateverFailsAgainAndAgainKeepsNothingElseFromBeingDone() throws Exception {
        parts = Assembly.of(World.settings("action=close,timeout=100ms"), false, failingWith("error"));
        watched();
        // A stack of its own: what cannot be tested is not watched.
        parts.guards()
                .add(
                        0,
                        used(
                                new ServerSocketStack(parts.descriptors(), null),
                                "sun/nio/ch/ServerSocketChannelImpl",
                                stack -> {
                                    throw new OutOfMemoryError("unable to create native thread");
                                }));
        round.add(() -> {
            throw new OutOfMemoryError("Direct buffer memory");
        });
        parts.loop().start(round);

        SocketChannel lost = lose();
        await(() -> !lost.isOpen());
        assertEquals(true, parts.loop().isWatching());
        assertTrue(parts.failures().count() > 0);
    }

    /** As JMX does with its looks for a server, the page with its history, or a self-test that waits. */
    @Test
    void aHalfCloseThatComesDuringALongSleepIsReleasedInItsTime() throws Exception {
        parts = Assembly.of(World.settings("action=close,timeout=100ms"), false, failingWith("none"));
        watched();
        round.add(() -> TimeUnit.SECONDS.toNanos(30));
        parts.loop().start(round);
        for (int i = 0; i < 3; i++) {
            SocketChannel lost = lose();
            long since = System.nanoTime();
            await(() -> !lost.isOpen());
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
            assertTrue(took < 5_000, "released after " + took + " ms");
        }
    }

    /** An application that half-closes a thousand sockets a second does not pay for a thousand wake-ups. */
    @Test
    void theThreadIsNotWokenForEveryHalfClose() throws Exception {
        parts = Assembly.of(World.settings("action=log,timeout=1h"), false, failingWith("none"));
        watched();
        var rounds = new AtomicInteger();
        round.add(() -> {
            rounds.incrementAndGet();
            return Long.MAX_VALUE;
        });
        parts.loop().start(round);
        lose();
        int before = rounds.get();
        long since = System.nanoTime();
        for (int i = 0; i < 300; i++) {
            SocketChannel channel = SocketChannel.open();
            open.add(channel);
            parts.events().accept(channel, SocketReaperHook.HALF_CLOSED);
            LockSupport.parkNanos(1_000_000);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        int after = rounds.get() - before;
        assertTrue(after <= 10 + millis / 50, after + " rounds in " + millis + " ms");
    }

    /** By then it hears of no read and of no close any more, and another agent may be there. */
    @Test
    void aReaperThreadThatComesBackAfterTheDetachReleasesNothingMore() throws Exception {
        parts = Assembly.of(World.settings("action=close,timeout=100ms"), false, failingWith("none"));
        watched();
        var blocking = new Blocking();
        parts.sinks().add(blocking);
        parts.loop().start(round);
        List<SocketChannel> lost = List.of(lose(), lose(), lose());
        assertTrue(blocking.entered.await(10, TimeUnit.SECONDS));

        parts.loop().patience(50);
        assertThrows(ControlException.class, () -> parts.loop().end(0, new ArrayList<>()));
        SocketReaperHook.delegate((socket, event) -> {});
        SocketReaperHook.traffic = true;
        blocking.left.countDown();
        parts.loop().thread().join(10_000);

        assertFalse(parts.loop().thread().isAlive());
        assertEquals(
                1, lost.stream().filter(channel -> !channel.isOpen()).count(), "but for what was condemned before");
        assertTrue(SocketReaperHook.traffic, "the next agent's");
        assertTrue(SocketReaperHook.isTaken());
        SocketReaperHook.delegate(null);
    }

    /** The first report never ends by itself. */
    private static final class Blocking implements LeakSink {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch left = new CountDownLatch(1);

        @Override
        public void found(Leak leak) {
            entered.countDown();
            try {
                left.await();
            } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void leak(Leak leak, Outcome outcome) {
            // tells nobody
        }

        @Override
        public void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
            // the same
        }

        @Override
        public boolean tick(long now) {
            return false;
        }
    }

    /** Channels are watched as if their self-test had passed. */
    private void watched() {
        SocketStack channels = parts.guards().get(0).stack();
        round = new ReaperRound(parts);
        parts.guards().clear();
        parts.guards()
                .add(used(channels, "sun/nio/ch/SocketChannelImpl", stack -> new HookProbe.Result(true, false, "")));
    }

    private StackGuard used(SocketStack stack, String loaded, HookProbe selfTest) {
        var guard =
                new StackGuard(stack, false, selfTest, parts.loop().waker(), parts.headroom(), failingWith("error"));
        guard.woven(guard.weaving().find(null, loaded));
        return guard;
    }

    /** One that its owner has half-closed, and whose peer has gone. */
    private SocketChannel lose() throws IOException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var peer = SocketChannel.open(server.getLocalAddress())) {
            SocketChannel ours = server.accept();
            open.add(ours);
            ours.shutdownOutput();
            peer.write(ByteBuffer.wrap(new byte[1]));
            await(() -> parts.loop().isWatching());
            parts.events().accept(ours, SocketReaperHook.HALF_CLOSED);
            return ours;
        }
    }

    private static Logger failingWith(String level) {
        return (Logger) Proxy.newProxyInstance(
                ReaperTest.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(level)) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                    return null;
                });
    }

    private static void await(BooleanSupplier something) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!something.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "did not happen");
            LockSupport.parkNanos(1_000_000);
        }
    }
}
