package io.socketreaper.runtime;

import io.socketreaper.thread.AnyThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Finds the agent's threads among those of the JVM, by their names. */
@AnyThread
final class AgentThreads {
    /** Name of the thread that writes the log, to the last line of a detach. */
    static final String LOG = "socket-reaper-log";

    private static final String PREFIX = "socket-reaper";
    /** Calls the program's listeners and belongs to the public API, so it outlives a detach. */
    private static final String LISTENERS = "socket-reaper-listeners";

    private static final long PAUSE_MILLIS = 20;

    private AgentThreads() {}

    /**
     * Waits until the agent's threads have ended, apart from the current one and the log's.
     *
     * @param millis how long at most
     * @return the names of those that still run
     */
    static List<String> living(long millis) throws InterruptedException {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            List<String> names = running(root);
            if (names.isEmpty() || System.nanoTime() - end > 0) {
                return names;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static List<String> running(ThreadGroup root) {
        var threads = new Thread[2 * root.activeCount() + 1];
        var names = new ArrayList<String>();
        for (int i = root.enumerate(threads) - 1; i >= 0; i--) {
            String name = threads[i].getName();
            if (name.startsWith(PREFIX)
                    && !name.equals(LISTENERS)
                    && !name.equals(LOG)
                    && threads[i] != Thread.currentThread()) {
                names.add(name);
            }
        }
        return names;
    }
}
