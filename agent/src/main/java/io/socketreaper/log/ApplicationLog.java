package io.socketreaper.log;

import io.socketreaper.model.Clock;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The application's own log, found once the application has initialised it and never before. Entries wait, and a thread of
 * its own hands them over: a blocking appender delays only that thread.
 */
final class ApplicationLog implements LogOutlet, Runnable {
    /** Some hundred kilobytes; the oldest go first. */
    static final int MOST_WAITING = 256;

    static final long FIRST_LOOK = TimeUnit.MILLISECONDS.toNanos(250);
    static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(10);
    static final long NOTHING_TO_DO = Long.MAX_VALUE;
    /** How long the JVM's end may wait for the application's appenders. */
    private static final long PATIENCE_AT_END = TimeUnit.MILLISECONDS.toNanos(500);
    /** How long it may then wait, at least, for the entries that go to the other outlet. */
    private static final long LEAST_FOR_OTHER = TimeUnit.MILLISECONDS.toNanos(100);
    /** An entry that is this late carries its own time in the message, because the application's log shows a later one. */
    private static final long LATE_MILLIS = 1000;

    private final Application application;
    private final LogOutlet instead;
    private final Clock clock;

    private @Nullable Thread thread;
    private @Nullable Thread exitHook;
    private volatile boolean closed;

    // Guarded by this.
    private final Deque<LogEntry> waiting = new ArrayDeque<>();
    private long dropped;
    private boolean ending;
    private boolean lookedAtEnd;

    // The log thread.
    private @Nullable ApplicationLogger logger;
    private long lookedAt;
    private long pause = FIRST_LOOK;
    private boolean saidFailure;

    ApplicationLog(Application application, LogOutlet instead, Clock clock) {
        this.application = application;
        this.instead = instead;
        this.clock = clock;
        this.lookedAt = clock.nanoTime();
    }

    /** Starts the log thread, and has the remaining entries written to the other outlet when the JVM ends. */
    void start(ThreadFactory threads) {
        thread = threads.newThread(this);
        thread.start();
        try {
            exitHook = new Thread(null, new End(), "socket-reaper-exit", 0, false);
            Runtime.getRuntime().addShutdownHook(exitHook);
        } catch (IllegalStateException alreadyExiting) {
            end();
        }
    }

    @Override
    public void write(LogEntry entry) {
        synchronized (this) {
            if (waiting.size() == MOST_WAITING) {
                waiting.removeFirst();
                dropped++;
            }
            waiting.addLast(new LogEntry(entry.millis(), entry.level(), entry.message(), null, entry.thrown()));
            notifyAll();
            if (!ending) {
                return;
            }
        }
        end();
    }

    @Override
    public synchronized void lost(Throwable why) {
        dropped++;
    }

    // -- The log thread

    @Override
    public void run() {
        while (!closed) {
            long next = round();
            try {
                rest(next);
            } catch (InterruptedException ignored) {
                // by a program that interrupts every thread it finds
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop") // a spurious wake-up is one more round
    private synchronized void rest(long nanos) throws InterruptedException {
        if (closed) {
            return;
        }
        if (waiting.isEmpty()) {
            wait();
        } else if (nanos < NOTHING_TO_DO && (!ending || lookedAtEnd)) {
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        }
    }

    /** Hands over the waiting entries if the application's log exists; returns nanoseconds until the next call. */
    long round() {
        if (first() == null) {
            return NOTHING_TO_DO;
        }
        if (logger == null || logger.isGone()) {
            long now = clock.nanoTime();
            long left = pause - (now - lookedAt);
            if (left > 0 && !isLastLook()) {
                return left;
            }
            look(now);
            if (logger == null) {
                return pause;
            }
        }
        for (LogEntry entry = first(); entry != null; entry = first()) {
            handOver(entry);
        }
        return NOTHING_TO_DO;
    }

    private void look(long now) {
        lookedAt = now;
        logger = null;
        try {
            logger = ApplicationLogger.find(application);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError failure) {
            failed(failure);
        }
        pause = logger == null ? Math.min(2 * pause, LONGEST_PAUSE) : FIRST_LOOK;
        synchronized (this) {
            lookedAtEnd = ending && logger == null;
            notifyAll();
        }
    }

    private synchronized boolean isLastLook() {
        return ending && !lookedAtEnd;
    }

    @SuppressWarnings("ReferenceEquality") // this entry, not an equal one
    private void handOver(LogEntry entry) {
        try {
            long lost = takeDropped();
            if (lost > 0) {
                Objects.requireNonNull(logger)
                        .write(
                                LogEntry.now(
                                        Level.WARN,
                                        lost
                                                + " older entries were dropped: this log did not exist yet, or was too slow"),
                                false);
            }
            Objects.requireNonNull(logger).write(entry, System.currentTimeMillis() - entry.millis() > LATE_MILLIS);
        } catch (ReflectiveOperationException | RuntimeException | Error failure) {
            failed(failure);
            instead.write(entry);
        }
        synchronized (this) {
            if (waiting.peekFirst() == entry) {
                waiting.removeFirst();
            }
            notifyAll();
        }
    }

    private void failed(Throwable failure) {
        if (!saidFailure) {
            saidFailure = true;
            instead.write(new LogEntry(
                    System.currentTimeMillis(),
                    Level.ERROR,
                    "log=app: the application's SLF4J failed; the agent's log entries that fail go to standard error from now on, and"
                            + " this is logged once",
                    null,
                    failure));
        }
    }

    private synchronized LogEntry first() {
        return waiting.peekFirst();
    }

    private synchronized long takeDropped() {
        long taken = dropped;
        dropped = 0;
        return taken;
    }

    // -- The JVM's end

    /** Writes the entries that the application's log has not taken to the other outlet: this is the last chance. */
    void end() {
        List<LogEntry> left;
        long lost;
        long deadline = System.nanoTime() + PATIENCE_AT_END;
        synchronized (this) {
            ending = true;
            notifyAll();
            try {
                for (long rest = PATIENCE_AT_END;
                        !waiting.isEmpty() && !lookedAtEnd && rest > 0;
                        rest = deadline - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(this, rest);
                }
            } catch (InterruptedException atOnce) {
                Thread.currentThread().interrupt();
            }
            left = new ArrayList<>(waiting);
            waiting.clear();
            lost = dropped;
            dropped = 0;
        }
        if (lost > 0) {
            instead.write(LogEntry.now(
                    Level.WARN,
                    "log=app: " + lost
                            + " older entries were dropped: the application's log did not exist yet, or was too slow"));
        }
        for (LogEntry entry : left) {
            instead.write(entry);
        }
        instead.flush(Math.max(LEAST_FOR_OTHER, deadline - System.nanoTime()));
    }

    @Override
    public void close() throws IOException {
        end();
        closed = true;
        synchronized (this) {
            notifyAll();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException | SecurityException exiting) {
            // the JVM is ending, and the hook finds no lines
        }
        instead.close();
        if (thread != null) {
            try {
                thread.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_AT_END));
            } catch (InterruptedException atOnce) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                throw new IOException("the thread " + thread.getName() + " still waits for the application's log");
            }
        }
    }

    private final class End implements Runnable {
        @Override
        public void run() {
            end();
        }
    }
}
