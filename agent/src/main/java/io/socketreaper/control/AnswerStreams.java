package io.socketreaper.control;

import io.socketreaper.leak.InternalFailures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Answers that are renewed until the file they are written to is deleted, but for an hour at most. An attach for each answer would make
 * the JVM print its warning about agents each time. Any thread; the first stream starts the first thread.
 *
 * <p>The file holds one line of JSON, like any answer. A line without a line break is still being written and must be read again.
 */
public final class AnswerStreams {
    private static final int MOST = 4;
    private static final long SHORTEST_MILLIS = 100;
    private static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final long JOIN_MILLIS = 5000;

    private final Control control;
    private final ThreadFactory threads;
    private final BooleanSupplier mayOpen;
    private final InternalFailures failures;
    private final List<Thread> running = new ArrayList<>();

    /**
     * @param threads makes a thread for each stream
     * @param mayOpen whether a file channel may be opened, which initialises classes of the JDK
     */
    public AnswerStreams(Control control, ThreadFactory threads, BooleanSupplier mayOpen, InternalFailures failures) {
        this.control = control;
        this.threads = threads;
        this.mayOpen = mayOpen;
        this.failures = failures;
    }

    /**
     * Starts a stream.
     *
     * @param file    is there, and is overwritten; a link is not followed
     * @param every   milliseconds
     * @param sockets how many are shown
     * @param settled whether each answer has the {@linkplain Control#settledStatus settled status}
     * @throws ControlException if the file cannot be written, or there are too many streams
     */
    synchronized void start(Path file, long every, int sockets, boolean settled) {
        running.removeIf(thread -> !thread.isAlive());
        if (running.size() == MOST) {
            throw new ControlException(
                    MOST + " streams are already being written; each ends when its file is deleted, or after an hour");
        }
        if (every < SHORTEST_MILLIS || every > LONGEST_MILLIS) {
            throw new ControlException("bad value \"" + every + "\" of every: write milliseconds, " + SHORTEST_MILLIS
                    + " to "
                    + LONGEST_MILLIS);
        }
        if (!mayOpen.getAsBoolean()) {
            throw new ControlException(
                    "that JVM has too few free descriptors for a stream: use the command status, or --make-room");
        }
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException refused) {
            throw new ControlException("the file to stream to cannot be written: " + refused);
        }
        Thread thread = threads.newThread(() -> write(file, channel, every, sockets, settled));
        running.add(thread);
        thread.start();
    }

    private void write(Path file, FileChannel channel, long every, int sockets, boolean settled) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
        try (channel) {
            while (System.nanoTime() - end < 0 && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                String answer;
                boolean over = false;
                try {
                    answer = WireCodec.result(
                            AgentView.latest(control, settled ? control.settledStatus() : control.status(), sockets));
                } catch (ControlException refused) {
                    answer = WireCodec.error(refused.getMessage());
                    over = Thread.currentThread().isInterrupted();
                }
                overwrite(channel, answer + '\n');
                if (over) {
                    return;
                }
                Thread.sleep(every);
            }
        } catch (IOException | InterruptedException over) {
            // The disk is full, or the agent is detached: the reader finds no newer answer.
        } catch (Throwable failed) {
            // It must not reach the application's handler of uncaught exceptions.
            failures.happened("a stream of figures failed", failed);
        }
    }

    private static void overwrite(FileChannel channel, String line) throws IOException {
        var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        channel.truncate(0);
        channel.position(0);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Ends all streams, and waits for their threads. */
    public void close() {
        List<Thread> all;
        synchronized (this) {
            all = List.copyOf(running);
        }
        try {
            for (Thread thread : all) {
                thread.interrupt();
                thread.join(JOIN_MILLIS);
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
