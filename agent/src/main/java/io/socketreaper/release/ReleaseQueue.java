package io.socketreaper.release;

import io.socketreaper.model.Clock;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The releases under way, whose steps share the reaper thread's time. */
@ReaperThread
final class ReleaseQueue {
    /**
     * One round may take so long, so that a command to the reaper thread is answered. Well below 50 ms: a tick of the watch that is late by
     * that much counts as a stop of the process, and delays every other leak.
     */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int STEPS_PER_LOOK = 16;
    /** The end of the JVM waits for a look at all. */
    private static final long LAST_LOOK = TimeUnit.MILLISECONDS.toNanos(200);

    private final Clock clock;
    private final List<ReleaseTask> tasks = new ArrayList<>();
    /** Whether the last round has left releases to the next one. */
    private boolean hasRest;

    private boolean hurries;
    /** From then on it hurries, if it does. */
    private long hurriesFrom;

    ReleaseQueue(Clock clock) {
        this.clock = clock;
    }

    void add(ReleaseTask task) {
        tasks.add(task);
    }

    int size() {
        return tasks.size();
    }

    /** Sets whether few descriptors are left. */
    void setPressure(boolean on) {
        for (ReleaseTask task : tasks) {
            task.setPressure(on);
        }
    }

    /** From that nano time on every condemned socket is closed as soon as possible. */
    void hurryFrom(long time) {
        hurriesFrom = time;
        hurries = true;
    }

    /**
     * Takes every release one step further, in several rounds if they are very many, but no more after {@link #LAST_LOOK}.
     *
     * @throws IllegalStateException as {@link #tick}
     */
    void tickAll() {
        long begun = clock.nanoTime();
        for (ReleaseTask task : tasks) {
            task.dueAt(begun);
        }
        do {
            tick();
        } while (hasRest && clock.nanoTime() - begun < LAST_LOOK);
    }

    /** Withdraws every request to an event loop that has not answered; those releases are over. */
    void abandon() {
        tasks.removeIf(ReleaseTask::abandon);
    }

    /**
     * Takes every release that is due one step further, in the order of the claims. After {@link #ROUND} the rest is left to the
     * next round, which then begins with it.
     *
     * @return the nano time of the next step, or {@link Release#NOTHING_TO_DO}
     * @throws IllegalStateException if a step failed, after all others are done; it will be tried again
     */
    long tick() {
        long now = clock.nanoTime();
        long next = Release.NOTHING_TO_DO;
        hasRest = false;
        Throwable failure = null;
        int left = 0;
        int i = 0;
        for (; i < tasks.size(); i++) {
            ReleaseTask task = tasks.get(i);
            if (i % STEPS_PER_LOOK == STEPS_PER_LOOK - 1 && clock.nanoTime() - now > ROUND) {
                next = now;
                hasRest = true;
                break;
            }
            Throwable failed = step(task, now);
            failure = failed == null ? failure : failed;
            if (!task.isOver()) {
                tasks.set(left++, task);
                next = next == Release.NOTHING_TO_DO || task.dueAt() - next < 0 ? task.dueAt() : next;
            }
        }
        tasks.subList(left, i).clear();
        Collections.rotate(tasks, -left % Math.max(1, tasks.size()));
        if (failure != null) {
            throw new IllegalStateException("a step of a release failed and will be tried again", failure);
        }
        return next;
    }

    /** Returns what has failed, or null. */
    private @Nullable Throwable step(ReleaseTask task, long now) {
        if (hurries && hurriesFrom - now <= 0) {
            task.hurry();
        }
        if (task.dueAt() - now <= 0) {
            try {
                task.step();
            } catch (RuntimeException | Error failed) {
                task.tryLater();
                return failed;
            }
        }
        return null;
    }
}
