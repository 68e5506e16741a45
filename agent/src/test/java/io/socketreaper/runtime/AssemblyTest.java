package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.imaginary.World;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.counted.CountedStack;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AssemblyTest {
    private final RecordingLogger log = new RecordingLogger();
    private final Assembly parts = Assembly.of(World.settings("action=log"), false, log);

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = AssemblyTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    /** A self-test that comes before the classes are woven hears of nothing, and switches the stack off for good. */
    @Test
    void whatTrackAllAddsIsNotTestedBeforeTheClassesAreWovenAnew() throws Exception {
        Selector.open().close();
        DatagramChannel.open().close();
        parts.watchAll(log);
        await("descriptors are free", () -> parts.headroom().isThereFor("the test"));

        StackGuard selectors = used("Selector", "sun/nio/ch/EPollSelectorImpl");
        StackGuard datagrams = used("DatagramChannel", "sun/nio/ch/DatagramChannelImpl");
        for (StackGuard guard : List.of(selectors, datagrams)) {
            long pause = guard.prepare();
            assertTrue(pause > 0 && pause < 1_000_000_000, () -> "asked again after " + pause + " ns");
            assertEquals("waiting", guard.stateName());
        }
        assertEquals(List.of(), log.lines());

        selectors.wovenAnew();
        await("it was tested", () -> {
            selectors.prepare();
            return !log.lines().isEmpty();
        });
        assertEquals("waiting", datagrams.stateName());
    }

    private static void await(String what, Callable<Boolean> until) throws Exception {
        long end = System.nanoTime() + 30_000_000_000L;
        while (!until.call()) {
            assertTrue(System.nanoTime() - end < 0, what);
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** The guard of what is only counted, of which a class was loaded. */
    private StackGuard used(String name, String loaded) {
        for (StackGuard guard : parts.guards()) {
            if (guard.stack() instanceof CountedStack && guard.stack().name().equals(name)) {
                guard.woven(guard.weaving().find(null, loaded));
                return guard;
            }
        }
        throw new AssertionError("no " + name);
    }
}
