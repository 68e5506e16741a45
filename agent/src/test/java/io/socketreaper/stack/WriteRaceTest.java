package io.socketreaper.stack;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.async.AsyncSocketTest;
import io.socketreaper.stack.async.AsyncStack;
import io.socketreaper.stack.classic.ClassicSocketStack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An application answers a peer that has ended its side, and at any moment of that the agent claims the socket. The peer must get
 * an end only of an answer that is whole, and a write that begins after the claim must not get a byte through.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteRaceTest {
    private static final int MOST_CONNECTIONS = 400;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(3);
    private static final int LONGEST_ANSWER = 400_000;
    private static final byte[] ANSWER = new byte[LONGEST_ANSWER];

    static {
        new Random(42).nextBytes(ANSWER);
    }

    private final ExecutorService actors = Executors.newCachedThreadPool(task -> {
        var thread = new Thread(task, "actor");
        thread.setDaemon(true);
        return thread;
    });
    private volatile int claims;
    private volatile int cut;
    private volatile int whole;
    private volatile int failedAfterClaim;

    @AfterEach
    void end() {
        actors.shutdownNow();
    }

    /** Our end of a connection whose other end has been shut. */
    private interface Ours {
        void write(byte[] bytes) throws IOException;

        /** The application's own end of its answer. */
        void shutOutput() throws IOException;

        void close() throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void ofChannels(Writing way, TestReporter reporter) throws Exception {
        assumeTrue(way.isKnownHere());
        try (ServerSocketChannel server = TcpConnection.listen()) {
            race(reporter, random -> {
                TcpConnection connection = TcpConnection.accept(server);
                connection.ours.configureBlocking(way.needsBlockingMode());
                play(random, connection.handle, connection.peer.socket(), new Ours() {
                    @Override
                    public void write(byte[] bytes) throws IOException {
                        way.write(connection.ours, bytes);
                    }

                    @Override
                    public void shutOutput() throws IOException {
                        connection.ours.shutdownOutput();
                    }

                    @Override
                    public void close() throws IOException {
                        connection.ours.close();
                    }
                });
                connection.awaitRelease();
            });
        }
    }

    @Test
    void ofSockets(TestReporter reporter) throws Exception {
        var stack = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
        stack.resolve();
        stack.proven();
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            race(reporter, random -> {
                var peer = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket ours = server.accept();
                SocketHandle handle = stack.handle(stack.implementationOf(ours));
                handle.heldThrough(ours);
                play(random, handle, peer, new Ours() {
                    @Override
                    public void write(byte[] bytes) throws IOException {
                        ours.getOutputStream().write(bytes);
                    }

                    @Override
                    public void shutOutput() throws IOException {
                        ours.shutdownOutput();
                    }

                    @Override
                    public void close() throws IOException {
                        ours.close();
                    }
                });
            });
        }
    }

    @Test
    void ofAsynchronousChannels(TestReporter reporter) throws Exception {
        AsyncStack stack = AsyncSocketTest.resolved();
        try (var server = AsynchronousServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            race(reporter, random -> {
                Future<AsynchronousSocketChannel> accepted = server.accept();
                var address = (InetSocketAddress) server.getLocalAddress();
                var peer = new Socket(address.getAddress(), address.getPort());
                AsynchronousSocketChannel ours = accepted.get();
                play(random, stack.handle(ours), peer, new Ours() {
                    @Override
                    public void write(byte[] bytes) throws IOException {
                        try {
                            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                                ours.write(rest).get();
                            }
                        } catch (ExecutionException failed) {
                            throw new IOException(failed.getCause());
                        } catch (InterruptedException never) {
                            throw new AssertionError(never);
                        }
                    }

                    @Override
                    public void shutOutput() throws IOException {
                        ours.shutdownOutput();
                    }

                    @Override
                    public void close() throws IOException {
                        ours.close();
                    }
                });
            });
        }
    }

    private interface Life {
        void live(Random random) throws Exception;
    }

    private void race(TestReporter reporter, Life life) throws Exception {
        long endsAt = System.nanoTime() + LONGEST;
        int seed = 0;
        while (seed < MOST_CONNECTIONS && (System.nanoTime() - endsAt < 0 || seed < 20)) {
            seed++;
            try {
                life.live(new Random(seed));
            } catch (Exception | AssertionError failed) {
                throw new AssertionError("connection of seed " + seed, failed);
            }
        }
        assertEquals(claims, cut, "every peer of a socket that was reset has seen an error, and no other");
        reporter.publishEntry(
                "raced",
                seed + " connections, " + claims + " claims, " + cut + " cut, " + whole + " whole, " + failedAfterClaim
                        + " writes failed after a claim");
        assertTrue(claims > 0 && cut > 0, "there was no race");
    }

    private final class Answer {
        private final int length;
        private final int pieces;
        private volatile boolean condemned;
        private volatile boolean ended;
        private volatile boolean over;

        Answer(Random random) {
            length = 1 + random.nextInt(random.nextBoolean() ? 1_000 : LONGEST_ANSWER);
            pieces = 1 + random.nextInt(8);
        }
    }

    private void play(Random random, SocketHandle handle, Socket peer, Ours ours) throws Exception {
        peer.shutdownOutput();
        await("CLOSE_WAIT", () -> handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
        var answer = new Answer(random);
        int readerSlowness = random.nextInt(3);
        int spins = random.nextInt(20_000);
        Future<?> writing = actors.submit(() -> write(answer, ours, spins % 500));
        Future<byte[]> reading = actors.submit(() -> read(answer, peer, readerSlowness));
        Claim claim = claim(answer, handle, spins);
        writing.get();
        byte[] got = reading.get();
        ours.close();
        peer.close();
        assertArrayEquals(Arrays.copyOf(ANSWER, got.length), got);
        if (claim != null && claim.isReset()) {
            claims++;
        }
    }

    private Claim claim(Answer answer, SocketHandle handle, int spins) throws IOException {
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
        Claim claim = null;
        while (claim == null && !answer.over) {
            claim = handle.claim(snapshot -> !snapshot.isGone());
        }
        if (claim != null) {
            answer.condemned = claim.isReset();
            claim.close();
        }
        return claim;
    }

    private Void write(Answer answer, Ours ours, int spins) throws IOException {
        try {
            for (int piece = 0; piece < answer.pieces; piece++) {
                for (int i = 0; i < spins; i++) {
                    Thread.onSpinWait();
                }
                boolean condemnedBefore = answer.condemned;
                try {
                    ours.write(Arrays.copyOfRange(ANSWER, (int) ((long) answer.length * piece / answer.pieces), (int)
                            ((long) answer.length * (piece + 1) / answer.pieces)));
                } catch (IOException failed) {
                    failedAfterClaim += condemnedBefore ? 1 : 0;
                    return null;
                }
                assertTrue(!condemnedBefore || answer.length < answer.pieces, "a write after the claim succeeded");
            }
            try {
                ours.shutOutput();
                answer.ended = true;
            } catch (IOException claimed) {
                // the agent was first
            }
            return null;
        } finally {
            answer.over = true;
        }
    }

    private byte[] read(Answer answer, Socket peer, int slowness) throws Exception {
        var got = new ByteArrayOutputStream();
        var some = new byte[slowness == 0 ? 64 * 1024 : 4 * 1024];
        try {
            for (int count = peer.getInputStream().read(some);
                    count >= 0;
                    count = peer.getInputStream().read(some)) {
                got.write(some, 0, count);
                if (slowness == 2) {
                    Thread.yield();
                }
            }
        } catch (IOException reset) {
            cut++;
            return got.toByteArray();
        }
        await("the writer's end", () -> answer.over);
        assertTrue(
                answer.ended,
                () -> "an end after " + got.size() + " of " + answer.length
                        + " bytes, which the application did not send");
        assertEquals(answer.length, got.size(), "an end in the middle of an answer");
        whole++;
        return got.toByteArray();
    }
}
