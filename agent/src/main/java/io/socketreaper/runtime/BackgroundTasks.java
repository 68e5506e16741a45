package io.socketreaper.runtime;

import io.socketreaper.leak.InternalFailures;
import io.socketreaper.text.HumanText;
import io.socketreaper.thread.AnyThread;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Runs tasks that may have to wait for code of the application, one after the other, on a thread that ends when it is idle. */
@AnyThread
final class BackgroundTasks implements Executor, RejectedExecutionHandler {
    /** How many tasks wait at most; the number of dropped ones is logged once those are done. */
    static final int MOST = 1000;

    private static final long IDLE_SECONDS = 2;

    private final ThreadPoolExecutor thread;
    private final InternalFailures failures;
    private final AtomicLong dropped = new AtomicLong();

    BackgroundTasks(ThreadFactory threads, InternalFailures failures) {
        this.failures = failures;
        this.thread = new ThreadPoolExecutor(
                0, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST), threads, this);
    }

    /** Runs the task soon. A task that finds the queue full is dropped and counted; after {@link #end} it is dropped. */
    @Override
    public void execute(Runnable task) {
        thread.execute(new Guarded(task));
    }

    @Override
    public void rejectedExecution(Runnable task, ThreadPoolExecutor pool) {
        if (!pool.isShutdown()) {
            dropped.incrementAndGet();
        }
    }

    /** Takes no more tasks, and waits for the earlier ones. */
    void end(long seconds) throws InterruptedException {
        thread.shutdown();
        thread.awaitTermination(seconds, TimeUnit.SECONDS);
    }

    private final class Guarded implements Runnable {
        private final Runnable task;

        Guarded(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                task.run();
            } catch (RuntimeException | Error failed) {
                failures.happened("a report could not be passed on to JMX or JFR", failed);
            }
            long lost = thread.getQueue().isEmpty() ? dropped.getAndSet(0) : 0;
            if (lost > 0) {
                failures.dropped(HumanText.count(lost, "report was", "reports were")
                        + " not passed on to JMX and JFR, because " + MOST + " others were already waiting");
            }
        }
    }
}
