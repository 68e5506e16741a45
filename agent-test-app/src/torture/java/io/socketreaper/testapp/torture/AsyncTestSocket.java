package io.socketreaper.testapp.torture;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** An asynchronous channel with handlers, whose caller waits for each operation. */
final class AsyncTestSocket implements TestSocket {
    private final AsynchronousSocketChannel channel;
    private volatile long inUseUntil = System.nanoTime();

    AsyncTestSocket(AsynchronousSocketChannel channel) {
        this.channel = channel;
    }

    /** Notes when the operation ended, which its waiter may learn much later. */
    private final class Done extends CompletableFuture<Integer> implements CompletionHandler<Integer, Void> {
        @Override
        public void completed(Integer count, Void nothing) {
            inUseUntil = System.nanoTime();
            complete(count);
        }

        @Override
        public void failed(Throwable failure, Void nothing) {
            completeExceptionally(failure);
        }

        int await() throws IOException {
            try {
                return get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }
    }

    @Override
    public int read(byte[] into, int length) throws IOException {
        var done = new Done();
        try {
            channel.read(ByteBuffer.wrap(into, 0, length), null, done);
        } catch (IllegalStateException e) {
            // the JDK's own answer after a read that timed out, and what a condemned channel gives
            throw new IOException(e);
        }
        return done.await();
    }

    @Override
    public void write(byte[] from, int length) throws IOException {
        for (var bytes = ByteBuffer.wrap(from, 0, length); bytes.hasRemaining(); ) {
            var done = new Done();
            try {
                channel.write(bytes, null, done);
            } catch (IllegalStateException e) {
                throw new IOException(e);
            }
            done.await();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** It has no SO_LINGER: the peer sees an end. */
    @Override
    public void reset() throws IOException {
        channel.close();
    }

    @Override
    public long inUseUntil() {
        return inUseUntil;
    }

    @Override
    public Object socket() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
