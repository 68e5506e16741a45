package io.socketreaper.release;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.Claim;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One daemon thread that comes when there is something to close and goes when there is not; and one more for every close
 * that is stuck, so that an application's lock held for minutes delays only its own socket.
 */
public final class CloserThreads implements CloseExecutor {
    private static final int MOST_THREADS = 32;
    private static final long STUCK = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int IDLE_SECONDS = 5;

    private final Clock clock;
    private final ThreadPoolExecutor threads;
    private final ConcurrentHashMap<Claim, Long> running = new ConcurrentHashMap<>();

    public CloserThreads(Clock clock, ThreadFactory daemons) {
        this.clock = clock;
        // A release asks for its next attempt only once the last has begun, and at its end for one more: so at most two
        // of each socket
        // on its way out wait here, and those are no more than the process has descriptors (ReleaseStepsTest).
        this.threads = new ThreadPoolExecutor(
                1, MOST_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons);
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void close(CloseAttempt attempt) {
        try {
            threads.execute(() -> closeNow(attempt));
        } catch (RejectedExecutionException ended) {
            // The last release of a reaper thread that was held up: nobody is left whom it could keep waiting.
            closeNow(attempt);
        }
    }

    private void closeNow(CloseAttempt attempt) {
        Claim claim = attempt.claim();
        boolean stuck = running.putIfAbsent(claim, clock.nanoTime()) != null;
        try {
            if (stuck) {
                attempt.runBelow();
            } else {
                attempt.run();
            }
        } catch (Throwable failed) {
            // The descriptor is checked afterwards in any case.
        } finally {
            if (!stuck) {
                running.remove(claim);
            }
        }
    }

    @Override
    public void relieve() {
        if (running.isEmpty()) {
            return;
        }
        long now = clock.nanoTime();
        int stuck = 0;
        for (long since : running.values()) {
            if (now - since > STUCK) {
                stuck++;
            }
        }
        int wanted = Math.min(MOST_THREADS, 1 + stuck);
        if (threads.getCorePoolSize() != wanted) {
            threads.setCorePoolSize(wanted);
        }
    }

    /**
     * Lets the closes under way come to their end, and takes no more; their threads go.
     *
     * @return true if they have gone within the time
     */
    public boolean end(long millis) throws InterruptedException {
        threads.shutdown();
        return threads.awaitTermination(millis, TimeUnit.MILLISECONDS);
    }
}
