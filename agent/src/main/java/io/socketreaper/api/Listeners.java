package io.socketreaper.api;

import io.socketreaper.bridge.Bridge;
import io.socketreaper.bridge.RecordMap;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listeners, and the thread that calls them, which ends with the last of them. The agent only adds to the queue:
 * whatever a listener does, the agent does not wait for it.
 */
final class Listeners implements Consumer<Map<String, Object>>, Runnable {
    private static final String THREAD = "socket-reaper-listeners";
    static final int MOST_WAITING = 1000;
    /** How often it is looked whether an agent has come whose entry class was not there when the first listener came. */
    private static final long LOOK_AGAIN_MILLIS = 500;
    /** Set by an agent that is at work. */
    private static final String AGENT_PROPERTY = "io.socketreaper.agent";

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    /**
     * Guards itself, and is told of every report and of the end of the last listener. Never held while anybody else is
     * called.
     */
    private final Queue<Map<String, Object>> waiting = new ArrayDeque<>();
    /** Since the last time that it was said. Guarded by {@link #waiting}. */
    private long dropped;
    /** The first that was dropped is said at once. */
    private final AtomicBoolean saidDropped = new AtomicBoolean();

    private final AtomicLong failed = new AtomicLong();
    /** Written under this, like {@link #listening}; null while there is no listener. */
    private volatile @Nullable Thread thread;
    /** Whether the agent's entry class knows of us. */
    private volatile boolean listening;

    private final class Listener implements SocketReaper.Registration {
        private final Consumer<? super LeakReport> target;
        private final AtomicBoolean closed = new AtomicBoolean();

        Listener(Consumer<? super LeakReport> target) {
            this.target = target;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                remove(this);
            }
        }

        void call(LeakReport report) {
            if (!closed.get()) {
                target.accept(report);
            }
        }
    }

    synchronized SocketReaper.Registration add(Consumer<? super LeakReport> target) {
        var listener = new Listener(target);
        listeners.add(listener);
        if (thread == null) {
            thread = new Thread(null, this, THREAD, 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(Listeners.class.getClassLoader());
            thread.start();
        }
        listen();
        return listener;
    }

    private synchronized void remove(Listener listener) {
        listeners.remove(listener);
        if (!listeners.isEmpty()) {
            return;
        }
        thread = null;
        if (listening) {
            listening = false;
            Bridge.unlisten(this);
        }
        synchronized (waiting) {
            waiting.clear();
            waiting.notifyAll();
        }
    }

    /** Tells the agent, which may not be there yet. */
    private synchronized void listen() {
        if (!listening && thread != null && Bridge.isThere()) {
            listening = true;
            Bridge.listen(this);
        }
    }

    /** Called by the agent, on its own thread. */
    @Override
    public void accept(Map<String, Object> leak) {
        synchronized (waiting) {
            if (waiting.size() >= MOST_WAITING) {
                waiting.remove();
                dropped++;
            }
            waiting.add(leak);
            waiting.notifyAll();
            if (dropped == 0) {
                return;
            }
        }
        if (saidDropped.compareAndSet(false, true)) {
            // On a thread of its own: the agent's must not wait for standard error, and the listeners' is held up.
            var thread = new Thread(null, this::sayFirstDropped, THREAD, 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            thread.start();
        }
    }

    private void sayFirstDropped() {
        say("listeners are too slow: more than " + MOST_WAITING
                + " reports wait for them, so the oldest are dropped and counted");
    }

    @Override
    public void run() {
        for (Map<String, Object> leak = next(); leak != null; leak = next()) {
            call(leak);
        }
    }

    private void call(Map<String, Object> leak) {
        LeakReport report;
        try {
            report = RecordMap.to(LeakReport.class, leak);
        } catch (RuntimeException | Error unreadable) {
            failed(
                    "a report could not be read: the agent may be of another version; further failures are only counted: ",
                    unreadable);
            return;
        }
        for (Listener listener : listeners) {
            try {
                listener.call(report);
            } catch (Throwable thrown) {
                failed("a listener failed; further failures are only counted: ", thrown);
            }
        }
        // one that a listener has left behind
        Thread.interrupted();
        sayDropped();
    }

    /** Once those that waited are heard, or it would be said too often. */
    private void sayDropped() {
        long lost;
        synchronized (waiting) {
            lost = waiting.isEmpty() ? dropped : 0;
            dropped -= lost;
        }
        if (lost > 0) {
            say(lost + " reports were dropped because the listeners were too slow");
        }
    }

    private void failed(String what, Throwable thrown) {
        if (failed.getAndIncrement() == 0) {
            say(what + thrown);
        }
    }

    /** Null once the thread is to end, because there are no listeners any more or another thread serves them. */
    private @Nullable Map<String, Object> next() {
        while (true) {
            if (!listening && System.getProperty(AGENT_PROPERTY) != null) {
                listen();
            }
            synchronized (waiting) {
                if (thread != Thread.currentThread()) {
                    return null;
                }
                if (!waiting.isEmpty()) {
                    return waiting.remove();
                }
                try {
                    waiting.wait(listening ? 0 : LOOK_AGAIN_MILLIS);
                } catch (InterruptedException byOneWhoInterruptsAll) {
                    // it ends with the last listener
                }
            }
        }
    }

    private static void say(String what) {
        System.err.println("[socket-reaper] " + what);
    }
}
