package io.socketreaper.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.DescriptorUse;
import io.socketreaper.socket.Inventory;
import io.socketreaper.socket.NioStack;
import io.socketreaper.socket.ProcDescriptors;
import io.socketreaper.socket.Selections;
import io.socketreaper.socket.ServerStack;
import io.socketreaper.weave.ServerWeaving;
import io.socketreaper.weave.UnknownInternalsException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class StackGuardTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ServerWeaving weaving = new ServerWeaving(true);
    private final StackGuard guard = new StackGuard(weaving, new ServerStack(new ProcDescriptors(Clock.SYSTEM), null), null,
            "all sockets", () -> { }, new Headroom(new ProcDescriptors(Clock.SYSTEM), Clock.SYSTEM, log), log);

    /** Two applications of one JVM may each bring a Netty of their own. */
    @Test
    void whatAStackCanDoWithoutIsSaidOnceAndTurnsNothingOff() throws Exception {
        for (int i = 0; i < 2; i++) {
            guard.lacking(weaving, new UnknownInternalsException("of sun.nio.ch.Net only 1 of 2 known members were found"));
            assertEquals(StackGuard.NOTHING_TO_DO, guard.prepare());
        }
        assertEquals("waiting", guard.stateName());
        assertEquals(1, log.lines().size(), log.lines()::toString);
    }

    @Test
    void aRefusalTurnsTheStackOffAndIsSaidOnce() throws Exception {
        for (int i = 0; i < 2; i++) {
            guard.refused(weaving, new UnknownInternalsException("unknown"));
            guard.prepare();
        }
        assertEquals("off", guard.stateName());
        assertEquals(1, log.lines().size(), log.lines()::toString);
    }

    /** Looking up and testing initialises classes of the JDK, of which some would stay broken until the JVM ends. */
    @Test
    void nothingIsLookedUpOrTestedWhileFewDescriptorsAreFree() throws Exception {
        var descriptors = new FewDescriptors();
        var tests = new AtomicInteger();
        var channels = new NioStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, null));
        var few = new StackGuard(weaving, channels, stack -> {
            tests.incrementAndGet();
            return new SelfTest.Result(true, false, "");
        }, "all sockets", () -> { }, new Headroom(descriptors, Clock.SYSTEM, log), log);
        SocketChannel.open().close();
        few.woven(weaving, weaving.mainClass());

        for (descriptors.free = 0; descriptors.free < Headroom.NEEDED; descriptors.free++) {
            long pause = few.prepare();
            assertTrue(pause > 0 && pause < 1_000_000_000, () -> "asked again after " + pause + " ns");
        }
        assertEquals(0, tests.get());
        assertEquals("waiting", few.stateName());
        assertEquals("fewer than 16 descriptors are free", few.why());
        assertEquals(1, log.lines().size(), log.lines()::toString);
        assertTrue(log.lines().get(0).startsWith("WARN the self-test of SocketChannel waits until 16 descriptors are free, now 0 are"),
                log.lines()::toString);

        while (few.prepare() != StackGuard.NOTHING_TO_DO) {
            LockSupport.parkNanos(10_000_000);
        }
        assertEquals("watched", few.stateName());
        assertEquals("", few.why());
        assertEquals(1, tests.get());
    }

    private static final class FewDescriptors implements DescriptorUse {
        private int free;

        @Override
        public int open() {
            return 100 - free;
        }

        @Override
        public long limit() {
            return 100;
        }

        @Override
        public Inventory inventory(Set<Long> knownInodes) {
            throw new AssertionError("not asked for");
        }
    }
}
