package io.socketreaper.release;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.Claim;
import io.socketreaper.thread.AnyThread;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs closes on one daemon thread, which ends when it is idle; and on one more for every close that is stuck, so that a lock which an
 * application holds for minutes delays only its own socket.
 */
@AnyThread
public final class CloserThreads implements CloseExecutor {
    private static final int MOST_THREADS = 32;
    private static final long STUCK = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int IDLE_SECONDS = 5;

    private final Clock clock;
    private final ThreadPoolExecutor threads;
    private final ConcurrentHashMap<Claim, Long> running = new ConcurrentHashMap<>();

    @SuppressWarnings("ErroneousThreadPoolConstructorChecker") // the core size is raised while closes are stuck
    public CloserThreads(Clock clock, ThreadFactory daemons) {
        this.clock = clock;
        // The queue is bounded: a release asks for its next attempt only once the last one has begun, and at the
        // agent's end for one more.
        // So at most two attempts of each socket wait, and there are no more sockets than descriptors
        // (ReleaseStepsTest).
        this.threads = new ThreadPoolExecutor(
                1, MOST_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons);
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void close(CloseAttempt attempt) {
        try {
            threads.execute(() -> closeNow(attempt));
        } catch (RejectedExecutionException ended) {
            // The agent was detached while the reaper thread was blocked. That thread may block now, because it ends
            // next.
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
            // The release checks the descriptor afterwards in any case.
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
     * Takes no more closes, and waits until those under way and their threads have ended.
     *
     * @return true if they have ended within the time
     */
    public boolean end(long millis) throws InterruptedException {
        threads.shutdown();
        return threads.awaitTermination(millis, TimeUnit.MILLISECONDS);
    }
}
