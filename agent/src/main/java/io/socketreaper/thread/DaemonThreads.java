package io.socketreaper.thread;

import java.util.concurrent.ThreadFactory;

/** Makes daemon threads in the root group, which inherit no state from the thread that creates them. */
@AnyThread
public final class DaemonThreads implements ThreadFactory {
    private static final Thread.UncaughtExceptionHandler HANDLER = new ToStandardError();

    private final String name;

    /** @param name of all its threads */
    public DaemonThreads(String name) {
        this.name = name;
    }

    @Override
    public Thread newThread(Runnable task) {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        var thread = new Thread(group, task, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.setUncaughtExceptionHandler(HANDLER);
        return thread;
    }

    /** In place of the application's handler, which may end the program for what is none of its own failures. */
    private static final class ToStandardError implements Thread.UncaughtExceptionHandler {
        @Override
        public void uncaughtException(Thread ended, Throwable failed) {
            System.err.println("[socket-reaper] the thread " + ended.getName() + " has ended: " + failed);
        }
    }
}
