package io.socketreaper.testapp;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * How long this process's threads were ready to run and had no processor. Also on a busy machine a thread that mostly sleeps is woken at
 * once. So it does not notice that threads with much work, the agent's or the compiler's, get only a part of a processor.
 */
final class RunDelay {
    private static final Path THREADS = Path.of("/proc/self/task");

    private final long start = nanos();

    /** Milliseconds since this was made, of the threads that still run. 0 if the kernel does not count them. */
    long millis() {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanos() - start));
    }

    private static long nanos() {
        long sum = 0;
        try (var threads = Files.newDirectoryStream(THREADS)) {
            for (var thread : threads) {
                sum += nanos(thread);
            }
        } catch (IOException | DirectoryIteratorException e) {
            return 0;
        }
        return sum;
    }

    private static long nanos(Path thread) {
        try {
            // proc(5): nanoseconds on a processor, nanoseconds in a run queue, number of turns.
            return Long.parseLong(
                    Files.readString(thread.resolve("schedstat")).trim().split(" ")[1]);
        } catch (IOException e) {
            return 0; // the thread has ended, or the kernel does not count
        }
    }
}
