package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.model.Clock;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.nio.ServerSocketStack;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LateWeavingTest {
    private static final String SERVER = "sun.nio.ch.ServerSocketChannelImpl";

    private final FakeClock clock = new FakeClock();
    private final RecordingLogger log = new RecordingLogger();
    private final List<String> woven = new ArrayList<>();
    private final StackGuard guard = new StackGuard(
            new ServerSocketStack(new ProcDescriptors(Clock.SYSTEM), null),
            true,
            new HookTrace(),
            () -> {},
            new DescriptorHeadroom(new ProcDescriptors(Clock.SYSTEM), Clock.SYSTEM, log),
            log);

    @Test
    void theClassesOfAStackThatMissedOneAreWovenASecondLater() throws Exception {
        var late = new LateWeaving(clock, List.of(guard), loaded(String.class, Class.forName(SERVER)));
        assertEquals(Long.MAX_VALUE, late.run());

        guard.missed();
        assertEquals(Duration.ofSeconds(1).toNanos(), late.run());
        assertEquals(List.of(), woven);
        clock.advance(Duration.ofSeconds(1));
        late.run();
        assertEquals(List.of(SERVER), woven);
        assertFalse(guard.hasMissed());
        assertEquals(Long.MAX_VALUE, late.run());
    }

    /** A JVM that stays short of memory must not spend its time on it. */
    @Test
    void whatIsMissedAgainIsWovenLaterAndLater() throws Exception {
        var late = new LateWeaving(clock, List.of(guard), loaded(Class.forName(SERVER)));
        long pause = 0;
        for (int i = 0; i < 10; i++) {
            guard.missed();
            long next = late.run();
            assertTrue(next >= pause && next <= Duration.ofMinutes(1).toNanos(), next + " after " + pause);
            pause = next;
            clock.advance(Duration.ofNanos(next));
            late.run();
        }
        assertEquals(Duration.ofMinutes(1).toNanos(), pause);
        assertEquals(10, woven.size());
    }

    private Instrumentation loaded(Class<?>... classes) {
        return (Instrumentation) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Instrumentation.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getAllLoadedClasses")) {
                        return classes;
                    }
                    for (Class<?> each : (Class<?>[]) arguments[0]) {
                        woven.add(each.getName());
                    }
                    return null;
                });
    }
}
