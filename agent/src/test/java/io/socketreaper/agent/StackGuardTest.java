package io.socketreaper.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.ProcDescriptors;
import io.socketreaper.socket.ServerStack;
import io.socketreaper.weave.ServerWeaving;
import io.socketreaper.weave.UnknownInternalsException;
import org.junit.jupiter.api.Test;

class StackGuardTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ServerWeaving weaving = new ServerWeaving(true);
    private final StackGuard guard = new StackGuard(weaving, new ServerStack(new ProcDescriptors(Clock.SYSTEM), null), null,
            "all sockets", () -> { }, log);

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
}
