package io.socketreaper.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends the pauses of a command at Ctrl-C, and keeps this JVM until the command has printed its result. The command's thread is not
 * interrupted: a file that it reads at that moment would be closed, and what it has seen would be incomplete.
 */
final class Hurry implements AutoCloseable {
    /**
     * How long this JVM stays at most, minutes. Only a command that hangs needs it: one last look and the report take a second, and minutes on
     * a machine on which hundreds of threads wait for each processor.
     */
    private static final long PATIENCE = 10;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::hurry, "hurry");
    /** Only the command's thread uses it. */
    private boolean told;

    /** Begins to wait for the end of this JVM. */
    static Hurry atExit() {
        var hurry = new Hurry();
        try {
            Runtime.getRuntime().addShutdownHook(hurry.hook);
        } catch (IllegalStateException ending) {
            hurry.asked.countDown();
        }
        return hurry;
    }

    /** Asks the command to come to its end, and waits until it has. */
    void hurry() {
        asked.countDown();
        try {
            done.await(PATIENCE, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for that time. Only the command's thread may call it.
     *
     * @throws InterruptedException once, if the command is to come to its end; later pauses are as long as they should be
     */
    void pause(Duration time) throws InterruptedException {
        if (told) {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } else if (asked.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
            told = true;
            throw new InterruptedException("the command is to end");
        }
    }

    /** The command has printed its result. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // the hook waits for this
        }
        done.countDown();
    }
}
