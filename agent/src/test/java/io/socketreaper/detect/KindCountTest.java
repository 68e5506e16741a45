package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.DescriptorInventory;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.descriptor.DescriptorUse;
import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.DescriptorKind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KindCountTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeClock clock = new FakeClock();
    private final Sockets sockets = new Sockets();
    private int pauses;

    private final KindCount count = new KindCount(clock, sockets, new World("").detector) {
        @Override
        void pause(long nanos) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            pauses++;
            clock.advance(Duration.ofNanos(nanos));
            sockets.meanwhile.run();
        }
    };

    /** Unwatched sockets. */
    private static final class Sockets implements DescriptorUse {
        private final Map<Long, DescriptorKind> unwatched = new HashMap<>();
        private Runnable meanwhile = () -> {};

        @Override
        public int open() {
            return unwatched.size();
        }

        @Override
        public long limit() {
            return 1000;
        }

        @Override
        public DescriptorInventory inventory(Set<Long> knownInodes) {
            var counts = new int[DescriptorKind.values().length];
            unwatched.values().forEach(kind -> counts[kind.ordinal()]++);
            return new DescriptorInventory(
                    new DescriptorCensus(0, open(), limit(), Set.of()),
                    DescriptorKinds.of(counts),
                    Map.copyOf(unwatched));
        }
    }

    /** Each closed channel of a busy server waits for the next selection. */
    @Test
    void aServerThatClosesAnotherChannelAtEachLookHasNoUnwatchedSocket() {
        for (long inode = 1; inode <= 20; inode++) {
            sockets.unwatched.clear();
            sockets.unwatched.put(inode, DescriptorKind.UNTRACKED);
            assertEquals(0, count.kinds().count(DescriptorKind.UNTRACKED));
            clock.advance(SECOND);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UNTRACKED", "UNWATCHED_CLOSE_WAIT", "UNWATCHED_FIN_WAIT"})
    void aSocketThatTwoLooksHaveSeenIsUnwatched(DescriptorKind kind) {
        sockets.unwatched.put(7L, kind);
        assertEquals(0, count.kinds().count(kind));
        clock.advance(SECOND.dividedBy(2));
        assertEquals(0, count.kinds().count(kind));
        clock.advance(SECOND);
        sockets.unwatched.put(8L, kind);
        assertEquals(1, count.kinds().count(kind));
        clock.advance(SECOND);
        assertEquals(2, count.kinds().count(kind));
        sockets.unwatched.remove(7L);
        clock.advance(SECOND);
        assertEquals(1, count.kinds().count(kind));
    }

    @Test
    void aSocketThatHasAnotherStateNowIsLookedAtOnceMore() {
        sockets.unwatched.put(7L, DescriptorKind.UNTRACKED);
        count.kinds();
        clock.advance(SECOND);
        sockets.unwatched.put(7L, DescriptorKind.UNWATCHED_CLOSE_WAIT);
        assertEquals(0, count.kinds().count(DescriptorKind.UNWATCHED_CLOSE_WAIT));
    }

    @Test
    void aSettledAnswerWaitsForTheSecondLook() {
        sockets.unwatched.put(7L, DescriptorKind.UNTRACKED);
        sockets.unwatched.put(8L, DescriptorKind.UNTRACKED);
        sockets.meanwhile = () -> sockets.unwatched.remove(8L);

        assertEquals(1, count.settled().count(DescriptorKind.UNTRACKED));
        assertEquals(1, count.settled().count(DescriptorKind.UNTRACKED));
        assertEquals(1, pauses);
    }

    @Test
    void withoutAnUnwatchedSocketItDoesNotWait() {
        assertEquals(0, count.settled().count(DescriptorKind.UNTRACKED));
        assertEquals(0, pauses);
    }

    @Test
    void anInterruptEndsTheWait() {
        sockets.unwatched.put(7L, DescriptorKind.UNTRACKED);
        Thread.currentThread().interrupt();

        assertEquals(0, count.settled().count(DescriptorKind.UNTRACKED));
        assertTrue(Thread.interrupted());
    }
}
