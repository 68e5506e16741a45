package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GarbageCollectionsTest {
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private Thread thread;

    private GarbageCollections collections(int leftOut) {
        return new GarbageCollections(
                task -> thread = new Thread(task),
                () -> {
                    if (asked.incrementAndGet() > leftOut) {
                        System.gc();
                    }
                },
                done::incrementAndGet);
    }

    private boolean isEffective(GarbageCollections collections) throws InterruptedException {
        collections.ask();
        thread.join();
        assertFalse(collections.isUnderWay());
        assertEquals(1, done.get());
        return collections.isEffective();
    }

    /** JDK 17 does so while a thread is in a critical section of native code. */
    @Test
    void aCollectionThatTheJvmLeavesOutIsAskedForAgain() throws Exception {
        assertTrue(isEffective(collections(3)));
        assertTrue(asked.get() >= 4, asked::toString);
    }

    @Test
    void oneThatNeverTakesPlaceIsGivenUp() throws Exception {
        assertFalse(isEffective(collections(Integer.MAX_VALUE)));
        assertEquals(40, asked.get());
    }
}
