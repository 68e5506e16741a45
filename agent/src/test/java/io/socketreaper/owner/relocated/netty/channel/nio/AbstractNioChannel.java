package io.socketreaper.owner.relocated.netty.channel.nio;

import io.socketreaper.owner.relocated.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** A Netty channel whose event loop runs when a test says so. */
public abstract class AbstractNioChannel implements Channel {
    private final Queue<Runnable> eventLoop = new ArrayDeque<>();
    private boolean shutDown;
    private int closes;

    @Override
    public Object close() {
        closes++;
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

    public int closes() {
        return closes;
    }
}
