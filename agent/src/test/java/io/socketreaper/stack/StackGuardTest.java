package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.DescriptorInventory;
import io.socketreaper.descriptor.DescriptorUse;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.model.Clock;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.netty.NettyStack;
import io.socketreaper.stack.nio.NioStack;
import io.socketreaper.stack.nio.ServerSocketStack;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class StackGuardTest {
    private final RecordingLogger log = new RecordingLogger();
    private final StackGuard guard = new StackGuard(
            new ServerSocketStack(new ProcDescriptors(Clock.SYSTEM), null),
            true,
            new HookTrace(),
            () -> {},
            new DescriptorHeadroom(new ProcDescriptors(Clock.SYSTEM), Clock.SYSTEM, log),
            log);

    /** Two applications of one JVM may each bring a Netty of their own. */
    @Test
    void whatAStackCanDoWithoutIsSaidOnceAndTurnsNothingOff() throws Exception {
        for (int i = 0; i < 2; i++) {
            guard.lacking(
                    "something",
                    new UnknownInternalsException("of sun.nio.ch.Net only 1 of 2 known members were found"));
            assertEquals(StackGuard.NOTHING_TO_DO, guard.prepare());
        }
        assertEquals("waiting", guard.stateName());
        assertEquals(1, log.lines().size(), log.lines()::toString);
    }

    @Test
    void aRefusalTurnsTheStackOffAndIsSaidOnce() throws Exception {
        for (int i = 0; i < 2; i++) {
            guard.refused(new UnknownInternalsException("unknown"));
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
        var few = new StackGuard(
                channels,
                true,
                stack -> {
                    tests.incrementAndGet();
                    return new HookProbe.Result(true, false, "");
                },
                () -> {},
                new DescriptorHeadroom(descriptors, Clock.SYSTEM, log),
                log);
        SocketChannel.open().close();
        few.woven(few.weaving().find(null, "sun/nio/ch/SocketChannelImpl"));

        for (descriptors.free = 0; descriptors.free < DescriptorHeadroom.NEEDED; descriptors.free++) {
            long pause = few.prepare();
            assertTrue(pause > 0 && pause < 1_000_000_000, () -> "asked again after " + pause + " ns");
        }
        assertEquals(0, tests.get());
        assertEquals("waiting", few.stateName());
        assertEquals("fewer than 16 descriptors are free", few.why());
        assertEquals(1, log.lines().size(), log.lines()::toString);
        assertTrue(
                log.lines()
                        .get(0)
                        .startsWith(
                                "WARN the self-test of SocketChannel waits until 16 descriptors are free, now 0 are"),
                log.lines()::toString);

        while (few.prepare() != StackGuard.NOTHING_TO_DO) {
            LockSupport.parkNanos(10_000_000);
        }
        assertEquals("watched", few.stateName());
        assertEquals("", few.why());
        assertEquals(1, tests.get());
    }

    /** Its test would need an event loop of the application's own Netty. */
    @Test
    void aStackWithoutASelfTestIsWatchedOnceAClassOfItIsWoven() throws Exception {
        var netty = new StackGuard(
                new NettyStack(new ProcDescriptors(Clock.SYSTEM)),
                false,
                new HookTrace(),
                () -> {},
                new DescriptorHeadroom(new ProcDescriptors(Clock.SYSTEM), Clock.SYSTEM, log),
                log);
        netty.prepare();
        assertEquals("waiting", netty.stateName());

        netty.woven(netty.weaving().find(getClass().getClassLoader(), "io/netty/channel/epoll/AbstractEpollChannel"));
        while (netty.prepare() != StackGuard.NOTHING_TO_DO) {
            LockSupport.parkNanos(10_000_000);
        }
        assertEquals("watched", netty.stateName());
        assertEquals(List.of("INFO woven: half-closed sockets of Netty's native transports are watched"), log.lines());
    }

    /** {@code track=all} comes while the stack is watched. */
    @Test
    void aStackThatIsWatchedIsTestedAgainOnceItIsWovenForAllSockets() throws Exception {
        var channels = new NioStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, null));
        var watched = new StackGuard(
                channels,
                false,
                stack -> new HookProbe.Result(true, false, ""),
                () -> {},
                new DescriptorHeadroom(new ProcDescriptors(Clock.SYSTEM), Clock.SYSTEM, log),
                log);
        SocketChannel.open().close();
        watched.woven(watched.weaving().find(null, "sun/nio/ch/SocketChannelImpl"));
        prepare(watched);
        assertEquals(List.of("INFO self-test passed: half-closed sockets of SocketChannel are watched"), log.lines());

        watched.watchAll(stack -> new HookProbe.Result(false, true, "the hook received no event for open"));
        assertTrue(watched.weaving().weaves(null, "sun/nio/ch/FileChannelImpl"));
        long pause = watched.prepare();
        assertTrue(pause > 0 && pause < StackGuard.NOTHING_TO_DO, () -> pause + " ns");
        assertEquals(1, log.lines().size(), log.lines()::toString);
        watched.wovenAnew();
        prepare(watched);
        assertEquals(2, log.lines().size(), log.lines()::toString);
        assertTrue(
                log.lines()
                        .get(1)
                        .startsWith(
                                "ERROR the self-test of SocketChannel for track=all half-closed a socket and the hook received"
                                        + " no event for open"),
                log.lines()::toString);
        assertTrue(watched.isWatched());
        prepare(watched);
        assertEquals(2, log.lines().size(), log.lines()::toString);
    }

    /** Its self-test would hear nothing, and switch it off. */
    @Test
    void aStackOfWhichAClassWasMissedWaitsUntilItIsWoven() throws Exception {
        var channels = new NioStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, null));
        var late = new StackGuard(
                channels,
                false,
                stack -> new HookProbe.Result(true, false, ""),
                () -> {},
                new DescriptorHeadroom(new ProcDescriptors(Clock.SYSTEM), Clock.SYSTEM, log),
                log);
        SocketChannel.open().close();
        late.woven(late.weaving().find(null, "sun/nio/ch/SocketChannelImpl"));
        late.missed();
        for (int i = 0; i < 20; i++) {
            long pause = late.prepare();
            assertTrue(pause > 0 && pause < 1_000_000_000, () -> "asked again after " + pause + " ns");
            LockSupport.parkNanos(10_000_000);
        }
        assertEquals("waiting", late.stateName());
        assertTrue(late.hasMissed());

        late.weavesMissed();
        prepare(late);
        assertEquals("watched", late.stateName());
    }

    private static void prepare(StackGuard guard) throws Exception {
        long end = System.nanoTime() + 30_000_000_000L;
        while (guard.prepare() != StackGuard.NOTHING_TO_DO) {
            assertTrue(System.nanoTime() - end < 0, "not prepared");
            LockSupport.parkNanos(10_000_000);
        }
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
        public DescriptorInventory inventory(Set<Long> knownInodes) {
            throw new AssertionError("not asked for");
        }
    }
}
