package io.socketreaper.runtime;

import io.socketreaper.leak.InternalFailures;
import io.socketreaper.thread.AnyThread;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Does what may have to wait for code of the application, one after the other, on a thread that lives for a moment beyond the last.
 */
@AnyThread
final class BackgroundTasks implements RejectedExecutionHandler {
    /** How many wait; what is more is dropped, and said once those are done. */
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

    void execute(Runnable errand) {
        thread.execute(new Task(errand));
    }

    @Override
    public void rejectedExecution(Runnable errand, ThreadPoolExecutor pool) {
        if (!pool.isShutdown()) {
            dropped.incrementAndGet();
        }
    }

    /** Takes no more, and waits for those that were taken. */
    void end(long seconds) throws InterruptedException {
        thread.shutdown();
        thread.awaitTermination(seconds, TimeUnit.SECONDS);
    }

    private final class Task implements Runnable {
        private final Runnable errand;

        Task(Runnable errand) {
            this.errand = errand;
        }

        @Override
        public void run() {
            try {
                errand.run();
            } catch (RuntimeException | Error failed) {
                failures.happened("a report could not be passed on to JMX or JFR", failed);
            }
            long lost = thread.getQueue().isEmpty() ? dropped.getAndSet(0) : 0;
            if (lost > 0) {
                failures.dropped(lost + " reports were not passed on to JMX and JFR, because " + MOST
                        + " others waited for them");
            }
        }
    }
}
