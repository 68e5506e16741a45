package io.socketreaper.heap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IntQueueTest {
    @Test
    void firstInIsFirstOutWhileItGrowsAndShrinks() {
        var random = new Random(1);
        var queue = new IntQueue();
        var expected = new ArrayDeque<Integer>();
        for (int i = 0; i < 100_000; i++) {
            // grows in waves
            if (random.nextInt(10) < (i / 10_000 % 2 == 0 ? 8 : 4)) {
                queue.add(i);
                expected.add(i);
            } else if (!expected.isEmpty()) {
                assertEquals(expected.remove(), queue.remove());
            }
            assertEquals(expected.isEmpty(), queue.isEmpty());
        }
        while (!expected.isEmpty()) {
            assertEquals(expected.remove(), queue.remove());
        }
        assertEquals(true, queue.isEmpty());
    }
}
