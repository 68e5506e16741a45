package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.Clock;
import io.socketreaper.runtime.HookEvents;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.async.AsyncHookProbe;
import io.socketreaper.stack.async.AsyncStack;
import io.socketreaper.stack.classic.ClassicHookProbe;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.nio.NioHookProbe;
import io.socketreaper.stack.nio.NioStack;
import io.socketreaper.thread.DaemonThreads;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SocketReaperHook;

class HookProbeTest {
    private final ProcDescriptors descriptors = new ProcDescriptors(Clock.SYSTEM);
    private final Selections selections = new Selections(Clock.SYSTEM, null);
    private final HookEvents events = new HookEvents(
            new World("track=all").events,
            new ClassicSocketStack(descriptors),
            selections,
            () -> {},
            Thread.currentThread());

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = HookProbeTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    @AfterEach
    void nobodyIsObserved() {
        SocketReaperHook.traffic = false;
    }

    /** A socket of another stack may be about to be judged by its reads and writes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsAndWritesAreToldAfterASelfTestAsTheyWereBefore(boolean told) throws Exception {
        SocketReaperHook.traffic = told;
        run(new NioHookProbe(events.probed(), true), new NioStack(descriptors, selections));
        run(new ClassicHookProbe(events.probed(), true), new ClassicSocketStack(descriptors));
        run(new AsyncHookProbe(events.probed(), true, new DaemonThreads("test")), new AsyncStack(descriptors, null));
        assertEquals(told, SocketReaperHook.traffic);
    }

    /** Nothing is woven here, but it came to its end. */
    private static void run(HookProbe selfTest, SocketStack stack) throws Exception {
        stack.resolve();
        HookProbe.Result result = selfTest.run(stack);
        assertTrue(result.dead(), result::text);
    }

    /** On a busy machine an event may come on another thread than usual. */
    @Test
    void aStackIsNotTurnedOffForOneSelfTestThatMissedSomething() throws Exception {
        var results = new ArrayDeque<>(
                List.of(new HookProbe.Result(false, true, "missed read"), new HookProbe.Result(true, false, "")));
        var guard = new StackGuard(
                new NioStack(descriptors, selections),
                false,
                stack -> results.poll(),
                () -> {},
                new DescriptorHeadroom(descriptors, Clock.SYSTEM, new RecordingLogger()),
                new RecordingLogger());
        guard.woven(guard.weaving().find(null, "sun/nio/ch/SocketChannelImpl"));
        guard.stack().resolve();
        guard.stack().provider().openSocketChannel().close();
        for (long pause = guard.prepare(); pause != StackGuard.NOTHING_TO_DO; pause = guard.prepare()) {
            LockSupport.parkNanos(pause);
        }
        assertEquals("watched", guard.stateName());
    }
}
