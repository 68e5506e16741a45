package io.socketreaper.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloserThreadsTest {
    private final FakeClock clock = new FakeClock();
    private final AtomicInteger threads = new AtomicInteger();
    private final List<StuckClaim> stuck = new ArrayList<>();
    private final CloserThreads closers = new CloserThreads(clock, task -> {
        threads.incrementAndGet();
        var thread = new Thread(task, "closer");
        thread.setDaemon(true);
        return thread;
    });

    @AfterEach
    void letGo() {
        stuck.forEach(claim -> claim.letGo.countDown());
    }

    @Test
    void nobodyIsThereWhileThereIsNothingToClose() {
        closers.relieve();

        assertEquals(0, threads.get());
    }

    @Test
    void oneThreadClosesOneAfterTheOther() {
        for (int i = 0; i < 100; i++) {
            var claim = new QuickClaim();
            closers.close(attempt(claim));
            claim.awaitClosed();
            closers.relieve();
        }

        assertEquals(1, threads.get());
    }

    @Test
    void aStuckCloseDelaysTheOthersNoLongerThanTheNextTick() {
        StuckClaim held = stuckClaim();
        var other = new QuickClaim();
        closers.close(attempt(other));
        closers.relieve();
        assertEquals(1, threads.get(), "it may just be slow");

        clock.advance(Duration.ofMillis(501));
        closers.relieve();

        other.awaitClosed();
        assertEquals(2, threads.get());
        assertEquals(1, held.closes.get());
    }

    @Test
    void everyStuckCloseGetsAThreadUpToThirtyTwo() {
        for (int i = 0; i < 31; i++) {
            stuckClaim();
            clock.advance(Duration.ofMillis(501));
            closers.relieve();
        }
        var other = new QuickClaim();
        closers.close(attempt(other));
        other.awaitClosed();
        assertEquals(32, threads.get());

        stuckClaim();
        clock.advance(Duration.ofMillis(501));
        closers.relieve();
        closers.close(attempt(new QuickClaim()));
        assertEquals(32, threads.get(), "and no further");
    }

    @Test
    void anotherAttemptOnAStuckSocketDoesNotGetStuckToo() {
        StuckClaim held = stuckClaim();
        clock.advance(Duration.ofMillis(501));
        closers.relieve();
        for (int i = 0; i < 10; i++) {
            closers.close(attempt(held));
        }
        var other = new QuickClaim();
        closers.close(attempt(other));
        other.awaitClosed();

        assertEquals(1, held.closes.get());
    }

    @Test
    void aCloseThatFailsKillsNobody() {
        closers.close(attempt(new QuickClaim() {
            @Override
            public void close() {
                super.close();
                throw new NoClassDefFoundError("of the application's own listener");
            }
        }));
        var other = new QuickClaim();
        closers.close(attempt(other));
        other.awaitClosed();

        assertEquals(1, threads.get());
    }

    @Test
    void theEndWaitsForTheCloseUnderWayAndNotLongerThanItMay() throws InterruptedException {
        StuckClaim held = stuckClaim();
        assertFalse(closers.end(1));
        held.letGo.countDown();
        assertTrue(closers.end(TimeUnit.MINUTES.toMillis(1)));
    }

    @Test
    void aCloseAfterTheEndIsMadeOnTheCallersThread() throws InterruptedException {
        assertTrue(closers.end(TimeUnit.MINUTES.toMillis(1)));
        var claim = new QuickClaim();
        closers.close(attempt(claim));

        assertEquals(1, claim.closes.get());
        assertEquals(0, threads.get());
    }

    private CloseAttempt attempt(Claim claim) {
        return new CloseAttempt(claim, Claim.AS_THE_JDK, clock);
    }

    private StuckClaim stuckClaim() {
        var claim = new StuckClaim();
        stuck.add(claim);
        closers.close(attempt(claim));
        await(claim.entered);
        return claim;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private abstract static class OnlyCloses implements Claim {
        final AtomicInteger closes = new AtomicInteger();

        @Override
        public SocketSnapshot snapshot() {
            return SocketSnapshot.gone();
        }

        @Override
        public int read(ByteBuffer discarded) throws IOException {
            throw new IOException("not here");
        }

        @Override
        public String owner() {
            return "nobody";
        }
    }

    private static class QuickClaim extends OnlyCloses {
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public void close() {
            closes.incrementAndGet();
            closed.countDown();
        }

        void awaitClosed() {
            await(closed);
        }
    }

    private static final class StuckClaim extends OnlyCloses {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch letGo = new CountDownLatch(1);

        @Override
        public void close() {
            closes.incrementAndGet();
            entered.countDown();
            await(letGo);
        }
    }
}
