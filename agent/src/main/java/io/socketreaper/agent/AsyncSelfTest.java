package io.socketreaper.agent;

import io.socketreaper.socket.AsyncStack;
import io.socketreaper.socket.JdkStack;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import sun.nio.ch.SocketReaperHook;

/**
 * The self-test of {@code AsynchronousSocketChannel}, in a group of its own that is gone afterwards: the default group of
 * the application is not created, and no thread of it is kept waiting.
 */
final class AsyncSelfTest implements SelfTest {
    private static final int WAIT_MILLIS = 2000;
    private static final int[] OF_HALF_CLOSED = {SocketReaperHook.HALF_CLOSED, SocketReaperHook.CLOSED};
    private static final int[] OF_ALL = {SocketReaperHook.HALF_CLOSED, SocketReaperHook.CLOSED, SocketReaperHook.WROTE,
        SocketReaperHook.RELEASED};

    private final Events events;
    private final boolean all;
    private final ThreadFactory threads;

    /**
     * @param all     whether {@code track=all}
     * @param threads makes the group's thread
     */
    AsyncSelfTest(Events events, boolean all, ThreadFactory threads) {
        this.events = events;
        this.all = all;
        this.threads = threads;
    }

    @Override
    public Result run(JdkStack stack) {
        AsynchronousChannelProvider provider = ((AsyncStack) stack).asynchronousProvider();
        prepare();
        boolean told = SocketReaperHook.traffic;
        SocketReaperHook.traffic = all;
        try (ServerSocketChannel server = stack.provider().openServerSocketChannel()) {
            server.bind(Loopback.anyPort(), 1);
            server.configureBlocking(false);
            AsynchronousChannelGroup group = provider.openAsynchronousChannelGroup(1, threads);
            try {
                return run(provider, group, server);
            } finally {
                group.shutdownNow();
                group.awaitTermination(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (IOException | RuntimeException | ExecutionException | TimeoutException | InterruptedException noLoopback) {
            return Result.couldNotRun(noLoopback);
        } finally {
            SocketReaperHook.traffic = told;
        }
    }

    private Result run(AsynchronousChannelProvider provider, AsynchronousChannelGroup group, ServerSocketChannel server)
            throws IOException, ExecutionException, TimeoutException, InterruptedException {
        events.newSelfTest();
        try (AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(group)) {
            Result opened = all ? events.selfTestResult(SocketReaperHook.OPENED) : events.selfTestResult();
            SocketAddress address = server.getLocalAddress();
            done(client.connect(address));
            try (SocketChannel accepted = server.accept()) {
                if (accepted == null) {
                    return Result.couldNotRun("a loopback connection was not accepted");
                }
                // There before the reads, which therefore end on this thread.
                accepted.write(ByteBuffer.wrap(new byte[1]));
                accepted.shutdownOutput();
                events.newSelfTest();
                done(client.write(ByteBuffer.wrap(new byte[1])));
                client.shutdownOutput();
                done(client.read(ByteBuffer.allocate(1)));
                done(client.read(ByteBuffer.allocate(1)));
                client.close();
                return opened.passed() ? result() : opened;
            }
        }
    }

    private Result result() {
        int[] always = all ? OF_ALL : OF_HALF_CLOSED;
        if (Boolean.getBoolean("sun.nio.ch.disableSynchronousRead")
                || "".equals(System.getProperty("sun.nio.ch.disableSynchronousRead"))) {
            // Then every read ends on a thread of the group.
            return events.selfTestResult(always);
        }
        Result ofReads = events.selfTestResult(SocketReaperHook.READ_NOTHING);
        return ofReads.passed() ? events.selfTestResult(always, SocketReaperHook.READ, SocketReaperHook.END_OF_INPUT) : ofReads;
    }

    /** Of a JDK that is built in another way, what a read has brought is not known. */
    private static void prepare() {
        try {
            SocketReaperHook.prepareAsynchronous();
        } catch (InternalError noSuchField) {
            // the test will say so
        }
    }

    private static void done(Future<?> operation) throws ExecutionException, TimeoutException, InterruptedException {
        operation.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }
}
