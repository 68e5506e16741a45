package io.socketreaper.owner;

import io.socketreaper.selector.Selectors;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Lets a framework close its channel. If the framework cannot, the channel is closed all the same, as one of the JDK. */
final class FrameworkOwner implements Owner {
    /** A framework's own way to close a connection; harmless when repeated. */
    @FunctionalInterface
    interface Closing {
        /** @param cause what the application's callbacks are to be told, if the framework can tell them */
        void close(IOException cause) throws ReflectiveOperationException;
    }

    /** Whether a framework has something under way for a connection, e.g. bytes in a queue. */
    @FunctionalInterface
    interface Use {
        boolean isUnderWay() throws ReflectiveOperationException;
    }

    private final String name;
    private final List<Way> ways = new ArrayList<>();
    private boolean eventLoop;
    private boolean handBack = true;
    private @Nullable Use use;
    /** The strongest way that was asked for; a thread that comes to a weaker one later takes this one. */
    private volatile int strongest;

    private volatile boolean begun = true;

    private record Way(Executor thread, Closing closing) {}

    /**
     * @param thread  where the framework expects its connections to be closed
     * @param closing its first way to do so
     */
    FrameworkOwner(String name, Executor thread, Closing closing) {
        this.name = name;
        then(thread, closing);
    }

    /** A further way, stronger than those before. Returns this. */
    FrameworkOwner then(Executor thread, Closing closing) {
        ways.add(new Way(thread, closing));
        return this;
    }

    /** The thread of the first way is the only one that uses the connection. Returns this. */
    FrameworkOwner onItsEventLoop() {
        eventLoop = true;
        return this;
    }

    /** It is told only by its ways to close; the channel is not handed back to it. Returns this. */
    FrameworkOwner withoutHandBack() {
        handBack = false;
        return this;
    }

    /** How to ask {@link Owner#isInUse}. Returns this. */
    FrameworkOwner using(Use asked) {
        use = asked;
        return this;
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
    public int ways() {
        return ways.size();
    }

    @Override
    public boolean hasBegun() {
        return begun;
    }

    @Override
    public boolean handsBack() {
        return handBack;
    }

    @Override
    public @Nullable Executor eventLoop() {
        return eventLoop ? ways.get(0).thread() : null;
    }

    @Override
    public boolean isInUse() {
        try {
            return use != null && use.isUnderWay();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError notTold) {
            // If the framework cannot be asked, the socket counts as in use.
            return true;
        }
    }

    @Override
    public void close(Channel channel, SelectionKey[] keys, int way, IOException cause) throws IOException {
        int chosen = Math.min(way, ways.size());
        strongest = Math.max(strongest, chosen);
        begun = false;
        try {
            ways.get(chosen - 1).thread().execute(() -> closeOnItsThread(channel, keys, cause));
        } catch (RejectedExecutionException shutDown) {
            begun = true;
            new JdkOwner(null).close(channel, keys, 1, cause);
        }
    }

    private void closeOnItsThread(Channel channel, SelectionKey[] keys, IOException cause) {
        begun = true;
        try {
            ways.get(strongest - 1).closing().close(cause);
            // Not every framework does; the registered channel keeps its descriptor until then.
            Selectors.wakeUp(keys);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError frameworkFailed) {
            try {
                new JdkOwner(null).close(channel, keys, 1, cause);
            } catch (IOException | RuntimeException thisToo) {
                // The descriptor is checked afterwards in any case.
            }
        }
    }
}
