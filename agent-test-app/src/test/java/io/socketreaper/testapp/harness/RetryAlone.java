package io.socketreaper.testapp.harness;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Runs children of several tests side by side, and a child that was late twice more while the others wait. On a machine that is busy
 * with other things the agent is late itself, and then it waits on purpose.
 */
public final class RetryAlone {
    /** Stands for a release that was not even counted when the JVM exited. */
    public static final long FAR_TOO_LATE = Long.MAX_VALUE;

    public static final int TRIES = 3;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    /**
     * An agent's first release runs code for the first time, as much as a start does, and begins to wait anew while that takes long.
     *
     * @param tries how often it was tried, with the child
     * @return by how much the child may be late, milliseconds: not at all before the last try
     */
    public static long excuse(ChildJvm child, int tries) {
        return tries < TRIES ? 0 : 2 * child.startMillis();
    }

    public void sideBySide(Runnable children) {
        lock.readLock().lock();
        try {
            children.run();
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * The best of three. If all are late, the last one's time counts from when its JVM was last without any time to run, and without the
     * moments in which it or one of its threads had none, or else it may be late by {@link #excuse}.
     *
     * @param child         one that has run side by side with others
     * @param millisTooLate not above 0 if it is in time
     * @param again         runs another to its end
     */
    public ChildJvm inTime(ChildJvm child, ToLongFunction<ChildJvm> millisTooLate, Supplier<ChildJvm> again) {
        var last = child;
        for (int tries = 1; ; tries++) {
            long late = millisTooLate.applyAsLong(last);
            if (late <= 0 || tries == TRIES && late <= Math.max(stalledMillis(last), excuse(last, tries))) {
                return last;
            }
            if (tries == TRIES) {
                throw last.failure("too late, " + TRIES + " times, the last time by "
                        + (late == FAR_TOO_LATE ? "more than was waited" : late + " ms"));
            }
            lock.writeLock().lock();
            try {
                last = again.get();
            } finally {
                lock.writeLock().unlock();
            }
        }
    }

    private static long stalledMillis(ChildJvm child) {
        return Long.parseLong(child.result().get("stalled_until_ms"));
    }
}
