package io.socketreaper.testapp.torture;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A channel of an event loop. The loop reads when the application wants it, and when the key is ready though the application does
 * not; so it meets a failure that the agent hands back. A deaf one ignores such a key.
 */
final class LoopTestSocket implements TestSocket {
    /** How often a waiting thread checks whether its channel is still open. */
    private static final long LOOK_MILLIS = 100;

    private static final int TRANSFER = 256 * 1024;

    private final Loop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final boolean deaf;
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024).flip();
    /** How many bytes the application wants; 0 if none. */
    private int wanted;

    private boolean writable;
    private boolean ended;
    private IOException failure;
    private long inUseUntil = System.nanoTime();

    LoopTestSocket(Loop loop, SocketChannel channel, SelectionKey key, boolean deaf) {
        this.loop = loop;
        this.channel = channel;
        this.key = key;
        this.deaf = deaf;
        key.attach(this);
        loop.wakeup();
    }

    /** The loop's thread. */
    synchronized void ready(int operations) {
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
            writable = true;
        }
        if ((operations & SelectionKey.OP_READ) != 0 && (wanted > 0 || !deaf)) {
            readNow();
        }
        notifyAll();
    }

    synchronized void cancelled() {
        failure = failure == null ? new IOException("the key was cancelled") : failure;
        notifyAll();
    }

    private void readNow() {
        inUseUntil = System.nanoTime();
        try {
            input.compact();
            if (wanted > 0) {
                // Reading ahead would be a use of the socket that the meter does not see.
                input.limit(Math.min(input.capacity(), input.position() + wanted));
            }
            ended |= channel.read(input) < 0;
        } catch (IOException e) {
            failure = e;
        } finally {
            input.flip();
        }
        wanted = 0;
        if (key.isValid()) {
            key.interestOpsAnd(~SelectionKey.OP_READ);
        }
    }

    @Override
    public synchronized int read(byte[] into, int length) throws IOException {
        if (!input.hasRemaining() && !ended && failure == null) {
            wanted = length;
            want(SelectionKey.OP_READ);
        }
        while (!input.hasRemaining() && !ended) {
            await();
        }
        int count = Math.min(length, input.remaining());
        input.get(into, 0, count);
        return count > 0 ? count : -1;
    }

    @Override
    public void write(byte[] from, int length) throws IOException {
        var bytes = ByteBuffer.wrap(from, 0, length);
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                awaitWritable();
            }
        }
    }

    @Override
    public void send(FileChannel file, long bytes) throws IOException {
        for (long position = 0; position < bytes; ) {
            long sent = file.transferTo(position, Math.min(TRANSFER, bytes - position), channel);
            position += sent;
            if (sent == 0) {
                awaitWritable();
            }
        }
    }

    private synchronized void awaitWritable() throws IOException {
        writable = false;
        want(SelectionKey.OP_WRITE);
        while (!writable) {
            await();
        }
    }

    private void want(int operation) throws IOException {
        try {
            key.interestOpsOr(operation);
            loop.wakeup();
        } catch (CancelledKeyException e) {
            throw new IOException(e);
        }
    }

    private void await() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (!channel.isOpen() || !key.isValid()) {
            throw new IOException("closed while it was waited for");
        }
        try {
            wait(LOOK_MILLIS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public synchronized long inUseUntil() {
        return inUseUntil;
    }

    @Override
    public void drop() {
        key.attach(null);
        key.cancel();
        loop.wakeup();
    }

    @Override
    public void closeOnDeadSelector() throws IOException {
        channel.register(AbandonedSelectors.next(), 0);
        close();
    }

    @Override
    public void reset() throws IOException {
        ChannelTestSocket.reset(channel);
        loop.wakeup();
    }

    @Override
    public Object socket() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        loop.wakeup();
    }
}
