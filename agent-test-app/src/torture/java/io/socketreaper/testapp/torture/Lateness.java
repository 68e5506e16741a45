package io.socketreaper.testapp.torture;

import java.util.concurrent.TimeUnit;

/**
 * Measures how late the threads of this JVM were scheduled lately. A thread that has just read may be late itself, so its pause was
 * longer than it has measured.
 */
final class Lateness {
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long SLOT = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int SLOTS = 256;

    private final long start = System.nanoTime();
    private final long[] most = new long[SLOTS];

    Lateness() {
        var thread = new Thread(this::look, "lateness");
        thread.setDaemon(true);
        thread.start();
    }

    private void look() {
        try {
            for (long last = System.nanoTime(); ; ) {
                TimeUnit.NANOSECONDS.sleep(LOOK);
                long now = System.nanoTime();
                note(last, now, now - last - LOOK);
                last = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void note(long from, long now, long late) {
        for (long slot = slot(from); slot <= slot(now); slot++) {
            int index = (int) (slot % SLOTS);
            // What is there may be of an earlier round through the array.
            most[index] = slot == slot(from) ? Math.max(most[index], late) : late;
        }
    }

    /** The greatest lateness of a thread since half a second before that time, nanoseconds. */
    synchronized long since(long nanoTime) {
        long latest = 0;
        long last = slot(System.nanoTime());
        for (long slot = Math.max(Math.max(0, last - SLOTS + 2), slot(nanoTime) - 5); slot <= last; slot++) {
            latest = Math.max(latest, most[(int) (slot % SLOTS)]);
        }
        return latest;
    }

    private long slot(long nanoTime) {
        return Math.max(0, (nanoTime - start) / SLOT);
    }
}
