package io.socketreaper.leak;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** What goes wrong inside the agent: the first time it is said, with its cause; then only counted. Any thread. */
public final class InternalFailures {
    private final Logger log;
    private final AtomicLong count = new AtomicLong();
    private final AtomicBoolean said = new AtomicBoolean();
    private final AtomicBoolean refusalSaid = new AtomicBoolean();

    public InternalFailures(Logger log) {
        this.log = log;
    }

    /** Records a failure; {@code what} says what has failed. Never throws, because its callers have no other way to report. */
    public void happened(String what, @Nullable Throwable cause) {
        count.incrementAndGet();
        if (cause instanceof SecurityException) {
            refused(what, cause);
        } else if (said.compareAndSet(false, true)) {
            try {
                log.error(
                        "internal error in the agent: {}. The application is not affected; further errors are only counted.",
                        what,
                        cause);
            } catch (Throwable noMemoryForIt) {
                said.set(false);
            }
        }
    }

    /** Says that something was dropped for want of room, each time: the caller sees to it that this is seldom. Never throws. */
    public void dropped(String what) {
        try {
            log.warn(what);
        } catch (Throwable noMemoryForIt) {
            count.incrementAndGet();
        }
    }

    /** By a security manager, which is the application's. */
    private void refused(String what, Throwable cause) {
        if (refusalSaid.compareAndSet(false, true)) {
            try {
                log.warn(
                        "the application's security manager has refused an operation of Socket Reaper ({}): {}. The agent runs without it;"
                                + " further refusals are only counted.",
                        what,
                        cause.getMessage());
            } catch (Throwable refusedToo) {
                refusalSaid.set(false);
            }
        }
    }

    public long count() {
        return count.get();
    }
}
