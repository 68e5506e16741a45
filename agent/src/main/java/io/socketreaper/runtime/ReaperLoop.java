package io.socketreaper.runtime;

import io.socketreaper.control.ControlException;
import io.socketreaper.control.NotAnsweredException;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.model.Clock;
import io.socketreaper.text.HumanText;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.DaemonThreads;
import io.socketreaper.thread.ReaperThread;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import sun.nio.ch.SocketReaperHook;

/**
 * The reaper thread: takes a {@link ReaperRound}, answers questions, and sleeps until the next round is due. While there is no suspect it
 * sleeps until it is woken.
 */
final class ReaperLoop implements Runnable {
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int PATIENCE_SECONDS = 10;
    private static final int ENDING_MILLIS = 1000;
    /** How long the end of the JVM waits for the last reports. */
    private static final int LAST_LOOK_MILLIS = 300;
    /** How long a close has to free its descriptor, after the time for drains is over. */
    private static final int CLOSING_SECONDS = 3;

    private final Clock clock;
    private final InternalFailures failures;
    private final Thread thread;
    private final Runnable waker = new Waker();
    private final Runnable lastLook = new LastLook();
    private final Queue<FutureTask<?>> questions = new ConcurrentLinkedQueue<>();
    private volatile long patienceMillis = TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS);
    /** Set before the thread is started. */
    private ReaperRound round;

    private volatile boolean asleep;
    /** Set first at the end: a blocked reaper thread may return when another agent is already in the JVM. */
    private volatile boolean ending;

    private volatile boolean ended;
    /** The number of sockets that are being released after the last round. */
    private volatile int unfinished;
    /** Not null from the moment that the thread is to end. */
    @ReaperThread
    private @Nullable CountDownLatch whenEnded;

    @ReaperThread
    private long endBy;

    ReaperLoop(Clock clock, InternalFailures failures) {
        this.clock = clock;
        this.failures = failures;
        this.thread = new DaemonThreads("socket-reaper").newThread(this);
    }

    Thread thread() {
        return thread;
    }

    /** Starts the thread. Once only. */
    void start(ReaperRound taken) {
        round = taken;
        thread.start();
    }

    // -- Sleep

    /** Makes the thread begin another round. */
    @AnyThread
    void wake() {
        LockSupport.unpark(thread);
    }

    /** The same if it sleeps until events come; otherwise it begins one soon by itself. */
    @ApplicationThread
    void wakeIfAsleep() {
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }

    /** Calls {@link #wake}. */
    Runnable waker() {
        return waker;
    }

    /** True from the beginning of a detach: another agent may be in the JVM before this thread has ended. */
    @AnyThread
    boolean isEnding() {
        return ending;
    }

    /** Has the releases reported that have ended; waits at most {@value #LAST_LOOK_MILLIS} ms. For the end of the JVM. */
    Runnable lastLook() {
        return lastLook;
    }

    @Override
    @ReaperThread
    public void run() {
        try {
            while (!ended) {
                long pause = SECOND;
                try {
                    long due = round.takeAll();
                    answer();
                    pause = due;
                } catch (Throwable failure) {
                    failures.happened("a round of the reaper thread failed", failure);
                }
                if (!ended) {
                    sleep(whenEnded == null ? pause : Math.min(pause, SOON));
                }
            }
            // After a detach that got no answer in time: condemned sockets must not stay open.
            round.finishReleases();
            unfinished = round.releasing();
        } finally {
            if (!ending) {
                // The queues of events would grow without end, because no thread empties them any more.
                SocketReaperHook.delegate(null);
            }
        }
    }

    @ReaperThread
    private void sleep(long nanos) {
        if (nanos == 0) {
            return;
        }
        // A thread that sleeps for less is back in time by itself: half-closes are many, and a wake-up costs the
        // application's thread.
        if (round.mustBeWokenIn(nanos)) {
            asleep = true;
            // An event between the round and this line has seen asleep == false and has not woken this thread.
            if (questions.isEmpty() && !round.hasArrivals()) {
                park(nanos);
            }
            asleep = false;
        } else {
            park(nanos);
        }
        // Clears an interrupt by a program that interrupts all threads; otherwise park would return at once.
        Thread.interrupted();
    }

    private void park(long nanos) {
        if (nanos < Long.MAX_VALUE) {
            LockSupport.parkNanos(this, nanos);
        } else {
            LockSupport.park(this);
        }
    }

    // -- Questions

    /**
     * Lets the reaper thread answer a question at the end of its round.
     *
     * @throws ControlException if it does not within {@value #PATIENCE_SECONDS} s, or if the answer is one
     */
    @AnyThread
    <T> T ask(Question<T> question) {
        return ask(question, patienceMillis);
    }

    private <T> T ask(Question<T> question, long millis) {
        var task = new FutureTask<>(question);
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            questions.add(task);
            LockSupport.unpark(thread);
        }
        try {
            return task.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ControlException refused) {
                throw refused;
            }
            failures.happened("a request from outside failed", failed.getCause());
            throw new ControlException("the agent failed to answer: " + failed.getCause());
        } catch (TimeoutException | InterruptedException late) {
            task.cancel(false);
            // The asking thread has given up, and the queue of a blocked reaper thread must not grow.
            questions.remove(task);
            if (late instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new NotAnsweredException(
                    ended
                            ? "the agent has been detached"
                            : "the agent's thread did not answer within " + HumanText.duration(millis)
                                    + "; it is busy, or the JVM is stopped");
        }
    }

    /**
     * Lets the reaper thread do at once what has waited for free descriptors: the limit is raised until the next question is
     * answered.
     */
    @AnyThread
    void askToUseRoom() {
        ask(new UseRoom());
    }

    /** Whether the application has used a socket by now. Asks the reaper thread. */
    @AnyThread
    boolean isWatching() {
        return ask(() -> round.isWatching());
    }

    /** Keeps a history of figures from now on, even while no socket shows a sign. Asks the reaper thread. */
    @AnyThread
    void keepSampling() {
        ask(() -> {
            round.keepSampling();
            return null;
        });
    }

    /** How long {@link #ask} waits for an answer; for tests. */
    void patience(long millis) {
        patienceMillis = millis;
    }

    @ReaperThread
    private void answer() {
        for (FutureTask<?> question = questions.poll(); question != null; question = questions.poll()) {
            question.run();
        }
        CountDownLatch waiting = whenEnded;
        boolean ends = waiting != null && (round.releasing() == 0 || clock.nanoTime() - endBy > 0);
        if (ends) {
            round.abandonReleases();
            ended = true;
        }
        unfinished = round.releasing();
        if (ends) {
            Objects.requireNonNull(waiting).countDown();
        }
    }

    // -- The end

    /**
     * Ends the thread when the releases under way are complete. Sockets that are still being drained when the time is over are closed.
     * Called by
     * another thread.
     *
     * @param left receives the parts that have not ended
     */
    void end(long seconds, List<String> left) throws InterruptedException {
        var over = new CountDownLatch(1);
        ending = true;
        round.stopDetection();
        try {
            ask(() -> {
                long now = clock.nanoTime();
                round.endDrainsAt(now + TimeUnit.SECONDS.toNanos(seconds));
                endBy = now + TimeUnit.SECONDS.toNanos(seconds + CLOSING_SECONDS);
                whenEnded = over;
                return null;
            });
            over.await(seconds + CLOSING_SECONDS + PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            // A thread that has not answered sees it after its round.
            ended = true;
            wake();
            thread.join(ENDING_MILLIS);
            round.endClosers(ENDING_MILLIS);
        }
        if (unfinished > 0) {
            left.add(HumanText.count(
                            unfinished,
                            "socket whose release has begun still holds its descriptor",
                            "sockets whose release has begun still hold their descriptors")
                    + ", and the agent no longer tries to free them");
        }
    }

    // Named classes instead of lambdas: the first lambda of a JVM costs some ten milliseconds of its start.

    private final class Waker implements Runnable {
        @Override
        public void run() {
            wake();
        }
    }

    private final class LastLook implements Runnable, Question<Void> {
        @Override
        public void run() {
            ask(this, LAST_LOOK_MILLIS);
        }

        @Override
        @ReaperThread
        public Void call() {
            round.reportReleases();
            return null;
        }
    }

    private final class UseRoom implements Question<Void> {
        @Override
        @ReaperThread
        public Void call() {
            round.useRoom();
            return null;
        }
    }
}
