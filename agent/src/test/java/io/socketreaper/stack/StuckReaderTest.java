package io.socketreaper.stack;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.stack.classic.ClassicSocketStack;
import java.io.Closeable;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What is left of a socket that is closed while a thread sits in a blocking read of it: by the JDK's own sources that thread frees it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StuckReaderTest {
    /** The connection is ended by a dup2 of the JDK's before the thread has noticed; only the number stays taken, for a moment. */
    @Test
    void aPlatformThreadKeepsNoSocketThatIsClosed() throws Exception {
        try (var connection = TcpConnection.open()) {
            var reading = new FutureTask<>(() -> connection.ours.read(ByteBuffer.allocate(1)));
            new Thread(reading, "reader").start();
            await("reading", () -> connection.handle.snapshot().reading());
            connection.ours.close();

            await("gone", () -> connection.handle.snapshot().isGone());
            assertFalse(connection.isHeld());
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aVirtualThreadThatCannotRunKeepsAChannelAndIsToldOf() throws Exception {
        try (var connection = TcpConnection.open()) {
            assertKeptUntilItsReaderRuns(
                    connection.handle, connection.ours, () -> connection.ours.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aVirtualThreadThatCannotRunKeepsASocketAndIsToldOf() throws Exception {
        var stack = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
        stack.resolve();
        stack.proven();
        try (var server = TcpConnection.listen();
                var ours = new Socket(
                        server.socket().getInetAddress(), server.socket().getLocalPort());
                SocketChannel peer = server.accept()) {
            assertTrue(peer.isConnected());
            assertKeptUntilItsReaderRuns(
                    stack.handle(stack.implementationOf(ours)),
                    ours,
                    () -> ours.getInputStream().read());
        }
    }

    private static void assertKeptUntilItsReaderRuns(SocketHandle handle, Closeable socket, Callable<Integer> read)
            throws Exception {
        var reading = new FutureTask<>(() -> {
            Thread.currentThread().setName("reader");
            return read.call();
        });
        Thread reader = startVirtualThread(reading);
        await("reading", () -> handle.snapshot().reading() && reader.getState() == Thread.State.WAITING);
        assertFalse(handle.isStuck());
        assertEquals("", handle.holder());
        try (var busy = new BusyCarriers()) {
            socket.close();

            assertEquals(Holder.CLOSED, handle.snapshot().hold());
            assertTrue(handle.isStuck());
            assertEquals("thread \"reader\", which is still inside a read of it", handle.holder());
        }
        await("gone", () -> handle.snapshot().isGone());
        assertFalse(handle.isStuck());
    }

    /** Virtual threads that leave no carrier to any other. */
    private static final class BusyCarriers implements AutoCloseable {
        /** The scheduler may have carriers to spare; these come before the reader. */
        private static final int SPARE = 16;

        private volatile boolean over;

        BusyCarriers() throws ReflectiveOperationException {
            int carriers = Runtime.getRuntime().availableProcessors();
            var running = new AtomicInteger();
            for (int i = 0; i < carriers + SPARE; i++) {
                startVirtualThread(() -> {
                    running.incrementAndGet();
                    while (!over) {
                        Thread.onSpinWait();
                    }
                });
            }
            await("all carriers busy", () -> running.get() >= carriers);
        }

        @Override
        public void close() {
            over = true;
        }
    }

    /** By reflection: the tests are compiled for 17. */
    private static Thread startVirtualThread(Runnable task) throws ReflectiveOperationException {
        return (Thread)
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    }
}
