package io.socketreaper.stack.netty.relocated.netty.channel.epoll;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.socketreaper.stack.netty.relocated.netty.channel.ChannelConfig;
import io.socketreaper.stack.netty.relocated.netty.channel.ChannelOutboundBuffer;
import io.socketreaper.stack.netty.relocated.netty.channel.ChannelPipeline;
import io.socketreaper.stack.netty.relocated.netty.channel.ChannelPromise;
import io.socketreaper.stack.netty.relocated.netty.channel.socket.DuplexChannel;
import io.socketreaper.stack.netty.relocated.netty.channel.unix.FileDescriptor;
import io.socketreaper.stack.netty.relocated.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

/** A channel on a descriptor that the JDK has opened, and an event loop that runs its tasks when the test says so. */
public class AbstractEpollStreamChannel implements DuplexChannel, UnixChannel {
    public final Queue<Runnable> tasks = new ArrayDeque<>();
    public boolean autoRead;
    public boolean registered = true;
    public final EpollUnsafe theUnsafe = new EpollUnsafe();
    public Queue<Object> spliceQueue;
    public boolean inputClosedSeenErrorOnRead;
    /** A handler of the pipeline lets no close through. */
    public boolean closesAreDeferred;
    /** What a handler of the pipeline sends before it lets a close through, as that of TLS its close_notify. */
    public String lastWords = "";
    /** What its pipeline was told of. */
    public final List<Throwable> failures = new ArrayList<>();

    public final List<Object> handlers = new ArrayList<>();
    public final ChannelOutboundBuffer outboundBuffer = new ChannelOutboundBuffer();
    private final SocketChannel socket;
    private final int number;
    private Object connectPromise;

    public AbstractEpollStreamChannel(SocketChannel socket, int number) {
        this.socket = socket;
        this.number = number;
    }

    /** Runs what the agent has asked the event loop to. */
    public void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return connectPromise == null && socket.isConnected();
    }

    @Override
    public boolean isRegistered() {
        return registered;
    }

    @Override
    public SocketAddress localAddress() {
        return socket.socket().getLocalSocketAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return socket.socket().getRemoteSocketAddress();
    }

    @Override
    public Executor eventLoop() {
        return tasks::add;
    }

    @Override
    public ChannelConfig config() {
        return () -> autoRead;
    }

    @Override
    public Unsafe unsafe() {
        return theUnsafe;
    }

    @Override
    public ChannelPipeline pipeline() {
        return new ChannelPipeline() {
            @Override
            public ChannelPipeline fireExceptionCaught(Throwable cause) {
                failures.add(cause);
                return null;
            }

            @Override
            public Iterator<Map.Entry<String, Object>> iterator() {
                return handlers.stream()
                        .map(handler -> Map.entry("a handler", handler))
                        .iterator();
            }
        };
    }

    @Override
    public boolean isOutputShutdown() {
        return socket.socket().isOutputShutdown();
    }

    @Override
    public boolean isInputShutdown() {
        return inputClosedSeenErrorOnRead;
    }

    @Override
    public FileDescriptor fd() {
        return new FileDescriptor(number);
    }

    @Override
    public Object close() {
        sendLastWords();
        if (!closesAreDeferred) {
            closeNow();
        }
        return null;
    }

    private void sendLastWords() {
        try {
            if (!lastWords.isEmpty()) {
                socket.write(ByteBuffer.wrap(lastWords.getBytes(US_ASCII)));
            }
        } catch (IOException connectionIsOver) {
            // as in Netty, it fails the promise of the write
        }
    }

    private void closeNow() {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public ChannelPromise newPromise() {
        return new ChannelPromise() {};
    }

    /** What the event loop works on. */
    public final class EpollUnsafe implements Unsafe {
        public boolean readPending;

        @Override
        public ChannelOutboundBuffer outboundBuffer() {
            return outboundBuffer;
        }

        @Override
        public void close(ChannelPromise promise) {
            if (promise == null) {
                throw new NullPointerException();
            }
            closeNow();
        }
    }
}
