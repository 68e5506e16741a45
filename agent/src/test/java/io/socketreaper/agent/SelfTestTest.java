package io.socketreaper.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.imaginary.World;
import io.socketreaper.socket.AsyncStack;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.JdkStack;
import io.socketreaper.socket.NioStack;
import io.socketreaper.socket.ProcDescriptors;
import io.socketreaper.socket.Selections;
import io.socketreaper.socket.SocketStack;
import io.socketreaper.weave.HookClass;
import io.socketreaper.weave.NioWeaving;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SocketReaperHook;

class SelfTestTest {
    private final ProcDescriptors descriptors = new ProcDescriptors(Clock.SYSTEM);
    private final Selections selections = new Selections(Clock.SYSTEM, null);
    private final Events events = new Events(new World("track=all").watch, new SocketStack(descriptors), selections, () -> { },
            Thread.currentThread());

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = SelfTestTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
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
        run(new NioSelfTest(events, true), new NioStack(descriptors, selections));
        run(new SocketSelfTest(events, true), new SocketStack(descriptors));
        run(new AsyncSelfTest(events, true, Reaper.daemons("test")), new AsyncStack(descriptors));
        assertEquals(told, SocketReaperHook.traffic);
    }

    /** Nothing is woven here, but it came to its end. */
    private static void run(SelfTest selfTest, JdkStack stack) throws Exception {
        stack.resolve();
        SelfTest.Result result = selfTest.run(stack);
        assertTrue(result.dead(), result::text);
    }

    /** On a busy machine an event may come on another thread than usual. */
    @Test
    void aStackIsNotTurnedOffForOneSelfTestThatMissedSomething() throws Exception {
        var results = new ArrayDeque<>(List.of(new SelfTest.Result(false, true, "missed read"), new SelfTest.Result(true, false, "")));
        var weaving = new NioWeaving(false);
        var guard = new StackGuard(weaving, new NioStack(descriptors, selections), stack -> results.poll(), "sockets", () -> { },
                new Headroom(descriptors, Clock.SYSTEM, new RecordingLogger()), new RecordingLogger());
        guard.woven(weaving, weaving.mainClass());
        guard.stack().resolve();
        guard.stack().provider().openSocketChannel().close();
        for (long pause = guard.prepare(); pause != StackGuard.NOTHING_TO_DO; pause = guard.prepare()) {
            LockSupport.parkNanos(pause);
        }
        assertEquals("watched", guard.stateName());
    }
}
