package io.socketreaper.stack.async;

import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.Loopback;
import io.socketreaper.stack.SocketStack;
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
 * The self-test of {@code AsynchronousSocketChannel}, in a group of its own that is closed afterwards: the application's default
 * group is not created, and no thread of the application has to wait.
 *
 * @param all     whether {@code track=all}
 * @param threads makes the group's thread
 */
public record AsyncHookProbe(HookTrace trace, boolean all, ThreadFactory threads) implements HookProbe {
    private static final int WAIT_MILLIS = 2000;
    private static final int[] OF_HALF_CLOSED = {SocketReaperHook.HALF_CLOSED, SocketReaperHook.CLOSED};
    private static final int[] OF_ALL = {
        SocketReaperHook.HALF_CLOSED, SocketReaperHook.CLOSED, SocketReaperHook.WROTE, SocketReaperHook.RELEASED
    };

    @Override
    public Result run(SocketStack stack) {
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
        } catch (IOException
                | RuntimeException
                | ExecutionException
                | TimeoutException
                | InterruptedException noLoopback) {
            return Result.couldNotRun(noLoopback);
        } finally {
            SocketReaperHook.traffic = told;
        }
    }

    private Result run(AsynchronousChannelProvider provider, AsynchronousChannelGroup group, ServerSocketChannel server)
            throws IOException, ExecutionException, TimeoutException, InterruptedException {
        trace.begin();
        try (AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(group)) {
            Result opened = all ? trace.result(SocketReaperHook.OPENED) : trace.result();
            SocketAddress address = server.getLocalAddress();
            done(client.connect(address));
            try (SocketChannel accepted = server.accept()) {
                if (accepted == null) {
                    return Result.couldNotRun("a loopback connection was not accepted");
                }
                // There before the reads, which therefore end on this thread.
                accepted.write(ByteBuffer.wrap(new byte[1]));
                accepted.shutdownOutput();
                trace.begin();
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
            return trace.result(always);
        }
        Result ofReads = trace.result(SocketReaperHook.READ_NOTHING);
        return ofReads.passed() ? trace.result(always, SocketReaperHook.READ, SocketReaperHook.END_OF_INPUT) : ofReads;
    }

    /** On a JDK with other internals the number of bytes of a read is unknown. */
    private static void prepare() {
        try {
            SocketReaperHook.prepareAsynchronous();
        } catch (InternalError noSuchField) {
            // the self-test reports it
        }
    }

    private static void done(Future<?> operation) throws ExecutionException, TimeoutException, InterruptedException {
        operation.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }
}
