package io.socketreaper.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An owner whose close hangs in a lock of the application. */
@Timeout(30)
class StuckCloseTest {
    private final CountDownLatch applicationsLock = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch closedBelow = new CountDownLatch(1);
    private final AtomicInteger closes = new AtomicInteger();

    private final Claim claim = new Claim() {
        @Override
        public SocketSnapshot snapshot() {
            return SocketSnapshot.gone();
        }

        @Override
        public int read(ByteBuffer discarded) {
            return CLOSED_MEANWHILE;
        }

        @Override
        public String owner() {
            return "stuck";
        }

        @Override
        public void close() throws IOException {
            closes.incrementAndGet();
            begun.countDown();
            try {
                applicationsLock.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void closeBelow() {
            closedBelow.countDown();
        }
    };

    @Test
    void theNextAttemptClosesWhatLiesBelowOnAnotherThread() throws Exception {
        var closers = new CloserThreads(Clock.SYSTEM, Thread::new);
        closers.close(new CloseAttempt(claim, Claim.AS_THE_JDK, Clock.SYSTEM));
        begun.await();
        closers.close(new CloseAttempt(claim, Claim.AS_THE_JDK, Clock.SYSTEM));
        do {
            closers.relieve();
        } while (!closedBelow.await(50, TimeUnit.MILLISECONDS));
        assertEquals(1, closes.get());
        assertTrue(applicationsLock.getCount() > 0, "the first attempt still hangs");
        applicationsLock.countDown();
    }
}
