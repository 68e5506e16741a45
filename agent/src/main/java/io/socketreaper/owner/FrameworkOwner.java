package io.socketreaper.owner;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Lets a framework close its channel. If the framework cannot, the channel is closed all the same, as one of the JDK. */
final class FrameworkOwner implements Owner {
    /** The framework's own way to close a connection; harmless when repeated. */
    @FunctionalInterface
    interface Closing {
        void close() throws ReflectiveOperationException;
    }

    private final String name;
    private final Executor thread;
    private final Closing closing;

    /** @param thread where the framework expects its connections to be closed */
    FrameworkOwner(String name, Executor thread, Closing closing) {
        this.name = name;
        this.thread = thread;
        this.closing = closing;
    }

    /**
     * The caller's thread, for frameworks that close on any. Their callbacks find their own classes there, as on a thread of
     * their own.
     */
    static Executor callersThread(Object attachment) {
        ClassLoader frameworks = attachment.getClass().getClassLoader();
        return task -> {
            Thread caller = Thread.currentThread();
            ClassLoader before = caller.getContextClassLoader();
            caller.setContextClassLoader(frameworks);
            try {
                task.run();
            } finally {
                caller.setContextClassLoader(before);
            }
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close(SelectableChannel channel, SelectionKey[] keys) throws IOException {
        try {
            thread.execute(() -> closeOnItsThread(channel, keys));
        } catch (RejectedExecutionException shutDown) {
            new JdkOwner(null).close(channel, keys);
        }
    }

    private void closeOnItsThread(SelectableChannel channel, SelectionKey[] keys) {
        try {
            closing.close();
            // Not every framework does; the registered channel keeps its descriptor until then.
            JdkOwner.wakeUp(keys);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError frameworkFailed) {
            try {
                new JdkOwner(null).close(channel, keys);
            } catch (IOException | RuntimeException thisToo) {
                // The descriptor is checked afterwards in any case.
            }
        }
    }
}
