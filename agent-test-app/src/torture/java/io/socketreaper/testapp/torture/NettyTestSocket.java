package io.socketreaper.testapp.torture;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A Netty channel without autoRead. What its pipeline hears is what its application sees: an end without a cause is a normal end. */
final class NettyTestSocket extends ChannelInboundHandlerAdapter implements TestSocket {
    private final SocketChannel channel;
    private final Deque<ByteBuf> input = new ArrayDeque<>();
    private boolean ended;
    private boolean closedByUs;
    private Throwable failure;
    private long inUseUntil = System.nanoTime();

    NettyTestSocket(SocketChannel channel) {
        this.channel = channel;
        channel.pipeline().addLast(this);
    }

    @Override
    public synchronized void channelRead(ChannelHandlerContext context, Object message) {
        inUseUntil = System.nanoTime();
        input.add((ByteBuf) message);
        notifyAll();
    }

    @Override
    public synchronized void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            ended = true;
            notifyAll();
        }
    }

    @Override
    public synchronized void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure = cause;
        notifyAll();
    }

    @Override
    public synchronized void channelInactive(ChannelHandlerContext context) {
        if (closedByUs) {
            failure = failure == null ? new IOException("closed") : failure;
        }
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized int read(byte[] into, int length) throws IOException {
        if (input.isEmpty() && !ended && failure == null) {
            channel.read();
        }
        while (input.isEmpty()) {
            if (failure != null) {
                throw new IOException(failure);
            }
            if (ended) {
                return -1;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }
        var first = input.peek();
        int count = Math.min(length, first.readableBytes());
        first.readBytes(into, 0, count);
        if (!first.isReadable()) {
            input.poll().release();
        }
        return count;
    }

    @Override
    public void write(byte[] from, int length) throws IOException {
        await(channel.writeAndFlush(Unpooled.copiedBuffer(from, 0, length)));
    }

    @Override
    public void shutdownOutput() throws IOException {
        await(channel.shutdownOutput());
    }

    private static void await(io.netty.util.concurrent.Future<?> future) throws IOException {
        try {
            future.await();
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
        if (!future.isSuccess()) {
            throw new IOException(future.cause());
        }
    }

    @Override
    public synchronized long inUseUntil() {
        return inUseUntil;
    }

    @Override
    public void reset() throws IOException {
        // On the loop: the option of an epoll channel that has been closed would be set on the socket that has its
        // number now.
        await(channel.eventLoop().submit(() -> {
            if (channel.isOpen()) {
                channel.config().setSoLinger(0);
            }
        }));
        close();
    }

    @Override
    public Object socket() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closedByUs = true;
        }
        await(channel.close());
    }
}
