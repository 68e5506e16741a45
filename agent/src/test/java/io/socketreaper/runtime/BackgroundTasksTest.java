package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.thread.DaemonThreads;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundTasksTest {
    private final RecordingLogger log = new RecordingLogger();
    private final InternalFailures failures = new InternalFailures(log);
    private final BackgroundTasks errands = new BackgroundTasks(new DaemonThreads("errands-under-test"), failures);

    @Test
    void whatDoesNotFitIsDroppedAndSaidOnceTheOthersAreDone() throws InterruptedException {
        var busy = new Semaphore(0);
        var goOn = new Semaphore(0);
        var done = new AtomicInteger();
        errands.execute(() -> {
            busy.release();
            goOn.acquireUninterruptibly();
        });
        busy.acquire();
        for (int i = 0; i < BackgroundTasks.MOST + 7; i++) {
            errands.execute(done::incrementAndGet);
        }
        goOn.release();
        errands.end(20);

        assertEquals(BackgroundTasks.MOST, done.get());
        assertEquals(
                1,
                log.lines().stream()
                        .filter(line -> line.contains("7 reports were not passed on to JMX and JFR"))
                        .count(),
                log.lines()::toString);
    }

    @Test
    void oneThatFailsIsCountedAndTheNextIsDone() throws InterruptedException {
        var done = new AtomicInteger();
        errands.execute(() -> {
            throw new IllegalStateException("no MBean server");
        });
        errands.execute(done::incrementAndGet);
        errands.end(20);

        assertEquals(1, done.get());
        assertEquals(1, failures.count());
    }
}
