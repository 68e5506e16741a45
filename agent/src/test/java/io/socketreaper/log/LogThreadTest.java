package io.socketreaper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.event.Level;

@Timeout(60)
class LogThreadTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);
    private static final long AT_ONCE = TimeUnit.SECONDS.toMillis(10);

    private final Pipe pipe = new Pipe();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final LogThread log = new LogThread(pipe, this::thread);

    private Thread thread(Runnable task) {
        Thread made = daemon(task);
        threads.add(made);
        return made;
    }

    static Thread daemon(Runnable task) {
        var made = new Thread(task, "log-under-test");
        made.setDaemon(true);
        return made;
    }

    @AfterEach
    void endsTheThread() throws IOException {
        pipe.isRead();
        log.flush(PATIENCE);
        log.close();
    }

    // -- What is written

    @Test
    void aThreadThatBeginsWithTheFirstLineWritesAllInTheirOrder() {
        assertEquals(0, threads.size());
        var expected = new ArrayList<String>();
        for (int i = 0; i < 500; i++) {
            log.write("line " + i);
            expected.add("line " + i);
        }
        log.flush(PATIENCE);

        assertEquals(expected, pipe.written());
        assertEquals(1, threads.size());
    }

    @Test
    void aPipeThatIsNotReadHoldsUpNobodyWhoWrites() {
        pipe.isNotRead();
        for (int i = 0; i < 100_000; i++) {
            log.write("line " + i);
        }
        assertEquals(List.of(), pipe.written());
    }

    @Test
    void whatComesWhileTooManyLinesWaitIsDroppedAndSaidInOneLineInItsPlace() {
        pipe.isNotRead();
        log.write("first");
        pipe.awaitWriter();
        for (int i = 0; i < LogThread.MOST_LINES; i++) {
            log.write("line " + i);
        }
        for (int i = 0; i < 7; i++) {
            log.write("too much");
        }
        pipe.isRead();
        log.flush(PATIENCE);
        log.write("after");
        log.flush(PATIENCE);

        List<String> written = pipe.written();
        assertEquals(1 + LogThread.MOST_LINES + 2, written.size());
        assertEquals("line " + (LogThread.MOST_LINES - 1), written.get(LogThread.MOST_LINES));
        String said = written.get(LogThread.MOST_LINES + 1);
        assertTrue(said.matches("WARN 7 log lines were dropped because the pipe was not read for \\d+\\.\\d s"), said);
        assertEquals("after", written.get(LogThread.MOST_LINES + 2));
    }

    @Test
    void ofLargeLinesFewerWaitAndOneThatIsLargerThanAllIsWrittenAllTheSame() {
        pipe.isNotRead();
        log.write("first");
        pipe.awaitWriter();
        String large = "x".repeat(2 * LogThread.MOST_CHARS);
        log.write(large);
        log.write("no room beside it");
        pipe.isRead();
        log.flush(PATIENCE);
        assertEquals(large, pipe.written().get(1));
        assertTrue(
                pipe.written().get(2).startsWith("WARN 1 log line was dropped because the pipe was not read for "),
                pipe.written().get(2));

        pipe.isNotRead();
        log.write("first");
        pipe.awaitWriter();
        for (int i = 0; i < 16; i++) {
            log.write("x".repeat(LogThread.MOST_CHARS / 8));
        }
        pipe.isRead();
        log.flush(PATIENCE);
        assertTrue(
                pipe.written().get(3 + 1 + 8).startsWith("WARN 8 log lines were dropped "),
                pipe.written().get(3 + 1 + 8));
    }

    @Test
    void howLongThePipeWasNotReadIsSaid() {
        pipe.isNotRead();
        log.write("first");
        pipe.awaitWriter();
        long before = System.nanoTime();
        for (int i = 0; i <= LogThread.MOST_LINES; i++) {
            log.write("line");
        }
        while (System.nanoTime() - before < TimeUnit.MILLISECONDS.toNanos(300)) {
            LockSupport.parkNanos(1_000_000);
        }
        pipe.isRead();
        log.flush(PATIENCE);

        String said = pipe.written().get(pipe.written().size() - 1);
        double seconds = Double.parseDouble(said.replaceFirst(".* for (\\S+) s", "$1"));
        assertTrue(seconds >= 0.2 && seconds <= 20, said);
    }

    /** E.g. one that the application has set in place of standard error. */
    @Test
    void aStreamThatThrowsLosesThatLineWhichIsSaidWhenItWorksAgain() {
        pipe.failure = new IllegalStateException("closed");
        log.write("lost");
        log.write("lost, too");
        log.flush(PATIENCE);
        assertEquals(List.of(), pipe.written());
        pipe.failure = null;
        log.write("written");
        log.flush(PATIENCE);

        assertEquals(
                List.of(
                        "written",
                        "WARN 2 log lines were dropped because writing failed: java.lang.IllegalStateException: closed"),
                pipe.written());
    }

    @Test
    void aStreamThatThrowsAfterTooMuchHasCome() {
        pipe.isNotRead();
        log.write("first");
        pipe.awaitWriter();
        for (int i = 0; i < 2 * LogThread.MOST_LINES; i++) {
            log.write("line");
        }
        pipe.failure = new IllegalStateException("closed");
        pipe.isRead();
        log.flush(PATIENCE);
        pipe.failure = null;
        log.write("written");
        log.flush(PATIENCE);

        assertEquals("written", pipe.written().get(0));
        assertTrue(
                pipe.written().get(1).startsWith("WARN " + (2 * LogThread.MOST_LINES + 1) + " log lines were dropped "),
                pipe.written().get(1));
        assertEquals(2, pipe.written().size());
    }

    @Test
    void aLineThatCouldNotBeMadeIsCounted() {
        log.write("first");
        log.lost(new OutOfMemoryError("Java heap space"));
        log.flush(PATIENCE);

        assertEquals(
                List.of(
                        "first",
                        "WARN 1 log line was dropped because writing failed: java.lang.OutOfMemoryError: Java heap space"),
                pipe.written());
    }

    // -- The thread

    @Test
    void aLineWaitsUntilThereCanBeAThread() throws IOException {
        var refused = new AtomicInteger();
        ThreadFactory scarce = task -> {
            if (refused.getAndIncrement() == 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return daemon(task);
        };
        var poor = new LogThread(pipe, scarce);
        poor.write("first");
        poor.flush(PATIENCE);
        assertEquals(List.of(), pipe.written());
        poor.write("second");
        poor.flush(PATIENCE);

        assertEquals(List.of("first", "second"), pipe.written());
        poor.close();
    }

    @Test
    void anInterruptDoesNotEndIt() {
        log.write("first");
        log.flush(PATIENCE);
        threads.element().interrupt();
        log.write("second");
        log.flush(PATIENCE);

        assertEquals(List.of("first", "second"), pipe.written());
    }

    @Test
    void closingWritesWhatWaitsAndEndsTheThread() throws Exception {
        log.write("first");
        log.close();
        threads.element().join(AT_ONCE);

        assertFalse(threads.element().isAlive());
        assertEquals(List.of("first"), pipe.written());
        assertTrue(pipe.closed);
        log.write("too late");
        assertEquals(List.of("first"), pipe.written());
    }

    @Test
    void closingDoesNotWaitForAPipeThatIsNotReadAndSaysSo() throws Exception {
        pipe.isNotRead();
        log.write("first");
        log.write("second");
        String said = assertThrows(IOException.class, log::close).getMessage();
        assertTrue(said.contains("log-under-test") && said.contains("the pipe was not read"), said);

        pipe.isRead();
        threads.element().join(AT_ONCE);
        assertFalse(threads.element().isAlive());
        assertEquals(List.of("first", "second"), pipe.written());
    }

    @Test
    void whoWaitsForAPipeThatIsNotReadWaitsNoLongerThanAllowed() {
        pipe.isNotRead();
        log.write("first");
        log.flush(TimeUnit.MILLISECONDS.toNanos(20));
        assertEquals(List.of(), pipe.written());
    }

    /** Where a test may stop reading. */
    private static final class Pipe implements LineWriter {
        private final List<String> written = new ArrayList<>();
        private final Semaphore writers = new Semaphore(0);
        private final Semaphore room = new Semaphore(0);
        private volatile boolean read = true;
        private volatile RuntimeException failure;
        private volatile boolean closed;

        void isNotRead() {
            room.drainPermits();
            writers.drainPermits();
            read = false;
        }

        void isRead() {
            read = true;
            room.release();
        }

        /** Until the thread waits for the pipe to be read. */
        void awaitWriter() {
            writers.acquireUninterruptibly();
        }

        @Override
        public void write(String line) {
            if (!read) {
                writers.release();
                room.acquireUninterruptibly();
            }
            if (failure != null) {
                throw failure;
            }
            synchronized (this) {
                written.add(line);
            }
        }

        @Override
        public String line(Level level, String message) {
            return level + " " + message;
        }

        @Override
        public String stalled() {
            return "the pipe was not read";
        }

        @Override
        public void close() {
            closed = true;
        }

        synchronized List<String> written() {
            return List.copyOf(written);
        }
    }
}
