package io.socketreaper.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.descriptor.TcpOptions.Done;
import io.socketreaper.descriptor.TcpOptions.Option;
import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.stack.RawDescriptor;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.TcpConnection;
import io.socketreaper.stack.async.AsyncSocketTest;
import io.socketreaper.stack.async.AsyncStack;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.nio.NioSocket;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An application that closes a socket at the very moment in which its peer is asked: nobody else's socket may be meant. */
@Timeout(60)
class PeerProbeRaceTest {
    private static final int MOST_ROUNDS = 3_000;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(5);
    /** Long enough for a close and an open in between, if they could. */
    private static final long STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    enum Stack {
        CHANNEL {
            @Override
            Closeable open(InetSocketAddress address) throws IOException {
                return SocketChannel.open(address);
            }

            @Override
            SocketHandle handle(Closeable socket) {
                return TcpConnection.handleOf((SocketChannel) socket);
            }
        },
        SOCKET {
            @Override
            Closeable open(InetSocketAddress address) throws IOException {
                return new Socket(address.getAddress(), address.getPort());
            }

            @Override
            SocketHandle handle(Closeable socket) throws ReflectiveOperationException {
                return SOCKETS.handle(SOCKETS.implementationOf((Socket) socket));
            }
        },
        ASYNC {
            @Override
            Closeable open(InetSocketAddress address) throws Exception {
                AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
                channel.connect(address).get(10, TimeUnit.SECONDS);
                return channel;
            }

            @Override
            SocketHandle handle(Closeable socket) {
                return ASYNCHRONOUS.handle(socket);
            }
        };

        abstract Closeable open(InetSocketAddress address) throws Exception;

        abstract SocketHandle handle(Closeable socket) throws ReflectiveOperationException;
    }

    private static final ClassicSocketStack SOCKETS = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
    private static final AsyncStack ASYNCHRONOUS = AsyncSocketTest.resolved();

    static {
        try {
            SOCKETS.resolve();
            SOCKETS.proven();
        } catch (ReflectiveOperationException unknownJdk) {
            throw new ExceptionInInitializerError(unknownJdk);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noOtherSocketIsEverMeant(Stack stack) throws Exception {
        var asked = new AtomicReference<SocketHandle>();
        var done = new AtomicInteger();
        var failed = new AtomicReference<Throwable>();
        var over = new AtomicReference<>(false);
        var agent = new Thread(
                () -> {
                    while (!over.get()) {
                        SocketHandle handle = asked.get();
                        if (handle != null && handle.options(PeerProbeRaceTest::set) == Done.YES) {
                            done.incrementAndGet();
                        }
                        LockSupport.parkNanos(1);
                    }
                },
                "agent");
        agent.setUncaughtExceptionHandler((thread, why) -> failed.set(why));
        agent.start();
        try (var server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            var address = (InetSocketAddress) server.getLocalSocketAddress();
            long end = System.nanoTime() + LONGEST;
            for (int i = 0; i < MOST_ROUNDS && failed.get() == null && System.nanoTime() - end < 0; i++) {
                Closeable ours = stack.open(address);
                Socket peer = server.accept();
                SocketHandle handle = stack.handle(ours);
                handle.snapshot();
                int before = done.get();
                asked.set(handle);
                while (done.get() == before && failed.get() == null && agent.isAlive()) {
                    LockSupport.parkNanos(1);
                }
                ours.close();
                // They get its number.
                List<SocketChannel> canaries = new ArrayList<>();
                for (int k = 0; k < 3; k++) {
                    canaries.add(SocketChannel.open());
                }
                for (SocketChannel canary : canaries) {
                    assertFalse(canary.getOption(StandardSocketOptions.SO_KEEPALIVE), "round " + i);
                    canary.close();
                }
                peer.close();
            }
        } finally {
            over.set(true);
            agent.join();
        }
        if (failed.get() != null) {
            throw new AssertionError(failed.get());
        }
        assertTrue(done.get() > 0);
    }

    private static void set(TcpOptions options) throws IOException {
        options.info();
        for (long end = System.nanoTime() + STEP_NANOS; System.nanoTime() - end < 0; ) {
            Thread.onSpinWait();
        }
        options.set(Option.KEEPALIVE, 1);
    }

    @Test
    void theDescriptorOfACollectedChannelCanBeGotAtAsLongAsItRefersToTheSameSocket() throws Throwable {
        try (var server = TcpConnection.listen()) {
            SocketHandle[] handle = new SocketHandle[1];
            int number = drop(server.getLocalAddress(), handle);
            TcpConnection.await("collected", () -> {
                System.gc();
                return handle[0].snapshot().hold() == Holder.UNREACHABLE;
            });
            assertEquals(Done.YES, handle[0].options(options -> options.set(Option.KEEPALIVE, 1)));

            RawDescriptor.close(number);
            try (var another = SocketChannel.open()) {
                assertEquals(Done.NO, handle[0].options(options -> options.set(Option.KEEPALIVE, 1)));
                assertFalse(another.getOption(StandardSocketOptions.SO_KEEPALIVE));
            }
        }
    }

    private static int drop(SocketAddress address, SocketHandle[] into) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        into[0] = TcpConnection.handleOf(channel);
        into[0].snapshot();
        return NioSocket.number(channel);
    }
}
