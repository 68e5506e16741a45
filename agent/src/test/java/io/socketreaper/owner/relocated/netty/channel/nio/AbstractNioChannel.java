package io.socketreaper.owner.relocated.netty.channel.nio;

import io.socketreaper.owner.relocated.netty.channel.Channel;
import io.socketreaper.owner.relocated.netty.channel.ChannelOutboundBuffer;
import io.socketreaper.owner.relocated.netty.channel.ChannelPipeline;
import io.socketreaper.owner.relocated.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** A Netty channel whose event loop runs when a test says so. */
public abstract class AbstractNioChannel implements Channel {
    private final Queue<Runnable> eventLoop = new ArrayDeque<>();
    private boolean shutDown;
    private final List<String> calls = new ArrayList<>();
    public final List<Object> handlers = new ArrayList<>();
    private final ChannelOutboundBuffer outbound = new ChannelOutboundBuffer();

    @Override
    public boolean isOpen() {
        return !calls.contains("closed below");
    }

    @Override
    public ChannelPipeline pipeline() {
        return new ChannelPipeline() {
            @Override
            public ChannelPipeline fireExceptionCaught(Throwable cause) {
                calls.add(cause.getMessage());
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
    public ChannelPromise newPromise() {
        return new ChannelPromise() {};
    }

    @Override
    public Unsafe unsafe() {
        return new Unsafe() {
            @Override
            public ChannelOutboundBuffer outboundBuffer() {
                return outbound;
            }

            @Override
            public void close(ChannelPromise promise) {
                calls.add(promise == null ? "no promise" : "closed below");
            }
        };
    }

    /** Does no more than to be called, as if a handler put it off. */
    @Override
    public Object close() {
        calls.add("close");
        return null;
    }

    @Override
    public Executor eventLoop() {
        return task -> {
            if (shutDown) {
                throw new RejectedExecutionException("event executor terminated");
            }
            eventLoop.add(task);
        };
    }

    public void runEventLoop() {
        while (!eventLoop.isEmpty()) {
            eventLoop.remove().run();
        }
    }

    public void shutDownEventLoop() {
        shutDown = true;
    }

    /** What it was told, and what was called, in this order. */
    public List<String> calls() {
        return calls;
    }
}
