package io.socketreaper.log;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Writes finished lines on a thread of its own: a pipe that is not read or a disk that hangs blocks only that thread, and neither
 * detection nor release. The thread begins with the first line.
 *
 * <p>The lines that wait are bounded. Once they are too many, lines are dropped until all that wait are written; then one line
 * says how many were dropped. Any thread may write: the monitor is never held while a line is being written.
 *
 * <p>Without lambdas: it is on the start path.
 */
final class LogThread implements Runnable {
    static final int MOST_LINES = 1024;
    /** One or two megabytes. */
    static final int MOST_CHARS = 1 << 20;
    /** How long the start of the agent and a detach wait for lines that are not written yet. */
    static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);
    /** The same for the end of the JVM, whose last counts come a moment after its beginning. */
    private static final long PATIENCE_AT_END = TimeUnit.MILLISECONDS.toNanos(1000);

    private static final long TENTH = TimeUnit.MILLISECONDS.toNanos(100);

    private final LineWriter lines;
    private final ThreadFactory threads;

    // Guarded by this.
    private final Queue<String> waiting = new ArrayDeque<>();
    private int chars;
    private @Nullable Thread thread;
    /** The thread is writing a line, since then. */
    private boolean writing;

    private long writingSince;
    private long dropped;
    /** True from the first dropped line on: lines are dropped until all waiting lines are written. */
    private boolean full;

    private long fullSince;
    /** The number of dropped lines that the current line reports; 0 for any other line. */
    private long counted;
    /** Why lines were dropped although there was room. */
    private @Nullable Throwable cause;
    /** The last line could not be written: the dropped lines are reported after the next successful write. */
    private boolean failing;

    private boolean closed;
    /** Not null once the JVM's end will wait for what is not written. */
    private @Nullable Thread exitHook;
    /** The JVM ends: lines are waited for until then. */
    private boolean ending;

    private long endBy;

    /** @param threads makes the one thread */
    LogThread(LineWriter lines, ThreadFactory threads) {
        this.lines = lines;
        this.threads = threads;
    }

    /** Has a line written. Does not wait, except for a moment when the JVM ends, because the line would be lost otherwise. */
    synchronized void write(String line) {
        if (closed) {
            return;
        }
        boolean room = waiting.size() < MOST_LINES && (waiting.isEmpty() || chars + line.length() <= MOST_CHARS);
        if (!room || full && (writing || !waiting.isEmpty())) {
            drop();
            return;
        }
        waiting.add(line);
        chars += line.length();
        begin();
        notifyAll();
        if (ending) {
            awaitWritten(endBy - System.nanoTime());
        }
    }

    private void drop() {
        dropped++;
        if (!full) {
            full = true;
            fullSince = writing ? writingSince : System.nanoTime();
        }
    }

    private void begin() {
        if (thread != null) {
            return;
        }
        try {
            Thread made = threads.newThread(this);
            made.start();
            thread = made;
        } catch (RuntimeException | Error noThread) {
            // The line waits, and the next one tries again.
        }
    }

    /** Counts a line that could not be formatted. */
    synchronized void lost(Throwable why) {
        dropped++;
        cause = why;
        notifyAll();
    }

    /** Waits until everything is written, at most so many nanoseconds. */
    synchronized void flush(long nanos) {
        awaitWritten(nanos);
    }

    private boolean hasNext() {
        return !waiting.isEmpty() || dropped > 0 && !failing;
    }

    private void awaitWritten(long nanos) {
        long end = System.nanoTime() + nanos;
        try {
            for (long rest = nanos;
                    rest > 0 && thread != null && (writing || hasNext());
                    rest = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, rest);
            }
        } catch (InterruptedException atOnce) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes the waiting lines, if that does not take long, and ends the thread. */
    void close() throws IOException {
        Thread hook;
        Thread ends;
        synchronized (this) {
            awaitWritten(PATIENCE);
            closed = true;
            hook = exitHook;
            ends = thread;
            notifyAll();
        }
        try {
            if (hook != null) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        } catch (IllegalStateException | SecurityException exiting) {
            // the JVM is ending, and the hook finds no lines
        }
        if (ends != null) {
            try {
                ends.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE));
            } catch (InterruptedException atOnce) {
                Thread.currentThread().interrupt();
            }
            if (ends.isAlive()) {
                throw new IOException("the thread " + ends.getName() + " ends when it has written the waiting lines: "
                        + lines.stalled() + " until now");
            }
        }
    }

    // -- The thread

    @Override
    public void run() {
        while (true) {
            try {
                String line = next();
                if (line == null) {
                    lines.close();
                    return;
                }
                lines.write(line);
                written(null);
                flushAtExit();
            } catch (Throwable failed) {
                // of a stream of the application's, or for want of memory
                written(failed);
            }
        }
    }

    /** Waits for the next line; null if there will be none. */
    private synchronized @Nullable String next() {
        while (true) {
            String line = waiting.poll();
            if (line != null) {
                chars -= line.length();
                return begun(line);
            }
            if (hasNext()) {
                line = lines.line(Level.WARN, droppedText());
                counted = dropped;
                dropped = 0;
                full = false;
                cause = null;
                return begun(line);
            }
            if (closed) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException ignored) {
                // by a program that interrupts every thread it finds
            }
        }
    }

    private String begun(String line) {
        writing = true;
        writingSince = System.nanoTime();
        return line;
    }

    private String droppedText() {
        var text = new StringBuilder()
                .append(dropped)
                .append(dropped == 1 ? " log line was" : " log lines were")
                .append(" dropped because ");
        if (full) {
            long tenths = (System.nanoTime() - fullSince) / TENTH;
            text.append(lines.stalled())
                    .append(" for ")
                    .append(tenths / 10)
                    .append('.')
                    .append(tenths % 10)
                    .append(" s");
        } else {
            text.append("writing failed: ").append(cause);
        }
        return text.toString();
    }

    private synchronized void written(@Nullable Throwable failed) {
        if (failed != null) {
            dropped += writing ? Math.max(1, counted) : 0;
            cause = failed;
        }
        failing = failed != null;
        counted = 0;
        writing = false;
        notifyAll();
    }

    // -- The JVM's end

    /** Not on the start path, but by the thread, once the first line is written. */
    private void flushAtExit() {
        Thread hook;
        synchronized (this) {
            if (exitHook != null || closed || ending) {
                return;
            }
            hook = new Thread(null, new End(), "socket-reaper-exit", 0, false);
            exitHook = hook;
        }
        // Without the monitor: a security manager of the application's may be asked.
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            if (isClosed()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        } catch (IllegalStateException alreadyExiting) {
            expectEnd();
        } catch (SecurityException refused) {
            // the lines that wait at the end are then lost
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void expectEnd() {
        if (!ending) {
            ending = true;
            endBy = System.nanoTime() + PATIENCE_AT_END;
        }
    }

    private synchronized void end() {
        expectEnd();
        awaitWritten(endBy - System.nanoTime());
    }

    private final class End implements Runnable {
        @Override
        public void run() {
            end();
        }
    }
}
