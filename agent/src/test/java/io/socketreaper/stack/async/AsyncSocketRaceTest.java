package io.socketreaper.stack.async;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Canaries;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Short connections on which the peer sends, the application reads and closes, and the agent claims, all at once. */
@Timeout(120)
class AsyncSocketRaceTest {
    private static final int CONNECTIONS = 300;
    private static final int LONGEST_STREAM = 60_000;
    private static final AsyncStack STACK = AsyncSocketTest.resolved();

    private final AtomicInteger claims = new AtomicInteger();
    private final AtomicInteger drains = new AtomicInteger();
    private final AtomicInteger failedReads = new AtomicInteger();
    private volatile Throwable broken;
    private volatile boolean over;

    @Test
    void noReadSucceedsAfterADiscardAndNoDescriptorIsClosedTwice(@TempDir Path directory, TestReporter reporter)
            throws Exception {
        Path song = Files.writeString(directory.resolve("song").toAbsolutePath(), Canaries.song())
                .toRealPath();
        try (var canaries = new Canaries(song);
                var server = AsynchronousServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var singer = start(() -> {
                while (!over) {
                    canaries.singOnce();
                }
            });
            for (int seed = 0; seed < CONNECTIONS && broken == null; seed++) {
                new Raced(server, seed).race();
            }
            over = true;
            singer.join();
        }
        reporter.publishEntry(
                "raced",
                claims + " claims, " + drains + " drains with bytes, " + failedReads + " reads failed after a claim");
        if (broken != null) {
            throw new AssertionError(broken);
        }
        assertTrue(claims.get() > 0 && drains.get() > 0 && failedReads.get() > 0, "there was no race");
    }

    private interface Act {
        void run() throws Throwable;
    }

    private Thread start(Act act) {
        var thread = new Thread(() -> {
            try {
                act.run();
            } catch (Throwable failure) {
                broken = failure;
            }
        });
        thread.start();
        return thread;
    }

    private final class Raced {
        private final long seed;
        private final AsynchronousSocketChannel ours;
        private final Socket peer;
        private final SocketHandle handle;
        private final byte[] stream;
        private final CyclicBarrier gate = new CyclicBarrier(3);
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final ByteArrayOutputStream discarded = new ByteArrayOutputStream();
        private volatile boolean condemned;
        private volatile boolean applicationDone;
        private boolean endRead;

        Raced(AsynchronousServerSocketChannel server, long seed) throws Exception {
            this.seed = seed;
            var random = new Random(seed);
            stream = new byte[1 + random.nextInt(random.nextBoolean() ? 64 : LONGEST_STREAM)];
            random.nextBytes(stream);
            var accepted = server.accept();
            var address = (InetSocketAddress) server.getLocalAddress();
            peer = new Socket(address.getAddress(), address.getPort());
            ours = accepted.get(10, TimeUnit.SECONDS);
            handle = STACK.handle(ours);
        }

        void race() throws Exception {
            Thread[] actors = {start(this::peer), start(this::application), start(this::agent)};
            for (Thread actor : actors) {
                actor.join();
            }
            ours.close();
            peer.close();
            assertTrue(handle.snapshot().isGone());
            byte[] read = taken.toByteArray();
            byte[] lost = discarded.toByteArray();
            assertArrayEquals(Arrays.copyOf(stream, read.length), read, "what was read, seed " + seed);
            assertArrayEquals(
                    Arrays.copyOfRange(stream, read.length, read.length + lost.length),
                    lost,
                    "what was discarded follows it without a hole, seed " + seed);
            if (endRead) {
                assertEquals(stream.length, read.length, "an end of input comes after all of it, seed " + seed);
            }
        }

        private void dawdle(Random random, int mostMicros) {
            LockSupport.parkNanos(random.nextInt(mostMicros) * 1000L);
        }

        private void peer() throws Exception {
            var random = new Random(seed * 31 + 1);
            gate.await();
            try {
                for (int sent = 0; sent < stream.length; ) {
                    int count = 1 + random.nextInt(stream.length - sent);
                    peer.getOutputStream().write(stream, sent, count);
                    sent += count;
                    dawdle(random, 100);
                }
                if (random.nextInt(4) > 0) {
                    peer.shutdownOutput();
                }
            } catch (IOException closedOrReset) {
                // by the application or the agent
            }
        }

        private void application() throws Exception {
            var random = new Random(seed * 31 + 2);
            gate.await();
            try {
                ours.shutdownOutput();
                for (int reads = random.nextInt(8); reads > 0; reads--) {
                    dawdle(random, 200);
                    boolean before = condemned;
                    int count = read(ByteBuffer.allocate(1 + random.nextInt(20_000)), random.nextInt(3));
                    assertFalse(before, "a read begun after the claim succeeded, seed " + seed);
                    if (count < 0) {
                        endRead = true;
                        break;
                    }
                }
                dawdle(random, 300);
                if (random.nextInt(3) == 0) {
                    ours.close();
                }
            } catch (IllegalStateException refused) {
                failedReads.incrementAndGet();
            } catch (ExecutionException failed) {
                assertInstanceOf(IOException.class, failed.getCause());
            } catch (java.util.concurrent.TimeoutException nothingCame) {
                // the peer has sent it all, and leaves its side open
            } catch (IOException closed) {
                // by the agent
            } finally {
                applicationDone = true;
            }
        }

        private int read(ByteBuffer into, int how) throws Exception {
            int count;
            if (how == 0) {
                count = ours.read(into).get(200, TimeUnit.MILLISECONDS);
            } else {
                var result = new CompletableFuture<Integer>();
                var handler = new CompletionHandler<Integer, Void>() {
                    @Override
                    public void completed(Integer read, Void nothing) {
                        result.complete(read);
                    }

                    @Override
                    public void failed(Throwable failure, Void nothing) {
                        result.completeExceptionally(failure);
                    }
                };
                if (how == 1) {
                    ours.read(into, null, handler);
                } else {
                    ours.read(into, 200, TimeUnit.MILLISECONDS, null, handler);
                }
                count = result.get(5, TimeUnit.SECONDS);
            }
            if (count > 0) {
                taken.write(into.array(), 0, count);
            }
            return count;
        }

        private void agent() throws Exception {
            var random = new Random(seed * 31 + 3);
            gate.await();
            for (int i = 0; i < 200 && !(applicationDone && i > 20); i++) {
                dawdle(random, 150);
                handle.snapshot();
                Claim claim = handle.claim(SocketSnapshot::unread);
                if (claim != null) {
                    condemned = true;
                    claims.incrementAndGet();
                    drain(claim, random);
                    claim.close();
                    claim.close();
                    return;
                }
            }
        }

        private void drain(Claim claim, Random random) {
            var buffer = ByteBuffer.allocateDirect(8192);
            for (int steps = random.nextInt(12); steps > 0; steps--) {
                try {
                    int count = claim.read(buffer.clear());
                    if (count < 0) {
                        return;
                    }
                    if (count > 0) {
                        drains.incrementAndGet();
                        var bytes = new byte[count];
                        buffer.flip().get(bytes);
                        discarded.writeBytes(bytes);
                    }
                } catch (IOException reset) {
                    return;
                }
                dawdle(random, 60);
            }
        }
    }
}
