package io.socketreaper.testapp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StallsTest {
    private static final Duration A_DAY = Duration.ofDays(1);

    /** Looks that come in time say only that this thread was woken. */
    @Test
    void threadsThatWaitForAProcessorMakeTheAgentLateToo() throws Exception {
        var ended = new AtomicBoolean();
        var stalls = new Stalls(System.nanoTime(), A_DAY);
        var busy = IntStream.range(0, 2 * Runtime.getRuntime().availableProcessors() + 1)
                .mapToObj(i -> new Thread(() -> {
                    while (!ended.get()) {
                        Thread.onSpinWait();
                    }
                }))
                .toList();
        busy.forEach(Thread::start);
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (stalls.untilMillis() < 100 && System.nanoTime() - deadline < 0) {
                stalls.look();
                Thread.onSpinWait();
            }
            assertTrue(stalls.untilMillis() >= 100);
        } finally {
            ended.set(true);
            for (var thread : busy) {
                thread.join();
            }
        }
    }
}
